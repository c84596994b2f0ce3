import { metrics } from '@opentelemetry/api';
import { type ChatDebugOptions, withRun } from '../../src/index.js';
import { type CollectedMetrics, collectMetrics } from '../support/metrics.js';
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
  delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
});

/** Uses the exporter that the variables select. */
async function start(options: ChatDebugOptions = {}): Promise<void> {
  recording = await startRecording({ exporter: undefined, shutdownTimeoutMillis: 300, ...options });
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = recording.receiver.url;
}

const turn = () => withRun({}, () => {});

const PROCESSOR = {
  'otel.component.type': 'SpanDelivery',
  'otel.component.name': 'SpanDelivery/chatdebug',
};
const exporter = () => ({
  'otel.component.type': 'otlp_http_json_span_exporter',
  'otel.component.name': 'otlp_http_json_span_exporter/chatdebug',
  'server.address': '127.0.0.1',
  'server.port': Number(new URL(recording.receiver.url).port),
});

const points = async (name: string) =>
  (await collected.points(name)).map(({ attributes, value }) => [
    attributes,
    typeof value === 'number' ? value : value.count,
  ]);

test('each attempt is an export of its own, and a span is processed once', async () => {
  await start();
  let requests = 0;
  recording.receiver.respond(() => {
    requests += 1;
    if (requests === 1) return { type: 'json', status: 503, body: {} };
    if (requests === 2) return { type: 'json', body: { partialSuccess: { rejectedSpans: '1' } } };
    return undefined;
  });
  turn();
  turn();
  await recording.handle.forceFlush({ timeoutMillis: 30_000 });
  turn();
  await recording.handle.forceFlush({ timeoutMillis: 30_000 });
  expect(await points('otel.sdk.processor.span.processed')).toEqual([[PROCESSOR, 3]]);
  const failed = { ...exporter(), 'error.type': '503' };
  const rejected = { ...exporter(), 'error.type': 'rejected' };
  expect(await points('otel.sdk.exporter.span.exported')).toEqual([
    [failed, 2],
    [exporter(), 2],
    [rejected, 1],
  ]);
  expect(await points('otel.sdk.exporter.operation.duration')).toEqual([
    [{ ...failed, 'http.response.status_code': 503 }, 1],
    [rejected, 1],
    [exporter(), 1],
  ]);
  expect(recording.handle.stats().delivery).toMatchObject({ exported: 2, lost: { rejected: 1 } });
});

test('spans that wait, are in flight, or are lost before the export', async () => {
  await start({ maxQueueSpans: 3 });
  expect(await points('otel.sdk.processor.span.queue.capacity')).toEqual([]);
  const hung = new Promise<void>((resolve) => {
    recording.receiver.respond(() => {
      resolve();
      return { type: 'hang', when: 'before-headers' };
    });
  });
  turn();
  const flushed = recording.handle.forceFlush({ timeoutMillis: 300 });
  await hung;
  for (let i = 0; i < 4; i++) turn();
  await flushed;
  expect(await points('otel.sdk.processor.span.queue.capacity')).toEqual([[PROCESSOR, 3]]);
  expect(await points('otel.sdk.exporter.span.inflight')).toEqual([[exporter(), 1]]);
  expect(await points('otel.sdk.processor.span.queue.size')).toEqual([[PROCESSOR, 2]]);
  expect(await points('otel.sdk.processor.span.processed')).toEqual([
    [PROCESSOR, 1],
    [{ ...PROCESSOR, 'error.type': 'queue_full' }, 2],
  ]);
});

test('an exporter of the application is named by its class', async () => {
  class Failing {
    export(_spans: unknown, done: (result: { code: number; error: Error }) => void): void {
      done({ code: 1, error: Object.assign(new Error('no'), { code: 'ECONNREFUSED' }) });
    }
    async shutdown(): Promise<void> {}
  }
  await start({ exporter: new Failing() });
  turn();
  await recording.handle.forceFlush({ timeoutMillis: 200 });
  const [first] = await points('otel.sdk.exporter.span.exported');
  expect(first?.[0]).toEqual({
    'otel.component.type': 'Failing',
    'otel.component.name': 'Failing/chatdebug',
    'error.type': 'ECONNREFUSED',
  });
});

test('names and units are those of the conventions', async () => {
  await start();
  turn();
  await recording.handle.forceFlush({ timeoutMillis: 30_000 });
  expect(await collected.units()).toMatchObject({
    'otel.sdk.processor.span.queue.size': '{span}',
    'otel.sdk.processor.span.queue.capacity': '{span}',
    'otel.sdk.processor.span.processed': '{span}',
    'otel.sdk.exporter.span.inflight': '{span}',
    'otel.sdk.exporter.span.exported': '{span}',
    'otel.sdk.exporter.operation.duration': 's',
  });
});
