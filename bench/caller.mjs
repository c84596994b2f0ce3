/**
 * The measured process: makes calls as an application makes them, and says what they cost. Plain JavaScript,
 * so that no loader of the bench's own runs inside it. Run by bench/callers.ts with --expose-gc.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import OpenAI from 'openai';

const { variant, provider, text, word } = JSON.parse(process.argv[2]);
const { applicationContext, applicationMetrics, applicationTracing, capture, inRun, opensRuns, started } =
  variant;
const context = applicationContext ? new AsyncLocalStorage() : undefined;

if (applicationTracing) {
  const { NodeTracerProvider } = await import('@opentelemetry/sdk-trace-node');
  new NodeTracerProvider().register();
}
if (applicationMetrics) {
  const { metrics } = await import('@opentelemetry/api');
  const { MeterProvider, MetricReader } = await import('@opentelemetry/sdk-metrics');
  class Reader extends MetricReader {
    async onShutdown() {}
    async onForceFlush() {}
  }
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [new Reader()] }));
}
const chatdebug = started ? await import('opentelemetry-instrumentation-chatdebug') : undefined;
const handle = chatdebug?.startChatDebug({ capture, ...(opensRuns ? {} : { openSteps: [] }) });

const MODEL = 'gpt-4o-mini';
const REQUEST = {
  model: MODEL,
  temperature: 0.2,
  messages: [
    { role: 'system', content: 'You answer in plain words. '.repeat(8) },
    {
      role: 'user',
      content: 'What should I know about the tides before I go out in a small boat? '.repeat(4),
    },
  ],
};

/** Each makes one call, reads the answer to its end and says whether it was the right one. */
const CALLS = {
  json: async (client) => {
    const completion = await client.chat.completions.create(REQUEST);
    return completion.choices[0].message.content === text;
  },
  stream: async (client, { chunks }) => {
    let seen = 0;
    let length = 0;
    for await (const chunk of await client.chat.completions.create({ ...REQUEST, stream: true })) {
      seen += 1;
      length += chunk.choices[0].delta.content?.length ?? 0;
    }
    return seen === chunks && length === (chunks - 1) * word.length;
  },
};

/** As an application does it that uses the package; bare, it is the call alone. */
function inStep(operation, call) {
  if (context) return context.run({}, call);
  if (!inRun) return call();
  return chatdebug.withRun({ kind: 'chat_turn', chatId: 'chat-1', ownerId: 'user-1' }, () =>
    chatdebug.withStep({ operation, provider: 'openai', model: MODEL }, call),
  );
}

function callOf({ kind, path, chunks }) {
  const client = new OpenAI({
    apiKey: 'sk-bench-0123456789abcdef0123',
    baseURL: `${provider}/${path}/v1`,
    maxRetries: 0,
  });
  return { operation: kind === 'json' ? 'generate' : 'stream', call: () => CALLS[kind](client, { chunks }) };
}

/** CPU time of this process, user and system, for some calls one after the other and the export of their spans. */
async function run(question) {
  const { operation, call } = callOf(question);
  let wrong = 0;
  const before = process.cpuUsage();
  const startedAt = performance.now();
  for (let i = 0; i < question.calls; i += 1) if (!(await inStep(operation, call))) wrong += 1;
  await handle?.forceFlush();
  const { user, system } = process.cpuUsage(before);
  return { cpuMicros: user + system, millis: performance.now() - startedAt, wrong };
}

/** Memory that calls hold which have their answer but are not over. */
async function hold(question) {
  const { operation, call } = callOf(question);
  let letGo;
  const gate = new Promise((resolve) => {
    letGo = resolve;
  });
  const ends = [];
  const before = heldBytes();
  for (let i = 0; i < question.calls; i += 1) {
    await new Promise((answered) => {
      const held = inStep(operation, async () => {
        await call();
        answered();
        await gate;
      });
      ends.push(held);
    });
  }
  const bytes = heldBytes() - before;
  letGo();
  await Promise.all(ends);
  await handle?.forceFlush();
  return { bytesPerCall: bytes / question.calls };
}

function heldBytes() {
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const ANSWERS = { run, hold };

process.on('message', (question) => {
  ANSWERS[question.ask](question).then(
    (answer) => process.send({ answer }),
    (error) => process.send({ error: error.stack }),
  );
});
process.on('disconnect', async () => {
  await handle?.shutdown();
  process.exit();
});
