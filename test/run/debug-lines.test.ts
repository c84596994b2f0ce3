import { DiagLogLevel, diag, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AlwaysOffSampler, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import OpenAI from 'openai';
import {
  type ChatDebugOptions,
  ErrorKindSampler,
  type RunOptions,
  reuseStep,
  startRun,
  withRun,
  withStep,
} from '../../src/index.js';
import { openaiError } from '../support/openai-replies.js';
import { startRecording } from '../support/recording.js';

/** The lines of `OTEL_LOG_LEVEL=debug` about runs with the ids `a` and `b`, sent to a logger of the application. */
async function told(
  options: ChatDebugOptions,
  body: (ask: () => Promise<unknown>) => unknown,
): Promise<string[]> {
  const lines: string[] = [];
  const nothing = () => {};
  const logger = {
    debug: (...line: unknown[]) => void lines.push(String(line.at(-1))),
    verbose: nothing,
    info: nothing,
  };
  // The lines are also printed, which test/start/log-level.test.ts checks.
  const printed = jest.spyOn(console, 'error').mockImplementation(nothing);
  diag.setLogger({ ...logger, warn: nothing, error: nothing }, DiagLogLevel.DEBUG);
  process.env['OTEL_LOG_LEVEL'] = 'debug';
  const recording = await startRecording({ capture: 'errors', ...options });
  recording.provider.reply(openaiError(429, null, 'rate_limit', 'Slow down'));
  const baseURL = `${recording.provider.url}/v1`;
  const client = new OpenAI({ apiKey: 'none', baseURL, maxRetries: 0 });
  const ask = async () =>
    client.chat.completions.create({ model: 'm', messages: [] }).catch(() => 'failed as it should');
  try {
    await body(ask);
    await recording.stop();
  } finally {
    delete process.env['OTEL_LOG_LEVEL'];
    diag.disable();
    printed.mockRestore();
  }
  return lines.map((line) => line.replace(baseURL, 'PROVIDER').replace(/fingerprint \w+/, 'fingerprint F'));
}

const broken = (options: RunOptions) =>
  withRun(options, () => withStep({}, () => Promise.reject(new Error('odd')))).catch(() => {});

const CALL = 'POST PROVIDER/chat/completions (openai-chat)';

const CASES: [string, ChatDebugOptions, (ask: () => Promise<unknown>) => unknown, ...string[]][] = [
  [
    'a kind that is not kept',
    {},
    (ask) => withRun({ runId: 'a' }, ask),
    'run a, step 1 is no evidence: kind rate_limit',
    'run a is dropped: nothing in it failed with a kind to keep (completed, 1 steps)',
  ],
  [
    'an explicit step, and one that calls share',
    {},
    (ask) =>
      withRun({ runId: 'a' }, async () => [
        await withStep({ operation: 'stream' }, ask),
        await reuseStep(ask),
      ]),
    'run a, step 1 opens: stream',
    `run a, step 1: ${CALL} is attempt 1: it was made inside the step`,
    'run a, step 2 opens',
    `run a, step 2: ${CALL} is attempt 1: its format opens a step`,
  ],
  [
    'a run inside a run, and one that is joined',
    {},
    () => {
      const run = startRun({ runId: 'a', kind: 'quickgen' });
      run.with(() => withRun({ runId: 'b', kind: 'compaction' }, () => {}));
      startRun({ runId: 'a' }).end();
      run.end();
    },
    'run a opens: quickgen, capture errors',
    'run b opens: compaction, inside run a, capture errors',
    'run a is joined by another start with the same id',
  ],
  [
    'an exhausted budget',
    { keepPerFingerprint: 1 },
    async () => [await broken({ runId: 'a' }), await broken({ runId: 'b' })],
    'run a, step 1 ends: error, kind generic by rule "unexpected" (nothing else matched), no request was observed: an in-process model, a mocked or cached response, or a client that cannot be observed',
    'run a: the budget for fingerprint F keeps it',
    'run b: the budget for fingerprint F drops it',
    'run b is dropped: represented by kept runs with the same fingerprint (error, kind generic by rule "unexpected" (nothing else matched), 1 steps)',
  ],
  [
    'an evicted run',
    { maxRuns: 1 },
    () => void [startRun({ runId: 'a' }), startRun({ runId: 'b' })],
    'run a is evicted: maxRuns exceeded',
    '1 evicted runs are lost: they have not ended',
  ],
  [
    'the result of captureFor',
    { captureFor: () => 'off' },
    async (ask) => [await withRun({ runId: 'a' }, ask), await broken({ runId: 'b' })],
    'run a: captureFor sets capture to off',
    'run a: a step is not recorded: capture is off',
    'run a is dropped: its capture is off (completed, 0 steps)',
    'run b is dropped: its capture is off (error, kind generic by rule "unexpected" (nothing else matched), 0 steps)',
  ],
  [
    'a format that opens no steps',
    { openSteps: [] },
    (ask) => withRun({ runId: 'a' }, ask),
    `${CALL} is not recorded: openSteps excludes its format`,
  ],
  [
    'a request that runFor refuses',
    { runFor: () => false },
    (ask) => ask(),
    `${CALL} is not recorded: runFor returned false`,
  ],
];

test.each(CASES)('%s', async (_, options, body, ...lines) => {
  expect(await told(options, body)).toEqual(expect.arrayContaining(lines));
});

test('OTEL_SDK_DISABLED is logged', async () => {
  process.env['OTEL_SDK_DISABLED'] = 'true';
  const lines = await told({}, () => {}).finally(() => delete process.env['OTEL_SDK_DISABLED']);
  expect(lines).toContain('nothing is recorded: OTEL_SDK_DISABLED is true');
});

test('a sampler of the application that drops a kept run', async () => {
  trace.setGlobalTracerProvider(new NodeTracerProvider({ sampler: new AlwaysOffSampler() }));
  const lines = await told({ pipeline: 'app' }, () => broken({ runId: 'a' })).finally(() => trace.disable());
  expect(lines).toContain(
    'run a: its span is not recorded: a sampler drops it, or there is no tracer provider',
  );
});

test('a sampler that drops a run kept by the instrumentation is logged', async () => {
  const attributes = {
    'chatdebug.run.id': 'a',
    'chatdebug.capture': 'errors',
    'chatdebug.error.kind': 'timeout',
  };
  const sampler = new ErrorKindSampler();
  const lines = await told({}, () => sampler.shouldSample(ROOT_CONTEXT, '', 'chat_turn', 0, attributes, []));
  expect(lines).toContain('run a: ErrorKindSampler drops the span chat_turn');
});
