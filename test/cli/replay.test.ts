import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FieldCase } from '../../src/case/format.js';
import { completion, openaiError } from '../support/openai-replies.js';
import { chatdebug, failingCase, recordedRun, scratchFolder, startChatdebug } from './support.js';

const files = scratchFolder();
afterAll(files.remove);

const OVERSIZED = 60_000;
const node = (program: string): readonly string[] => ['--', process.execPath, '-e', program];
const file = (change: Partial<FieldCase> = {}): string => files.write('case.json', failingCase(change));

describe('with a command', () => {
  test('sets base URL variables and keys, replays the response and returns the exit code', async () => {
    const program = `
      const { OPENAI_BASE_URL, ANTHROPIC_BASE_URL, GOOGLE_GEMINI_BASE_URL, AZURE_OPENAI_ENDPOINT, OPENAI_API_KEY, ANTHROPIC_API_KEY, no_proxy } = process.env;
      fetch(OPENAI_BASE_URL + '/chat/completions', { method: 'POST', body: '{}' }).then(async (response) => {
        console.log(JSON.stringify({ bases: [ANTHROPIC_BASE_URL, GOOGLE_GEMINI_BASE_URL, AZURE_OPENAI_ENDPOINT].map((url) => OPENAI_BASE_URL === url + '/v1'),
          keys: [OPENAI_API_KEY, ANTHROPIC_API_KEY], no_proxy, status: response.status, body: await response.json() }));
        process.exitCode = 7;
      });`;
    const env = { ANTHROPIC_API_KEY: 'my own' };
    const { code, stdout, stderr } = await chatdebug(['replay', file(), ...node(program)], { env });
    expect([code, JSON.parse(stdout)]).toEqual([
      7,
      {
        bases: [true, true, true],
        keys: ['replay', 'my own'],
        no_proxy: '127.0.0.1',
        status: 500,
        body: { error: expect.objectContaining({ message: 'No luck today.' }) },
      },
    ]);
    expect(stderr).toBe('POST /v1/chat/completions  attempt 1: 500, clean\n');
  });

  test('omits OPENAI_BASE_URL for a case of Azure, whose client rejects both', async () => {
    const program = 'console.log(process.env.OPENAI_BASE_URL, process.env.AZURE_OPENAI_ENDPOINT)';
    const { stdout } = await chatdebug(['replay', file({ provider: 'azure.ai.openai' }), ...node(program)]);
    expect(stdout).toMatch(/^undefined http:\/\/127\.0\.0\.1:\d+\n$/);
  });

  test('a missing command exits with 127, one that is not executable with 126', async () => {
    const gone = await chatdebug(['replay', file(), '--', 'no-such-command']);
    expect([gone.code, gone.stderr]).toEqual([127, 'Command not found: no-such-command\n']);
    const folder = await chatdebug(['replay', file(), '--', files.folder]);
    expect([folder.code, folder.stderr]).toEqual([126, `Cannot run ${files.folder}: EACCES\n`]);
  });

  test.each([
    ['cut', 'UND_ERR_SOCKET'],
    ['reset', 'ECONNRESET'],
  ] as const)('its client sees that the connection was %s during the response', async (end, errorCode) => {
    const path = file({ response: { status: 200, headers: {}, chunks: ['data: {"half'], end } });
    const program = `
      fetch(process.env.OPENAI_BASE_URL, { method: 'POST' }).then((response) => response.text())
        .catch(({ cause }) => console.log(cause.code));`;
    expect((await chatdebug(['replay', path, ...node(program)])).stdout).toBe(`${errorCode}\n`);
  });

  test('Ctrl-C during a response ends both', async () => {
    const path = file({ response: { status: 200, headers: {}, chunks: ['data: 1\n\n'], end: 'hang' } });
    const program = `
      fetch(process.env.OPENAI_BASE_URL, { method: 'POST' }).then(async ({ body }) => {
        for await (const piece of body) console.log('began as ' + process.pid);
      }).catch(() => {});`;
    const child = startChatdebug(['replay', path, ...node(program)]);
    const pid = Number((await child.line('began')).split(' ').at(-1));
    child.kill('SIGINT');
    expect(await child.ended).toMatchObject({ code: 130, signal: null });
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  });
});

