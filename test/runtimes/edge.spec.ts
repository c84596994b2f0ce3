import type { ServerResponse } from 'node:http';
import { installProject } from '../frameworks/installed-example.js';
import { runNode } from '../support/child.js';
import { type LoopbackServer, listenOnLoopback, readBody } from '../support/loopback.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { buildTree, type RunTree } from '../support/tree.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const SSE_TYPE = { 'content-type': 'text/event-stream' };
const piece = (delta: object, finish_reason: string | null): string =>
  `data: ${JSON.stringify({ object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
const HALF = piece({ content: 'Hel' }, null);
const WHOLE = `${HALF}${piece({ content: 'lo.' }, 'stop')}data: [DONE]\n\n`;

const ANSWERS: Readonly<Record<string, (response: ServerResponse, asked: string) => unknown>> = {
  /** Echoes the request, so that no response is mistaken for another. */
  json: (response, asked) => {
    const message = { role: 'assistant', content: `To ${JSON.parse(asked).messages[0].content}` };
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    response.writeHead(200, JSON_TYPE).end(JSON.stringify({ object: 'chat.completion', choices, usage }));
  },
  stream: (response) => response.writeHead(200, SSE_TYPE).end(WHOLE),
  limited: (response) =>
    response
      .writeHead(429, JSON_TYPE)
      .end(JSON.stringify({ error: { message: 'Slow down.', code: 'rate_limit' } })),
  odd: (response) =>
    response.writeHead(400, JSON_TYPE).end(JSON.stringify({ error: { message: 'Odd.', type: 'invalid' } })),
  cut: (response) => {
    response.writeHead(200, SSE_TYPE).write(HALF, () => setImmediate(() => response.destroy()));
  },
  hang: () => {},
};

let provider: LoopbackServer;
let receiver: OtlpReceiver;
let directory: string;

beforeAll(() => {
  ({ directory } = installProject('test/runtimes/edge'));
}, 300_000);

beforeEach(async () => {
  receiver = await startOtlpReceiver();
  provider = await listenOnLoopback(async (request, response) => {
    response.on('error', () => {});
    const body = await readBody(request);
    ANSWERS[request.url?.split('/')[1] ?? '']?.(response, String(body));
  });
});
afterEach(() => Promise.all([provider.close(), receiver.close()]));

interface Served {
  /** The response to each request. */
  readonly said: readonly string[];
  readonly runs: RunTree[];
}

type Runtime = 'workerd' | 'edge-light';

/** @param rounds queries. Those of one round are sent in parallel */
async function serve(
  runtime: Runtime,
  capture: string,
  rounds: readonly (readonly string[])[],
  pipeline = 'app',
): Promise<Served> {
  const { code, stdout, stderr } = await runNode(
    ['main.mjs', runtime, ...rounds.map((round) => round.join(' '))],
    {
      cwd: directory,
      env: {
        CHATDEBUG_CAPTURE: capture,
        OTLP_URL: receiver.url,
        PIPELINE: pipeline,
        PROVIDER_URL: provider.url,
        TMPDIR: directory,
      },
    },
  );
  expect([code, code === 0 ? '' : stdout + stderr]).toEqual([0, '']);
  return { said: JSON.parse(stdout), runs: buildTree(receiver.spans) };
}

const query = (turn: string, answer: string, chat: string) => `turn=${turn}&answer=${answer}&chat=${chat}`;
const outcomes = (runs: readonly RunTree[]) =>
  Object.fromEntries(
    runs.map(({ chatId, steps }) => [
      chatId,
      steps.map(({ status, attempts }) => [status, ...attempts.map(({ statusCode }) => statusCode)]),
    ]),
  );

const RUNTIMES: readonly (readonly [name: string, runtime: Runtime])[] = [
  ['Cloudflare Workers', 'workerd'],
  ['the Edge Runtime of Vercel', 'edge-light'],
];

describe.each(RUNTIMES)('in %s', (name, runtime) => {
  test('a recorded fetch behaves like the original one, and is recorded', async () => {
    const turns = [
      query('call', 'json', 'json'),
      query('request', 'json', 'request'),
      query('call', 'stream', 'stream'),
      query('call', 'odd', 'odd'),
      query('call', 'cut', 'cut'),
      query('abort', 'hang', 'abort'),
      query('openai', 'json', 'openai'),
    ];
    const { said, runs } = await serve(runtime, 'full', [
      ...turns.map((turn) => [turn]),
      turns.map((turn) => `${turn}&bare`),
    ]);
    expect(said.slice(0, turns.length)).toEqual(said.slice(turns.length));
    expect(outcomes(runs)).toEqual({
      json: [['completed', 200]],
      request: [['completed', 200]],
      stream: [['completed', 200]],
      odd: [['error', 400]],
      cut: [['error', 200]],
      abort: [['error', undefined]],
      openai: [['completed', 200]],
    });
    expect(runs.map(({ chatId, status }) => [chatId, status]).sort()).toEqual([
      ['abort', 'completed'],
      ['cut', 'completed'],
      ['json', 'completed'],
      ['odd', 'completed'],
      ['openai', 'completed'],
      ['request', 'completed'],
      ['stream', 'completed'],
    ]);
    const step = runs.find(({ chatId }) => chatId === 'json')?.steps[0];
    expect(step).toMatchObject({
      model: 'm',
      provider: 'openai',
      usage: { inputTokens: 3, outputTokens: 2 },
    });
    expect(step?.attempts[0]?.requestBody).toContain('Hi of json');
    expect(step?.attempts[0]?.responseBody).toContain('To Hi of json');
  });

  test('parallel requests are separate runs, without data of each other', async () => {
    const chats = Array.from({ length: 40 }, (_, index) => `chat-${index}.`);
    const { runs } = await serve(runtime, 'full', [chats.map((chat) => query('call', 'json', chat))]);
    expect(runs.map(({ chatId }) => chatId).sort()).toEqual([...chats].sort());
    for (const { chatId, steps } of runs) {
      expect(steps.map(({ attempts }) => attempts.map(({ requestBody }) => requestBody))).toEqual([
        [JSON.stringify({ model: 'm', messages: [{ role: 'user', content: `Hi of ${chatId}` }] })],
      ]);
      expect(steps[0]?.attempts[0]?.responseBody).toContain(`To Hi of ${chatId}"`);
    }
  });

  test('a stream forwarded to the client is recorded to its end', async () => {
    const turns = ['a', 'b', 'c'].map((chat) => query('relay', 'stream', chat));
    const { said, runs } = await serve(runtime, 'full', [turns, turns]);
    expect(said).toEqual(Array(6).fill(WHOLE));
    const outline = runs.map(({ chatId, status, steps }) => [chatId, status, steps[0]?.operation]).sort();
    expect(outline).toEqual(['a', 'a', 'b', 'b', 'c', 'c'].map((chat) => [chat, 'completed', 'stream']));
  });

  test('an installed fetch records each call until it is uninstalled', async () => {
    const { said, runs } = await serve(runtime, 'full', [[query('installed', 'json', 'installed')]]);
    const { first, second, isRestored } = JSON.parse(said[0] ?? '');
    expect([second, isRestored]).toEqual([first, true]);
    expect(outcomes(runs)).toEqual({ installed: [['completed', 200]] });
  });

  test('in errors capture only an unclassified failure is exported, without content', async () => {
    const turns = [
      query('call', 'json', 'good'),
      query('call', 'limited', 'limited'),
      query('call', 'odd', 'odd'),
    ];
    const { runs } = await serve(runtime, 'errors', [turns, turns]);
    expect(runs.map(({ chatId }) => chatId)).toEqual(['odd', 'odd']);
    expect(outcomes(runs)).toEqual({ odd: [['error', 400]] });
    expect(JSON.stringify(receiver.bodies.map(String))).not.toContain('Hi of');
  });

  test('pipeline "own" is refused, with the remedy', async () => {
    const { said, runs } = await serve(runtime, 'full', [[query('call', 'json', 'json')]], 'own');
    expect(said).toEqual([
      expect.stringContaining(`Invalid option pipeline \\"own\\": expected app in ${name},`),
    ]);
    expect(runs).toEqual([]);
  });
});
