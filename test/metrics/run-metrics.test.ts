import { metrics } from '@opentelemetry/api';
import OpenAI from 'openai';
import { type ChatDebugOptions, startRun, withRun, withStep } from '../../src/index.js';
import { type CollectedMetrics, collectMetrics } from '../support/metrics.js';
import { completion, completionStream, openaiError, rateLimited } from '../support/openai-replies.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
let collected: CollectedMetrics;
beforeEach(() => {
  collected = collectMetrics();
  metrics.setGlobalMeterProvider(collected.provider);
});
afterEach(async () => {
  await recording.stop();
  metrics.disable();
});

const start = async (options: ChatDebugOptions = {}) => {
  recording = await startRecording({ capture: undefined, ...options });
};
const client = (maxRetries = 0) =>
  new OpenAI({ apiKey: 'none', baseURL: `${recording.provider.url}/v1`, maxRetries });
const ask = async (openai: OpenAI, model: string) => {
  await openai.chat.completions.create({ model, messages: [{ role: 'user', content: 'Hi' }] });
};
const stream = async (openai: OpenAI, model: string) => {
  const answer = await openai.chat.completions.create({ model, messages: [], stream: true });
  for await (const _ of answer);
};

const BROKEN = openaiError(500, null, 'server_error', 'Something broke');
const CALL = { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai' };

/** The script for a model: the result of its turn and the expected counts. */
interface Kind {
  readonly replies: readonly Reply[];
  readonly turn: (model: string) => Promise<unknown>;
  readonly run: Record<string, string>;
  readonly errorType: string | undefined;
  readonly attempts: readonly string[];
}

const KEPT = { 'chatdebug.run.decision': 'kept' };
const DROPPED = { 'chatdebug.run.decision': 'dropped', 'chatdebug.run.decision_reason': 'no_evidence' };
const failed = (kind: string) => ({ 'chatdebug.run.status': 'error', 'chatdebug.error.kind': kind });

/** By model, called when the provider has its request. */
const whenAsked = new Map<string, () => void>();

const KINDS: Readonly<Record<string, Kind>> = {
  healthy: {
    replies: [completion('Hello.')],
    turn: (model) => ask(client(), model),
    run: { 'chatdebug.run.status': 'completed', ...DROPPED },
    errorType: undefined,
    attempts: ['2xx completed'],
  },
  limited: {
    replies: [rateLimited(1)],
    turn: (model) => ask(client(), model),
    run: { ...failed('rate_limit'), ...DROPPED },
    errorType: 'rate_limit_exceeded',
    attempts: ['4xx failed'],
  },
  broken: {
    replies: [BROKEN],
    turn: (model) => ask(client(), model),
    run: { ...failed('generic'), ...KEPT },
    errorType: 'server_error',
    attempts: ['5xx failed'],
  },
  recovered: {
    replies: [BROKEN, rateLimited(1), completion('Hello.')],
    turn: (model) => ask(client(2), model),
    run: { 'chatdebug.run.status': 'completed', ...DROPPED },
    errorType: undefined,
    attempts: ['5xx failed', '4xx failed', '2xx completed'],
  },
  cut: {
    replies: [completionStream('Hello there.', { cutAfter: 2 })],
    turn: (model) => stream(client(), model),
    run: { ...failed('timeout'), ...DROPPED },
    errorType: 'UND_ERR_SOCKET',
    attempts: ['2xx failed'],
  },
  aborted: {
    replies: [{ type: 'hang', when: 'before-headers' }],
    turn: async (model) => {
      const controller = new AbortController();
      whenAsked.set(model, () => controller.abort());
      await client().chat.completions.create({ model, messages: [] }, { signal: controller.signal });
    },
    run: { 'chatdebug.run.status': 'interrupted', ...DROPPED },
    errorType: undefined,
    attempts: ['none interrupted'],
  },
};

test('the counters equal the script, of every kind, under concurrency, and the runs add up', async () => {
  await start();
  const TIMES = 8;
  const replies = new Map<string, Reply[]>();
  recording.provider.route(({ body }) => {
    const { model } = JSON.parse(String(body));
    whenAsked.get(model)?.();
    return replies.get(model)?.shift();
  });
  const turns = Object.entries(KINDS).flatMap(([name, { replies: scripted, turn }]) =>
    Array.from({ length: TIMES }, (_, index) => {
      const model = `${name}-${index}`;
      replies.set(model, [...scripted]);
      return withRun({ kind: `kind of ${name}`, chatId: `chat-${model}` }, () => turn(model)).catch(() => {});
    }),
  );
  await Promise.all(turns);
  await recording.spans();

  for (const [name, { run, errorType, attempts }] of Object.entries(KINDS)) {
    const of = (all: Record<string, string>) => ({ 'chatdebug.run.kind': `kind of ${name}`, ...all });
    expect([name, await collected.count('chatdebug.runs', of({}))]).toEqual([name, TIMES]);
    expect([name, await collected.count('chatdebug.runs', of(run))]).toEqual([name, TIMES]);
    const calls = await collected.points('gen_ai.client.operation.duration');
    const own = calls.filter(({ attributes }) => String(attributes['gen_ai.request.model']).startsWith(name));
    expect([name, own.length]).toEqual([name, TIMES]);
    for (const { attributes } of own) {
      expect(attributes).toMatchObject({ ...CALL, ...(errorType && { 'error.type': errorType }) });
      expect('error.type' in attributes).toBe(errorType !== undefined);
    }
    expect(attempts.length).toBeGreaterThan(0);
  }
  const scripted = Object.values(KINDS).flatMap(({ attempts }) => attempts);
  for (const one of new Set(scripted)) {
    const [statusClass = '', status = ''] = one.split(' ');
    const counted = await collected.count('chatdebug.attempts', {
      'gen_ai.provider.name': 'openai',
      'chatdebug.attempt.status_class': statusClass,
      'chatdebug.attempt.status': status,
    });
    expect([one, counted]).toEqual([one, TIMES * scripted.filter((other) => other === one).length]);
  }
  expect(await collected.count('chatdebug.attempts')).toBe(TIMES * scripted.length);
  expect(recording.handle.stats()).toMatchObject({
    runs: { started: 6 * TIMES, undecided: 0, kept: TIMES, dropped: { no_evidence: 5 * TIMES }, lost: {} },
    bodyBytes: 0,
  });
  const all = await collected.points('chatdebug.runs');
  expect(JSON.stringify(all)).not.toContain('chat-');
});

test('tokens and time to first chunk if known, with the buckets and units of the conventions', async () => {
  await start({ capture: 'full' });
  recording.provider.reply(completionStream('Hello there.'), completion('Hello.'));
  const answer = await client().chat.completions.create({
    model: 'm',
    messages: [],
    stream: true,
    stream_options: { include_usage: true },
  });
  for await (const _ of answer);
  await recording.spans();
  const input = { ...CALL, 'gen_ai.request.model': 'm', 'gen_ai.token.type': 'input' };
  const usage = await collected.points('gen_ai.client.token.usage');
  expect(usage).toMatchObject([
    { attributes: input, value: { count: 1, sum: 20 } },
    { attributes: { ...input, 'gen_ai.token.type': 'output' }, value: { count: 1, sum: 10 } },
  ]);
  const [first] = await collected.points('gen_ai.client.operation.time_to_first_chunk');
  expect(first).toMatchObject({
    attributes: { ...CALL, 'gen_ai.request.model': 'm' },
    value: {
      count: 1,
      buckets: {
        boundaries: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
      },
    },
  });
  await ask(client(), 'm');
  await recording.spans();
  expect(await collected.count('gen_ai.client.operation.time_to_first_chunk')).toBe(1);
  expect(await collected.units()).toMatchObject({
    'gen_ai.client.operation.duration': 's',
    'gen_ai.client.token.usage': '{token}',
    'gen_ai.client.operation.time_to_first_chunk': 's',
    'chatdebug.runs': '{run}',
    'chatdebug.attempts': '{attempt}',
    'chatdebug.live.runs': '{run}',
    'chatdebug.live.bytes': 'By',
    'otel.sdk.processor.span.queue.size': '{span}',
  });
});

test('in errors mode the tokens reported by the application are counted', async () => {
  await start();
  recording.provider.reply(completion('Hello.'));
  await ask(client(), 'silent');
  await withRun({}, () =>
    withStep({ provider: 'openai', model: 'told' }, async (step) => {
      await ask(client(), 'told');
      step.usage({ inputTokens: 7, outputTokens: 0 });
    }),
  );
  await recording.spans();
  expect(await collected.points('gen_ai.client.token.usage')).toMatchObject([
    { attributes: { 'gen_ai.request.model': 'told', 'gen_ai.token.type': 'input' }, value: { sum: 7 } },
    { attributes: { 'gen_ai.request.model': 'told', 'gen_ai.token.type': 'output' }, value: { sum: 0 } },
  ]);
});

test('live runs and steps are observable', async () => {
  await start({ capture: 'full', idleMillis: 1_000_000, lingerMillis: 20 });
  const run = startRun({});
  await withRun({ runId: 'ended' }, () => {});
  recording.receiver.respond(() => ({ type: 'hang', when: 'before-headers' }));
  recording.provider.reply({ type: 'hang', when: 'in-body' });
  const call = run.with(() =>
    fetch(`${recording.provider.url}/v1/chat/completions`, { method: 'POST', body: '{"model":"m"}' }),
  );
  const { body } = await call;
  expect(await collected.count('chatdebug.live.runs')).toBe(1);
  expect(await collected.count('chatdebug.live.bytes')).toBeGreaterThan(0);
  await body?.cancel();
  recording.receiver.respond();
  run.end();
  await recording.spans();
  expect(await collected.count('chatdebug.live.runs')).toBe(0);
  expect(await collected.count('chatdebug.live.bytes')).toBe(0);
});

test('values of the application cannot create unlimited series or contain a key', async () => {
  await start();
  for (let index = 0; index < 300; index += 1) await withRun({ kind: `kind-${index}` }, () => {});
  await withRun({ kind: 'x'.repeat(101) }, () => {});
  const runs = await collected.points('chatdebug.runs');
  expect(runs).toHaveLength(201);
  expect(await collected.count('chatdebug.runs', { 'chatdebug.run.kind': '_OTHER' })).toBe(101);
  const key = 'sk-proj-0123456789abcdef0123456789abcdef';
  await withRun({}, () => withStep({ model: `m ${key}`, provider: key }, () => {}));
  const calls = await collected.points('gen_ai.client.operation.duration');
  expect(JSON.stringify(calls)).not.toContain(key);
});

test('attempts dropped by a bound are counted too', async () => {
  await start({ maxAttempts: 2 });
  recording.provider.reply(BROKEN);
  await withRun({}, () =>
    withStep({}, async () => {
      for (let index = 0; index < 5; index += 1) {
        await fetch(`${recording.provider.url}/v1/x`, { method: 'POST' }).then((answer) => answer.text());
      }
      throw new Error('gave up');
    }),
  ).catch(() => {});
  await recording.spans();
  expect(await collected.count('chatdebug.attempts', { 'chatdebug.attempt.status_class': '5xx' })).toBe(5);
});