describe('without a command', () => {
  test('responds at the port until Ctrl-C, attempt by attempt, then again', async () => {
    const path = file({
      next: [{ response: { status: 200, headers: {}, chunks: ['well'], end: 'clean' } }],
      expect: { status: 'completed' },
    });
    const child = startChatdebug(['replay', path]);
    const url = /http:\S+/.exec(await child.line('Replaying'))?.[0] ?? '';
    const post = async () => (await fetch(`${url}/v1/chat/completions`, { method: 'POST' })).status;
    expect([await post(), await post(), await post()]).toEqual([500, 200, 500]);
    expect((await fetch(`${url}/v1/models`)).status).toBe(404);
    child.kill('SIGINT');
    const { code, stderr } = await child.ended;
    expect(code).toBe(0);
    expect(stderr).toContain('GET /v1/models  not in the case: 404');
  });

  test('names a port in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const refused: Partial<FieldCase> = { response: { end: 'refused' } };
    const ended = [
      await chatdebug(['replay', file(), '--port', String(port)]),
      await chatdebug(['replay', file(refused), '--port', String(port)]),
    ];
    other.close();
    const message = `Port ${port} is in use: set another --port, or omit it for a free one\n`;
    expect(ended.map(({ code, stderr }) => [code, stderr])).toEqual([
      [1, message],
      [1, message],
    ]);
  });
});

describe('--check', () => {
  test('exits with 0 if everything is recorded as expected', async () => {
    const path = file();
    const { code, stdout, stderr } = await chatdebug(['replay', path, '--check']);
    expect([code, stdout, stderr]).toEqual([
      0,
      `${path}: recorded as expected: error (generic): 500 failed\n`,
      '',
    ]);
  });

  test("works regardless of the environment's variables", async () => {
    const env = {
      NODE_OPTIONS: '--import opentelemetry-instrumentation-chatdebug/register',
      CHATDEBUG_CAPTURE: 'off',
      OTEL_SDK_DISABLED: 'true',
    };
    expect((await chatdebug(['replay', file(), '--check'], { env })).code).toBe(0);
    const started = { NODE_OPTIONS: '--import opentelemetry-instrumentation-chatdebug/register' };
    expect((await chatdebug(['replay', file(), '--check'], { env: started })).code).toBe(0);
  });

  test('a response that stalled until its client aborted', async () => {
    const silent: Partial<FieldCase> = {
      response: {
        status: 200,
        headers: { 'content-type': 'text/event-stream' },
        chunks: ['data: {}\n\n'],
        end: 'hang',
      },
      expect: {
        kind: 'stream_silence_timeout',
        attempts: [{ statusCode: 200, status: 'failed', errorType: 'StreamSilenceError' }],
      },
    };
    expect(await chatdebug(['replay', file(silent), '--check'])).toMatchObject({ code: 0, stderr: '' });
  });

  test('exits with 1 and prints the difference', async () => {
    const expectation = {
      status: 'error',
      kind: 'rate_limit',
      attempts: [{ statusCode: 500, status: 'failed' }, { status: 'failed' }],
    };
    const { code, stdout, stderr } = await chatdebug(['replay', file({ expect: expectation }), '--check']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      [
        'The replay was not recorded as expected:',
        '  kind      expected rate_limit',
        '            recorded generic',
        '  attempts  expected 500 failed, no response failed',
        '            recorded 500 failed',
        '',
      ].join('\n'),
    );
  });

  test('a request that must not be recorded is not recorded', async () => {
    const request = { method: 'POST', path: '/elsewhere', headers: {} };
    const left = await chatdebug(['replay', file({ request, expect: { seen: false } }), '--check']);
    expect([left.code, left.stderr]).toEqual([0, '']);
    const recorded = await chatdebug(['replay', file({ expect: { seen: false } }), '--check']);
    expect([recorded.code, recorded.stderr]).toEqual([1, expect.stringContaining('expected nothing')]);
  });
});

