import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Sets up what the variant has, before any client is loaded.
 *
 * @returns what goes around a call (`around`), around the openai client and the AI SDK's model (`client`,
 *   `model`), into the AI SDK's options (`telemetry`), and what sends all that has been recorded (`flush`)
 */
export async function setUp({ application = {}, ours, rival }) {
  if (application.tracing) {
    const { NodeTracerProvider } = await import('@opentelemetry/sdk-trace-node');
    new NodeTracerProvider().register();
  }
  if (application.metrics) await registerMetrics();
  return {
    around: application.context ? inContext(new AsyncLocalStorage()) : (_operation, call) => call(),
    client: (client) => client,
    model: (model) => model,
    telemetry: undefined,
    flush: async () => {},
    ...(ours && (await startOurs(ours))),
    ...(rival && (await (await import('./rivals/set-ups.mjs')).SET_UPS[rival]())),
  };
}

const inContext = (context) => (_operation, call) => context.run({}, call);

async function registerMetrics() {
  const { metrics } = await import('@opentelemetry/api');
  const { MeterProvider, MetricReader } = await import('@opentelemetry/sdk-metrics');
  class Reader extends MetricReader {
    async onShutdown() {}
    async onForceFlush() {}
  }
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [new Reader()] }));
}

async function startOurs({ capture, opens }) {
  const { startChatDebug, withRun, withStep } = await import('opentelemetry-instrumentation-chatdebug');
  const handle = startChatDebug({ capture, ...(opens === 'nothing' && { openSteps: [] }) });
  const inRun = (call) => withRun({ kind: 'chat_turn', chatId: 'chat-1', ownerId: 'user-1' }, call);
  const flush = () => handle.forceFlush();
  if (opens === 'application') {
    const step = (operation) => ({ operation, provider: 'openai', model: 'gpt-4o-mini' });
    return { flush, around: (operation, call) => inRun(() => withStep(step(operation), call)) };
  }
  if (opens === 'model') {
    const { wrapModel } = await import('opentelemetry-instrumentation-chatdebug/ai-sdk');
    return { flush, around: (_operation, call) => inRun(call), model: (model) => wrapModel(model) };
  }
  return { flush };
}
