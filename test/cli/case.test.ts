import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCase } from '../../src/case/format.js';
import { spansOfFile } from '../../src/cli/kept-runs.js';
import { createDebugTab } from '../../src/debug-tab/index.js';
import type { StoredRun } from '../../src/query/index.js';
import { startNode } from '../support/child.js';
import { inLockstep } from '../support/lockstep.js';
import { completion, openaiError } from '../support/openai-replies.js';
import { startProvider } from '../support/provider.js';
import { BROKEN, chatdebug, type FailedRun, failedRun, recordedRun, scratchFolder } from './support.js';

const files = scratchFolder();
afterAll(files.remove);

let failed: FailedRun;
beforeAll(async () => {
  failed = await failedRun(files);
});

test('a run in a file becomes a case with request and response', async () => {
  const { code, stdout, stderr } = await chatdebug(['case', failed.file]);
  expect([code, stderr]).toEqual([0, '']);
  const made = parseCase(stdout, 'the output');
  expect(made).toMatchObject({
    version: 1,
    id: failed.runId,
    title: 'error (generic): 500 failed',
    provider: 'openai',
    request: {
      method: 'POST',
      path: '/v1/chat/completions',
      headers: { authorization: '[REDACTED]' },
      body: { messages: [{ content: 'Who hunts at night?' }] },
    },
    response: { status: 500, headers: { 'x-request-id': 'req_error_1' }, end: 'clean' },
    expect: { status: 'error', kind: 'generic', attempts: [{ statusCode: 500, status: 'failed' }] },
  });
  expect(made.response.chunks).toEqual([expect.stringContaining('the night hunters')]);
  expect(made.synthesised).toBeUndefined();
});

test('--no-content replaces texts by filler of the same length, and keeps structure and error', async () => {
  const output = join(files.folder, 'case.json');
  const { code, stdout } = await chatdebug(['case', failed.file, '--no-content', '-o', output]);
  expect([code, stdout]).toEqual([0, '']);
  const text = readFileSync(output, 'utf8');
  expect(text).not.toMatch(/night|hunt/);
  const made = parseCase(text, output);
  expect(made.request.body).toEqual({
    model: 'gpt-4o-mini',
    messages: [{ role: 'user', content: 'filler text in plac' }],
  });
  expect(JSON.parse(String(made.response.chunks?.[0]))).toEqual({
    error: { message: 'No luck with […19 characters] today.', type: 'server_error', param: null, code: null },
  });
  expect((await chatdebug(['replay', output, '--check'])).code).toBe(0);
});

test('a stream cut inside an event keeps its pauses', async () => {
  const event = (text: string) => `data: {"choices":[{"index":0,"delta":{"content":"${text}"}}]}\n\n`;
  const events = [...Array.from({ length: 8 }, (_, index) => event(`part ${index}`)), 'data: {"choi'];
  const { reply, read } = inLockstep({ type: 'sse', events, delayMillis: 60, cutAfter: events.length });
  const { bodies } = await recordedRun([reply], {}, read);
  const { stdout } = await chatdebug(['case', files.write('cut-stream.jsonl', bodies.join('\n'))]);
  const { response } = parseCase(stdout, 'the output');
  // The beginning of a name may be the beginning of a secret.
  expect(response).toMatchObject({ end: 'cut', chunks: { length: 9, 8: { text: 'data: {' } } });
  expect(response.gapMs).toBeUndefined();
  for (const chunk of response.chunks?.slice(1) ?? [])
    expect((chunk as { afterMs?: number }).afterMs).toBeGreaterThan(30);
});

test('from a real spool, without changing the files of its owner', async () => {
  const directory = join(files.folder, 'spool');
  const silent = await startProvider();
  silent.reply({ type: 'hang', when: 'before-headers' });
  const source = `
    import { readdirSync, readFileSync } from 'node:fs';
    import { startChatDebug } from 'opentelemetry-instrumentation-chatdebug';
    const directory = ${JSON.stringify(directory)};
    startChatDebug({ spoolDirectory: directory });
    await fetch('${silent.url}/v1/chat/completions', { method: 'POST', body: '{"model":"m","messages":[]}' });
    const written = () => readdirSync(directory).filter((name) => name.endsWith('.spool'))
      .some((name) => readFileSync(directory + '/' + name, 'utf8').includes('chatdebug.run.status'));
    setInterval(() => written() && console.log('written'), 20);
  `;
  silent.route(({ path }) =>
    path === '/v1/chat/completions' ? openaiError(400, null, 'bad', 'No.') : undefined,
  );
  const owner = startNode({ source, type: 'module' }, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: silent.url } });
  await owner.line('written');
  const before = readdirSync(directory);
  const id = /"chatdebug.run.id":"([^"]+)"/.exec(
    before
      .filter((name) => name.endsWith('.spool'))
      .map((name) => readFileSync(join(directory, name), 'utf8'))
      .join(),
  )?.[1];
  const { code, stdout, stderr } = await chatdebug([
    'case',
    String(id),
    '--from',
    'spool',
    '--url',
    directory,
  ]);
  expect(readdirSync(directory)).toEqual(before);
  owner.kill('SIGKILL');
  await owner.ended;
  await silent.close();
  expect(code).toBe(0);
  expect(stderr).toBe(
    'Synthesised from the request shape and the error, as no content was recorded: request and response.\n',
  );
  expect(parseCase(stdout, 'the output')).toMatchObject({
    id,
    synthesised: ['request', 'response'],
    response: { status: 400 },
    expect: { kind: 'generic', errorType: 'bad' },
  });
});

