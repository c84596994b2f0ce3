import type { FieldCase } from '../../src/case/format.js';
import { FLAWED, REFUSALS } from '../minimise/flawed-requests.js';
import { type Reply, type ScriptedProvider, startProvider } from '../support/provider.js';
import { chatdebug, failingCase, scratchFolder, startChatdebug } from './support.js';

const KEY = 'sk-nobodys-key-000000000000000000';

const files = scratchFolder();
let provider: ScriptedProvider;
beforeEach(async () => {
  provider = await startProvider();
});
afterEach(() => provider.close());
afterAll(files.remove);

const [flawed] = FLAWED;
const refused: Partial<FieldCase> = {
  request: {
    method: 'POST',
    path: '/v1/chat/completions',
    headers: {
      'content-type': 'application/json',
      authorization: '[REDACTED]',
      'x-own': 'mine',
      cookie: 'c=1',
    },
    body: flawed?.body,
  },
  response: { status: 400, headers: {}, chunks: [], end: 'clean' },
  expect: { kind: 'generic', status: 'error' },
};
const file = (change: Partial<FieldCase> = {}): string =>
  files.write('case.json', failingCase({ ...refused, ...change }));

function refusal(body: Buffer): Reply {
  const message = REFUSALS.openai(JSON.parse(String(body)));
  if (message === undefined) return { type: 'json', body: {} };
  return {
    type: 'json',
    status: 400,
    body: { error: { message, type: 'invalid_request_error', code: null } },
  };
}

const minimise = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  chatdebug(['minimise', ...args], { env });

test("prints the smallest request, sends the provider's key and never prints it", async () => {
  provider.route(({ body }) => refusal(body));
  const { code, stdout, stderr } = await minimise([file(), '--against', `${provider.url}/v1`], {
    OPENAI_API_KEY: KEY,
  });
  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    { model: 'gpt-4o-mini', messages: [{ role: 'tool', content: 'x' }] },
  ]);
  expect(stderr).toContain(
    "400 invalid_request_error (generic): Invalid parameter: messages with role 'tool' must be",
  );
  expect(stderr).toContain(`1 of 81 messages, `);
  expect(stderr).toContain(`remain after ${provider.requests.length} requests.`);
  expect(stdout + stderr).not.toContain(KEY);
  const [first] = provider.requests;
  expect(first?.path).toBe('/v1/chat/completions');
  expect(first?.headers).toMatchObject({ authorization: `Bearer ${KEY}`, 'x-own': 'mine' });
  expect(first?.headers.cookie).toBeUndefined();
});

test('uses the key of another provider or of a named variable', async () => {
  provider.route(({ body }) => refusal(body));
  const claude = file({ provider: 'anthropic' });
  await minimise([claude, '--against', provider.url], { ANTHROPIC_API_KEY: KEY, OPENAI_API_KEY: 'other' });
  expect(provider.requests[0]?.headers).toMatchObject({ 'x-api-key': KEY });
  expect(provider.requests[0]?.headers.authorization).toBeUndefined();
  const before = provider.requests.length;
  await minimise([file(), '--against', provider.url, '--key-from', 'MINE'], {
    MINE: KEY,
    OPENAI_API_KEY: 'other',
  });
  expect(provider.requests[before]?.headers.authorization).toBe(`Bearer ${KEY}`);
});

describe('more than 50 requests', () => {
  // Each message is needed, so nothing can be removed.
  const needsAll = (): void =>
    provider.route(({ body }) => {
      const { messages = [] } = JSON.parse(String(body)) as { messages?: unknown[] };
      const message =
        messages.length === 81 ? 'All of them.' : `Only ${'x'.repeat(messages.length)} of them.`;
      return {
        type: 'json',
        status: 400,
        body: { error: { message, type: 'invalid_request_error', code: null } },
      };
    });

  test('are not sent without consent: the result so far is printed', async () => {
    needsAll();
    const { code, stdout, stderr } = await minimise([file(), '--against', provider.url]);
    expect([code, provider.requests.length]).toEqual([0, 50]);
    expect(stderr).toContain(
      'Stopped after 50 requests: a smaller request may exist. To search further, run with --yes.',
    );
    expect(JSON.parse(stdout).messages).toHaveLength(81);
  });

  test('are sent with --yes', async () => {
    needsAll();
    const { code } = await minimise([file(), '--against', provider.url, '--yes']);
    expect([code, provider.requests.length > 50]).toEqual([0, true]);
  });
});