test('a body cut at the bound: the replay reports where, and ends it as recorded', async () => {
  const { bodies } = await recordedRun([completion('x'.repeat(OVERSIZED))]);
  const traces = files.write('long.jsonl', bodies.join('\n'));
  const path = `${files.folder}/long.json`;
  const note =
    /^Attempt 1: only the first 50000 of 60\d{3} bytes of the response were recorded \(maxBodyBytes\); the replay ends there\.$/m;
  expect((await chatdebug(['case', traces, '-o', path])).stderr).toMatch(note);
  const program = `
    fetch(process.env.OPENAI_BASE_URL + '/chat/completions', { method: 'POST' }).then(async (response) => {
      const { length } = await response.text();
      console.log(response.status, length, response.headers.get('content-length'));
    });`;
  const { stdout, stderr } = await chatdebug(['replay', path, ...node(program)]);
  expect(stderr).toMatch(note);
  expect(stdout).toBe('200 50000 50000\n');
});

test('reports a step whose recording dropped attempts', async () => {
  const { bodies } = await recordedRun([openaiError(500, null, 'server_error', 'No.')]);
  const left = JSON.stringify(JSON.parse(bodies[0] ?? '')).replace(
    '{"key":"chatdebug.step.number"',
    '{"key":"chatdebug.step.attempts_left_out","value":{"intValue":3}},{"key":"chatdebug.step.number"',
  );
  const { stderr } = await chatdebug(['case', files.write('left.json', left)]);
  expect(stderr).toBe('3 attempts in the middle were not recorded (maxAttempts). The replay omits them.\n');
});

test.each<[string, () => string[], number, string | RegExp]>([
  ['no case', () => [], 2, 'Expected one case, and a command only after --'],
  ['a file that is not there', () => ['gone.json'], 1, 'Cannot read the case gone.json: ENOENT'],
  [
    'a newer version',
    () => [files.write('new.json', { ...failingCase(), version: 2 })],
    1,
    /^Invalid case \S+new\.json: version 2, expected at most 1\. Update this package/,
  ],
  [
    'a file that is cut off',
    () => [files.write('cut.json', JSON.stringify(failingCase()).slice(0, 200))],
    1,
    /^Invalid JSON in \S+cut\.json: unexpected end$/,
  ],
  [
    'a file of something else',
    () => [files.write('other.json', { spans: [] })],
    1,
    /^Invalid case \S+other\.json: id is missing/,
  ],
  [
    'an invalid end',
    () => [files.write('end.json', failingCase({ response: { end: 'abrupt' as 'cut' } }))],
    1,
    /^Invalid case \S+end\.json: response\.end: expected one of clean, cut, reset, hang, refused/,
  ],
  [
    'an invalid status',
    () => [files.write('status.json', failingCase({ response: { status: 42, end: 'clean' } }))],
    1,
    /response\.status: expected at least 200/,
  ],
  [
    'an invalid port',
    () => ['x', '--port', '70000'],
    2,
    'Invalid --port "70000": expected a number from 0 to 65535',
  ],
  [
    'an invalid speed',
    () => ['x', '--speed', '0'],
    2,
    'Invalid --speed "0": expected a number above 0, or max',
  ],
  ['no command after --', () => ['x', '--'], 2, 'Expected a command after --'],
  [
    'a command for a check',
    () => ['x', '--check', '--', 'ls'],
    2,
    '--check sends the requests itself: expected no command',
  ],
])('%s', async (_, args, code, message) => {
  const ended = await chatdebug(['replay', ...args()]);
  expect([ended.code, ended.stdout]).toEqual([code, '']);
  expect(ended.stderr.split('\n')[0]).toMatch(message);
});
