import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import type { AttemptsAs } from '../../src/config/options.js';
import { BROKEN, BUSY, SERVICE, startApplication } from './support/application.js';
import { DEMO_CHAT, DEMO_KEY, runDemo } from './support/demo.js';
import { type Pipeline, STORES, startPipeline } from './support/pipeline.js';
import { stopAllPrograms } from './support/program.js';
import { until } from './support/until.js';

const ERRORS = 'demo-errors';
const FULL = 'demo-full';
const DETAIL = 'The server had an error while processing your request. Sorry about that!';

const CHAT_IDS = {
  quotes: `it's "quoted"`,
  backslashes: '\\ back\\\\slash\\n"',
  'a query': '" } || { true } || { span.gen_ai.conversation.id = "',
  'white space': ' line\nfeed\ttab\r\n',
  'any script': 'ünï 👩‍🚀 \u2028\u0001',
  'some hundred characters': 'x'.repeat(450),
  '10 KB': '"\\'.repeat(5_000),
};

const FORMS: readonly AttemptsAs[] = ['events', 'spans', 'both'];
const chatOf = (form: AttemptsAs) => `attempts as ${form}`;

/** An unsampled span of the application, which no backend stores. */
const UNSAMPLED = { traceId: '5b57be4455b99e3db5030a8a93d0542b', spanId: 'b57be4455b99e3db', traceFlags: 0 };

let pipeline: Pipeline;
let fullSince: Date;
beforeAll(async () => {
  pipeline = await startPipeline();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: pipeline.collector.url };
  await runDemo({ ...env, OTEL_SERVICE_NAME: ERRORS });
  fullSince = new Date();
  await runDemo({ ...env, OTEL_SERVICE_NAME: FULL, CHATDEBUG_CAPTURE: 'full' });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const application = await startApplication(pipeline.collector.url);
  for (const chatId of Object.values(CHAT_IDS)) await application.turn({ chatId }, BROKEN);
  await context.with(trace.setSpanContext(context.active(), UNSAMPLED), () =>
    application.turn({ chatId: 'below' }, BROKEN),
  );
  await application.stop();
  for (const attemptsAs of FORMS) {
    const retrying = await startApplication(pipeline.collector.url, { attemptsAs }, 2);
    await retrying.turn({ chatId: chatOf(attemptsAs) }, BUSY, BROKEN, BROKEN);
    await retrying.stop();
  }
});
afterAll(async () => {
  context.disable();
  await stopAllPrograms();
});

describe.each(STORES)('%s', (store) => {
  const found = (service: string, count: number, since?: Date) =>
    until(async () => {
      const runs = await pipeline.ask(store, service).list(DEMO_CHAT, { since, limit: 50 });
      return runs.filter((run) => run.status !== 'in_progress').length >= count && runs;
    }, `${count} runs in ${store}`);

  test('errors: of four turns, the unclassified failure with its failing step and all attempts', async () => {
    const runs = await found(ERRORS, 1);
    const [run] = runs.filter(({ startedAt }) => startedAt < fullSince);
    expect(run).toMatchObject({
      chatId: DEMO_CHAT,
      kind: 'chat_turn',
      status: 'error',
      capture: 'errors',
      firstMessage: undefined,
      provider: 'openai',
      model: 'gpt-4o-mini',
      stepCount: 1,
      usage: {},
      error: {
        kind: 'generic',
        detail: DETAIL,
        type: 'server_error',
        retryable: true,
        providerStatus: 500,
        requestId: 'req_failed_3',
      },
    });
    const ask = pipeline.ask(store, ERRORS);
    expect(await ask.has(DEMO_CHAT)).toBe(true);
    const stored = await ask.get(run?.id ?? '');
    expect(stored).toMatchObject({
      ...run,
      children: [],
      steps: [
        {
          number: 1,
          status: 'error',
          attemptCount: 3,
          error: { kind: 'generic', message: 'OpenAI returned an unexpected error.', detail: DETAIL },
          attempts: [1, 2, 3].map((number) => ({
            number,
            status: 'failed',
            method: 'POST',
            path: '/v1/chat/completions',
            statusCode: 500,
            errorType: 'server_error',
            requestId: `req_failed_${number}`,
            requestBody: undefined,
            responseBody: undefined,
          })),
        },
      ],
    });
    const times = stored?.steps[0]?.attempts.map(({ startedAt }) => startedAt.getTime()) ?? [];
    expect(times).toEqual([...times].sort());
  });

  test('full: every turn, with bodies, tokens and failed attempts', async () => {
    const runs = await found(FULL, 4, fullSince);
    expect(runs.map(({ status, error }) => [status, error?.kind])).toEqual([
      ['error', 'auth'],
      ['error', 'generic'],
      ['completed', undefined],
      ['completed', undefined],
    ]);
    expect(runs[3]).toMatchObject({
      capture: 'full',
      firstMessage: 'Do I need an umbrella in Lisbon tomorrow?',
      stepCount: 2,
      usage: { inputTokens: 205, outputTokens: 27 },
    });
    const ask = pipeline.ask(store, FULL);
    const first = await ask.get(runs[3]?.id ?? '');
    expect(first?.steps).toMatchObject([
      { number: 1, operation: 'generate', status: 'completed', usage: { inputTokens: 84 } },
      { number: 2, operation: 'stream', status: 'completed', usage: { outputTokens: 12 } },
    ]);
    expect(first?.steps[0]?.attempts[0]?.requestBody).toContain('You are a laconic travel guide.');
    expect(first?.steps[1]?.attempts[0]?.responseBody).toMatch(/^data: .*data: \[DONE\]\s*$/s);
    const second = await ask.get(runs[2]?.id ?? '');
    expect(second?.steps[0]?.attempts).toMatchObject([
      { number: 1, status: 'failed', statusCode: 429, retryAfterMillis: 300 },
      { number: 2, status: 'completed', statusCode: 200 },
    ]);
  });

  test.each(FORMS)('a run with retries is the same with attempts as %s', async (form) => {
    const ask = pipeline.ask(store, SERVICE);
    const run = await until(async () => {
      const [found] = await ask.list(chatOf(form));
      const stored = found && (await ask.get(found.id));
      return stored?.status === 'error' && stored;
    }, `the run in ${store}`);
    const [step] = run.steps;
    expect(run.steps).toHaveLength(1);
    expect(step).toMatchObject({ number: 1, status: 'error', attemptCount: 3 });
    const failed = { status: 'failed', method: 'POST', path: '/v1/chat/completions' };
    const broken = { ...failed, statusCode: 500, errorType: 'server_error', requestId: 'req_broken' };
    expect(step?.attempts).toMatchObject([
      { ...failed, number: 1, statusCode: 429, retryAfterMillis: expect.any(Number) },
      { ...broken, number: 2 },
      { ...broken, number: 3 },
    ]);
    const ends = step?.attempts.map(
      ({ startedAt, durationMillis = 0 }) => startedAt.getTime() + durationMillis,
    );
    const starts = step?.attempts.map(({ startedAt }) => startedAt.getTime()) ?? [];
    // A pause between two attempts. Durations are whole milliseconds.
    for (const [index, end] of ends?.slice(0, -1).entries() ?? [])
      expect(starts[index + 1]).toBeGreaterThanOrEqual(end);
  });

  test('an unknown chat or run id returns nothing', async () => {
    const ask = pipeline.ask(store, FULL);
    const answers = [await ask.has('travel-2'), await ask.list('travel-2'), await ask.get('nobody')];
    expect(answers).toEqual([false, [], undefined]);
  });

  test.each(Object.entries(CHAT_IDS))('a chat id with %s finds only its run', async (_, chatId) => {
    const ask = pipeline.ask(store, SERVICE);
    const [run] = await until(async () => {
      const runs = await ask.list(chatId);
      return runs.length > 0 && runs;
    }, `the run in ${store}`);
    expect(run).toMatchObject({ chatId, status: 'error', error: { kind: 'generic' } });
    expect([await ask.has(chatId), await ask.has(`${chatId}.`)]).toEqual([true, false]);
  });
});