test('from a URL: a file with traces, or a trace page of Jaeger', async () => {
  const viewer = await startProvider();
  viewer.route(({ path, headers }) => {
    if (headers.authorization !== 'Bearer me') return { type: 'text', status: 403, body: '' };
    if (path === '/export.json') return { type: 'json', body: failed.bodies[0] };
    return path === `/api/traces/${failed.traceId}`
      ? { type: 'json', body: { batches: failed.otlp().resourceSpans } }
      : undefined;
  });
  const ask = (url: string, name = failed.runId) =>
    chatdebug(['case', name, '--from', viewer.url + url, '--header', 'authorization: Bearer me']);
  const answers = [
    await ask('/export.json'),
    await ask(`/trace/${failed.traceId}`),
    await ask('/nothing'),
    await ask('/export.json', 'other'),
  ];
  const refused = await chatdebug(['case', failed.runId, '--from', `${viewer.url}/export.json`]);
  await viewer.close();
  expect(answers.map(({ code }) => code)).toEqual([0, 0, 1, 1]);
  expect(answers.slice(0, 2).map(({ stdout }) => JSON.parse(stdout).id)).toEqual([
    failed.runId,
    failed.runId,
  ]);
  expect(answers[2]?.stderr).toBe(`Request to ${viewer.url}/nothing failed: HTTP 404\n`);
  expect(answers[3]?.stderr).toContain(
    `Run other not found in ${viewer.url}/export.json, which contains: ${failed.runId}`,
  );
  expect(refused.stderr).toContain('failed: HTTP 403');
});

test('from the Debug tab, by its export of a run', async () => {
  const spans = spansOfFile(failed.bodies.join('\n'), 'the traces');
  const run = { id: failed.runId, startedAt: new Date(), steps: [], children: [] } as unknown as StoredRun;
  const source = { trace: async () => ({ run, spans }), has: async () => true, list: async () => [run] };
  const tab = createDebugTab({ source, authorize: () => true });
  const page = await startProvider();
  page.route(async ({ path }) => {
    const exported = await tab(new Request(page.url + path));
    return { type: 'json', status: exported.status, body: await exported.text() };
  });
  const from = ['--from', `${page.url}/debug-tab/export?run=${failed.runId}`];
  const [direct, downloaded] = [
    await chatdebug(['case', failed.runId, ...from]),
    await fetch(String(from[1])),
  ];
  const saved = await chatdebug(['case', files.write('export.json', await downloaded.text())]);
  await page.close();
  expect(direct.stderr).toBe('');
  expect([direct.code, direct.stdout]).toEqual([0, (await chatdebug(['case', failed.file])).stdout]);
  expect(saved.stdout).toBe(direct.stdout);
});

test('from Tempo, by its search', async () => {
  const tempo = await startProvider();
  const asked: string[] = [];
  tempo.route(({ path }) => {
    asked.push(decodeURIComponent(path).replaceAll('+', ' '));
    if (path.startsWith('/api/search'))
      return { type: 'json', body: { traces: [{ traceID: failed.traceId }], metrics: {} } };
    return path === `/api/traces/${failed.traceId}`
      ? { type: 'json', body: { batches: failed.otlp().resourceSpans } }
      : undefined;
  });
  const found = await chatdebug(['case', failed.runId, '--from', 'tempo', '--url', tempo.url]);
  tempo.route(() => ({ type: 'json', body: { metrics: {} } }));
  const gone = await chatdebug(['case', failed.runId, '--from', 'tempo', '--url', tempo.url]);
  await tempo.close();
  expect([found.code, JSON.parse(found.stdout).id]).toEqual([0, failed.runId]);
  expect(asked[0]).toContain(`span.chatdebug.run.id = "${failed.runId}"`);
  expect([gone.code, gone.stderr]).toEqual([
    1,
    `Run ${failed.runId} not found in the last seven days of tempo at ${tempo.url}\n`,
  ]);
});

test.each(['spans', 'both'] as const)('attempts written as %s make the same case', async (attemptsAs) => {
  const { bodies: delivered } = await recordedRun([BROKEN], { attemptsAs });
  const other = files.write('as-spans.jsonl', delivered.join('\n'));
  const [one, two] = [await chatdebug(['case', failed.file]), await chatdebug(['case', other])];
  const [expected, made] = [JSON.parse(one.stdout), JSON.parse(two.stdout)];
  expect(made).toMatchObject({
    title: expected.title,
    expect: expected.expect,
    response: { status: 500, end: 'clean' },
  });
  expect(made.response.chunks).toEqual(expected.response.chunks);
});

test('a file with several runs needs a run id', async () => {
  const { bodies: two, runs } = await recordedRun([BROKEN, completion('Owls.')]);
  const both = files.write('two.jsonl', two.join('\n'));
  const ids = runs.map(({ id }) => id);
  const { code, stderr } = await chatdebug(['case', both]);
  expect([code, ids.every((id) => stderr.includes(id))]).toEqual([1, true]);
  expect(stderr).toContain(`2 runs in ${both}. Select one with --run: `);
  const second = await chatdebug(['case', both, '--run', String(ids[1])]);
  expect(JSON.parse(second.stdout)).toMatchObject({ id: ids[1], title: 'completed: 200 completed' });
});