test('Ctrl-C prints the smallest request so far', async () => {
  const child = startChatdebug(['minimise', file(), '--against', provider.url]);
  let requests = 0;
  provider.route(({ body }) => {
    requests += 1;
    if (requests < 6) return refusal(body);
    child.kill('SIGINT');
    return { type: 'hang', when: 'before-headers' };
  });
  const { code, stdout, stderr } = await child.ended;
  expect(code).toBe(130);
  expect(stderr).toContain('Interrupted after 6 requests: a smaller request may exist.');
  expect(JSON.parse(stdout).messages.length).toBeLessThan(81);
});

test('prints a result that cannot be written to its file', async () => {
  provider.route(({ body }) => refusal(body));
  const gone = `${files.folder}/gone/smallest.json`;
  const { code, stdout, stderr } = await minimise([file(), '--against', provider.url, '-o', gone]);
  expect([code, JSON.parse(stdout).messages]).toEqual([1, [{ role: 'tool', content: 'x' }]]);
  expect(stderr).toContain(`Cannot write ${gone}: ENOENT. The result is on standard output\n`);
});

describe('a provider that does not refuse the request in the same way', () => {
  test.each<[string, Reply, string | RegExp]>([
    ['accepts it', { type: 'json', body: {} }, 'The provider accepts the request: nothing to minimise\n'],
    [
      'refuses the key',
      { type: 'json', status: 401, body: {} },
      /^The error differs from the case: received 401 401 \(auth\).*, expected 400 generic\. Check the key in OPENAI_API_KEY, or set --key-from/,
    ],
    [
      'leads elsewhere',
      { type: 'text', status: 302, headers: { location: 'http://127.0.0.1:9' }, body: '' },
      /redirected \(302\), which is not followed/,
    ],
  ])('%s', async (_, reply, message) => {
    provider.reply(reply);
    const { code, stderr } = await minimise([file(), '--against', provider.url]);
    expect([code, provider.requests.length]).toEqual([1, 1]);
    expect(stderr.replace(/^No key is sent: OPENAI_API_KEY is not set\.\n/, '')).toMatch(message);
  });

  test('is not there', async () => {
    const { code, stderr } = await minimise([file(), '--against', 'http://127.0.0.1:9']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('127.0.0.1:9 failed: ')]);
  });
});

test.each<[string, () => string[], number, string | RegExp]>([
  ['no provider', () => [file()], 2, 'Missing --against: expected the base URL of the provider'],
  [
    'no URL',
    () => [file(), '--against', 'openai'],
    2,
    'Invalid --against "openai": expected an http or https URL without user and password',
  ],
  [
    'a password in the URL',
    () => [file(), '--against', 'http://me:secret@host'],
    2,
    /^Invalid --against "http:.*": expected an http or https URL without user and password/,
  ],
  ['no case', () => ['--against', 'http://host'], 2, 'Expected one case'],
  [
    'a call that did not fail with a 4xx',
    () => [file({ response: { status: 500, end: 'clean' } }), '--against', 'http://host'],
    1,
    /ended with 500: only a request that was rejected with a 4xx status can be minimised/,
  ],
  [
    'a call without an answer',
    () => [file({ response: { end: 'cut' } }), '--against', 'http://host'],
    1,
    /ended with no response/,
  ],
  [
    'a request that was cut at the bound',
    () => [
      file({
        request: {
          method: 'POST',
          path: '/',
          headers: {},
          text: '{"a',
          truncated: { known: 50_000, size: 90_000 },
        },
      }),
      '--against',
      'http://host',
    ],
    1,
    /is truncated to 50000 of 90000 bytes: record it with a larger maxBodyBytes/,
  ],
  [
    'a request without a JSON body',
    () => [file({ request: { method: 'GET', path: '/', headers: {} } }), '--against', 'http://host'],
    1,
    /is not a JSON object/,
  ],
])('%s', async (_, args, code, message) => {
  const ended = await minimise(args());
  expect([ended.code, ended.stdout]).toEqual([code, '']);
  expect(ended.stderr.split('\n')[0]).toMatch(message);
  expect(ended.stderr).not.toContain('secret');
});
