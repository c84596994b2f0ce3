import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';

/**
 * Sets up what the variant has, before any client is loaded.
 *
 * @returns what goes around a call (`around`), around the openai client and the AI SDK's model (`client`, `model`),
 *   into the AI SDK's options (`telemetry`), and what sends all that has been recorded (`flush`)
 */
export async function setUp({ has, ours, rival }) {
  if (has === 'metrics') await registerMetrics();
  if (has === 'subscriber') subscribe('undici:request:bodyChunkReceived', () => {});
  if (has === 'floor') (await import('./floor.mjs')).startFloor();
  return {
    around: has === 'context' ? inContext(new AsyncLocalStorage()) : (call) => call(),
    client: (client) => client,
    model: (model) => model,
    telemetry: undefined,
    flush: async () => {},
    ...(ours && (await startOurs(ours))),
    ...(rival && (await (await import('../rivals/set-ups.mjs')).SET_UPS[rival]())),
  };
}

const inContext = (context) => (call) => context.run({}, call);

/** A meter provider without an exporter. */
async function registerMetrics() {
  const { metrics } = await import('@opentelemetry/api');
  const { MeterProvider, MetricReader } = await import('@opentelemetry/sdk-metrics');
  class Reader extends MetricReader {
    async onShutdown() {}
    async onForceFlush() {}
  }
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [new Reader()] }));
}

async function startOurs({ opens, ...options }) {
  const { startChatDebug, withRun } = await import('opentelemetry-instrumentation-chatdebug');
  const handle = startChatDebug(options);
  const flush = () => handle.forceFlush();
  if (opens === 'call') return { flush };
  const around = (call) => withRun({ kind: 'chat_turn', chatId: 'chat-1', ownerId: 'user-1' }, call);
  if (opens === 'run') return { flush, around };
  const { wrapModel } = await import('opentelemetry-instrumentation-chatdebug/ai-sdk');
  return { flush, around, model: (model) => wrapModel(model) };
}
