import { cpSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { installProject } from '../frameworks/installed-example.js';
import { runNode } from '../support/child.js';
import { type LoopbackServer, listenOnLoopback, readBody } from '../support/loopback.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { buildTree, type RunTree } from '../support/tree.js';

const RUNTIMES = { bun: [], deno: ['run', '-A'] } as const;

const ANSWER = {
  id: 'c-1',
  object: 'chat.completion',
  model: 'gpt-4o-mini',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
};
const piece = (delta: object, finish_reason: string | null): string =>
  `data: ${JSON.stringify({ object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
const HALF = piece({ content: 'Hel' }, null);
const WHOLE = `${HALF}${piece({ content: 'lo.' }, 'stop')}data: [DONE]\n\n`;
const JSON_TYPE = { 'content-type': 'application/json' };
const SSE_TYPE = { 'content-type': 'text/event-stream' };

const ANSWERS: Readonly<Record<string, (response: ServerResponse) => unknown>> = {
  json: (response) =>
    response.writeHead(200, { ...JSON_TYPE, 'set-cookie': ['a=1', 'b=2'] }).end(JSON.stringify(ANSWER)),
  stream: (response) => response.writeHead(200, SSE_TYPE).end(WHOLE),
  gzip: (response) => {
    const body = gzipSync(JSON.stringify(ANSWER));
    response
      .writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip', 'content-length': body.length })
      .end(body);
  },
  none: (response) => response.writeHead(204).end(),
  redirect: (response) => response.writeHead(307, { location: '/json/v1/chat/completions' }).end(),
  error: (response) =>
    response.writeHead(400, JSON_TYPE).end(JSON.stringify({ error: { message: 'Odd.', type: 'invalid' } })),
  cut: (response) => {
    response.writeHead(200, SSE_TYPE).write(HALF, () => setImmediate(() => response.destroy()));
  },
  half: (response) => response.writeHead(200, SSE_TYPE).write(HALF),
  hang: () => {},
};

let provider: LoopbackServer;
let receiver: OtlpReceiver;
let requests: string[];
let directory: string;

beforeAll(() => {
  ({ directory } = installProject('test/runtimes/project'));
  // The layout of a registry installation: Deno resolves the dependencies of a link beside its target.
  const installed = join(directory, 'node_modules', 'opentelemetry-instrumentation-chatdebug');
  rmSync(installed, { recursive: true });
  for (const part of ['dist', 'package.json'])
    cpSync(join(directory, '../../..', part), join(installed, part), { recursive: true });
}, 300_000);

beforeEach(async () => {
  requests = [];
  receiver = await startOtlpReceiver();
  provider = await listenOnLoopback(async (request, response) => {
    response.on('error', () => {});
    await readBody(request);
    const [, path = ''] = request.url?.split('/') ?? [];
    requests.push(`${path} ${request.headers['content-length'] ?? request.headers['transfer-encoding']}`);
    ANSWERS[path]?.(response);
  });
});
afterEach(() => Promise.all([provider.close(), receiver.close()]));

async function run(runtime: keyof typeof RUNTIMES, program: string) {
  const { code, stdout, stderr } = await runNode([...RUNTIMES[runtime], program], {
    execPath: join(directory, 'node_modules', '.bin', runtime),
    cwd: directory,
    env: {
      PROVIDER_URL: provider.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_LOG_LEVEL: 'warn',
      NO_COLOR: '1',
    },
  });
  expect([code, code === 0 ? '' : stdout + stderr]).toEqual([0, '']);
  return { said: JSON.parse(stdout), stderr, runs: buildTree(receiver.spans) };
}

const outline = (tree: RunTree | undefined) =>
  tree?.steps.flatMap(({ attempts }) =>
    attempts.map(({ path, status, statusCode }) => [path?.split('/')[1], status, statusCode]),
  );

describe.each(Object.keys(RUNTIMES) as (keyof typeof RUNTIMES)[])('on %s', (runtime) => {
  test('a recorded fetch behaves like the original one', async () => {
    const { said, runs, stderr } = await run(runtime, 'transparency.mjs');
    expect(said.recorded).toEqual(said.bare);
    expect(Object.keys(said.bare).length).toBeGreaterThan(20);
    // The server saw the same. Whether it saw one that was aborted at once depends on timing.
    const whole = requests.filter((request) => !request.startsWith('hang'));
    const half = whole.length / 2;
    expect(whole.slice(half)).toEqual(whole.slice(0, half));
    expect(stderr).toContain('is not observable. Pass recordedFetch(fetch) to your clients');
    expect(runs).toHaveLength(1);
    expect(outline(runs[0])).toEqual([
      ...Array(4).fill(['json', 'completed', 200]),
      ...Array(3).fill(['stream', 'completed', 200]),
      ...Array(3).fill(['json', 'completed', 200]),
      ['gzip', 'completed', 200],
      ['none', 'completed', 204],
      ['redirect', 'completed', 200],
      ['error', 'failed', 400],
      ['cut', 'failed', 200],
      ['v1', 'failed', undefined],
      ['hang', 'interrupted', undefined],
      ['half', 'interrupted', 200],
      ['half', 'failed', 200],
      ['half', 'interrupted', 200],
    ]);
    const [step] = runs[0]?.steps ?? [];
    expect(step).toMatchObject({ model: 'm', usage: { inputTokens: 3, outputTokens: 2 } });
    expect(step?.attempts[0]?.requestBody).toContain('"content":"Hi"');
    expect(step?.attempts[0]?.responseBody).toContain('Hello.');
  });

  test('an installed fetch records each call once, and can be uninstalled', async () => {
    const { said, runs, stderr } = await run(runtime, 'installed.mjs');
    expect(said).toEqual({
      isReplaced: true,
      isSameOnce: true,
      isStillInstalled: true,
      isRestored: true,
      isWrapperLeft: true,
    });
    expect(stderr).toContain('installFetch was called twice');
    expect(stderr).not.toContain('is not observable');
    const steps = Object.fromEntries(runs.map((tree) => [tree.chatId, outline(tree)]));
    const once = [['json', 'completed', 200]];
    expect(steps).toEqual({
      installed: once,
      'over http': once,
      first: once,
      second: once,
      restored: [],
      undone: [],
    });
    const [
      {
        steps: [installed],
      } = { steps: [] },
    ] = runs;
    expect(installed).toMatchObject({ provider: 'openai', model: 'gpt-4o-mini', operation: 'generate' });
  });
});
