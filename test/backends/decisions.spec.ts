import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { buildTree } from '../support/tree.js';
import { ANSWERED, type Application, BROKEN, BUSY, startApplication } from './support/application.js';
import { stopAllPrograms } from './support/program.js';
import { type SinkCollector, startSinkCollector } from './support/sink.js';

const DECISION_WAIT_MILLIS = 1_000;

let to: SinkCollector;
let application: Application;
beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  to = await startSinkCollector({ config: 'collector-config.yaml' }, ['traces/runs', 'traces/others'], {
    tail_sampling: { decision_wait: `${DECISION_WAIT_MILLIS}ms` },
  });
});
afterEach(() => application.stop());
afterAll(async () => {
  context.disable();
  await to.sink.close();
  await stopAllPrograms();
});

/** Waits until everything before it in the same trace has been decided and removed. */
const decided = () => new Promise((resolve) => setTimeout(resolve, 3 * DECISION_WAIT_MILLIS));

/** The spans of these chats, once a later run has arrived that is kept at once, unlike the others. */
async function arrived(...chats: string[]) {
  await application.handle.forceFlush();
  await decided();
  const last = `last of ${chats}`;
  await application.turn({ chatId: last }, BROKEN);
  await application.handle.forceFlush();
  await to.sink.waitForSpans((spans) => buildTree(spans).some(({ chatId }) => chatId === last));
  return buildTree(to.sink.spans).filter(({ chatId = '' }) => chats.includes(chatId));
}

test('the Collector keeps whole runs with unclassified errors and drops the others', async () => {
  application = await startApplication(to.collector.url, { decide: 'collector' });
  await application.turn({ chatId: 'healthy' }, ANSWERED);
  await application.turn({ chatId: 'busy' }, BUSY);
  await application.turn({ chatId: 'broken' }, ANSWERED, BROKEN);
  expect(await arrived('healthy', 'busy', 'broken')).toMatchObject([
    {
      chatId: 'broken',
      status: 'error',
      error: { kind: 'generic' },
      stepCount: 2,
      steps: [
        { status: 'completed', attempts: [{ statusCode: 200 }] },
        {
          status: 'error',
          error: { kind: 'generic' },
          attempts: [{ statusCode: 500, requestId: 'req_broken' }],
        },
      ],
    },
  ]);
});

test('it keeps full captures, also those longer than its wait', async () => {
  application = await startApplication(to.collector.url, { decide: 'collector' });
  const slow = { ...ANSWERED, delayMillis: 2 * DECISION_WAIT_MILLIS };
  await application.turn({ chatId: 'full', capture: 'full' }, ANSWERED, slow, ANSWERED);
  expect(await arrived('full')).toMatchObject([{ status: 'completed', steps: [{}, {}, {}] }]);
});

test('a run longer than its wait is judged by its end', async () => {
  application = await startApplication(to.collector.url, { decide: 'collector' });
  const slow = { ...BROKEN, delayMillis: 2 * DECISION_WAIT_MILLIS };
  await application.turn({ chatId: 'long' }, ANSWERED, slow);
  expect(await arrived('long')).toMatchObject([
    { status: 'error', steps: [{}, { error: { kind: 'generic' } }] },
  ]);
});

test('runs that a process decided to keep pass', async () => {
  application = await startApplication(to.collector.url);
  await application.turn({ chatId: 'kept' }, ANSWERED, BROKEN);
  expect(await arrived('kept')).toMatchObject([{ status: 'error', stepCount: 2, steps: [{ number: 2 }] }]);
});

test('in a trace of the application, a dropped run drops no later run and no other span', async () => {
  application = await startApplication(to.collector.url, { decide: 'collector' });
  const own = new NodeTracerProvider({
    spanProcessors: [
      new SimpleSpanProcessor(new OTLPTraceExporter({ url: `${to.collector.url}/v1/traces` })),
    ],
  });
  const session = own.getTracer('application').startSpan('session');
  await context.with(trace.setSpan(context.active(), session), async () => {
    await application.turn({ chatId: 'first' }, ANSWERED);
    own.getTracer('application').startSpan('lookup', {}, context.active()).end();
    await application.handle.forceFlush();
    await decided();
    await application.turn({ chatId: 'second' }, BROKEN);
    await application.handle.forceFlush();
    await decided();
    await application.turn({ chatId: 'third' }, ANSWERED);
  });
  session.end();
  await own.shutdown();
  const [second, third] = await arrived('first', 'second', 'third');
  const { traceId, spanId } = session.spanContext();
  expect(second).toMatchObject({ chatId: 'second', traceId, span: { parentSpanId: spanId } });
  // Its trace has been kept by then.
  expect(third).toMatchObject({ chatId: 'third', traceId });
  const others = to.sink.spans.filter((span) => span.scope.name === 'application');
  expect(others.map((span) => [span.name, span.traceId])).toEqual([
    ['lookup', traceId],
    ['session', traceId],
  ]);
});