/** The spans that Jaeger has of a service, with its warnings. */
async function jaegerSpans(service: string): Promise<JaegerSpan[]> {
  const answer = await fetch(`${pipeline.jaeger.url}/api/traces?service=${service}`);
  const text = await answer.text();
  expect(text).not.toContain(DEMO_KEY);
  const { data }: { data: { spans: JaegerSpan[] }[] } = JSON.parse(text);
  return data.flatMap(({ spans }) => spans);
}

interface JaegerSpan {
  readonly traceID: string;
  readonly spanID: string;
  readonly operationName: string;
  readonly references: readonly { readonly refType: string; readonly spanID: string }[];
  readonly warnings: readonly string[] | null;
  readonly tags: readonly object[];
}

test('in Jaeger errors are marked and described', async () => {
  const spans = await jaegerSpans(ERRORS);
  expect(spans).toHaveLength(2);
  for (const { tags } of spans) {
    expect(tags).toContainEqual({ key: 'error', type: 'bool', value: true });
    const description = { key: 'otel.status_description', type: 'string', value: `generic: ${DETAIL}` };
    expect(tags).toContainEqual(description);
  }
});

test('in Jaeger attempts as spans are bars below their step, marked as errors', async () => {
  const spans = await jaegerSpans(SERVICE);
  const attempts = spans.filter(({ operationName }) => operationName === 'POST');
  // Both forms, three attempts each.
  expect(attempts).toHaveLength(6);
  for (const { references, tags } of attempts) {
    const step = spans.find(({ spanID }) => spanID === references[0]?.spanID);
    expect([references[0]?.refType, step?.operationName]).toEqual(['CHILD_OF', 'chat gpt-4o-mini']);
    expect(tags).toContainEqual({ key: 'error', type: 'bool', value: true });
    expect(tags).toContainEqual({ key: 'span.kind', type: 'string', value: 'client' });
  }
});

test('no parent is missing in Jaeger, also below a span that was not sampled', async () => {
  const spans = (await Promise.all([ERRORS, FULL, SERVICE].map(jaegerSpans))).flat();
  expect(spans.flatMap(({ warnings }) => warnings ?? [])).toEqual([]);
  const below = spans.filter(({ traceID }) => traceID === UNSAMPLED.traceId);
  expect(below.map(({ references }) => references.length).sort()).toEqual([0, 1]);
});

if (STORES.includes('Tempo')) {
  test('no parent is missing in Tempo', async () => {
    const query = encodeURIComponent('{ span.chatdebug.run.id != nil }');
    const roots = await until(async () => {
      const answer = await fetch(`${pipeline.tempo?.url}/api/search?q=${query}&limit=100`);
      const { traces }: { traces: { rootTraceName: string }[] } = JSON.parse(await answer.text());
      return traces.length >= 6 + Object.keys(CHAT_IDS).length + FORMS.length && traces;
    }, 'all traces in Tempo');
    expect(new Set(roots.map(({ rootTraceName }) => rootTraceName.split(' ')[0]))).toEqual(
      new Set(['invoke_workflow']),
    );
  });
}
