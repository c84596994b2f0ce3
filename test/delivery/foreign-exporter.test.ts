import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';
import { tracingIsSuppressed } from '../../src/recording.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { deliverTo, endedSpan, names, stopAll, writer } from './support/delivering.js';

afterEach(stopAll);

test('an OTLP exporter of the application retries by itself, and its Retry-After is observed', async () => {
  const receiver = await startOtlpReceiver();
  const at: number[] = [];
  receiver.respond(() => {
    at.push(performance.now());
    if (at.length > 1) return undefined;
    // More than the rest of its time limit, so that it gives up at once.
    return { type: 'json', status: 429, headers: { 'retry-after': '1' }, body: {} };
  });
  const exporter = new OTLPTraceExporter({ url: `${receiver.url}/v1/traces`, timeoutMillis: 900 });
  const delivery = deliverTo('http://127.0.0.1:9', { exporter });
  writer(delivery)('one');
  await delivery.forceFlush();
  expect(receiver.spans).toHaveLength(1);
  expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(999);
  await receiver.close();
});

type Done = Parameters<SpanExporter['export']>[1];

function exporting(work: (spans: ReadableSpan[], done: Done) => void): SpanExporter {
  return { export: work, shutdown: async () => {} };
}

test('an exporter that never responds is retried, and one that responds twice counts once', async () => {
  let asked = 0;
  const exporter = exporting((_spans, done) => {
    if (++asked < 3) return;
    done({ code: 0 });
    done({ code: 1 });
  });
  const delivery = deliverTo('http://127.0.0.1:9', { exporter, exportTimeoutMillis: 20 });
  writer(delivery)('one');
  await delivery.forceFlush({ timeoutMillis: 30_000 });
  expect(asked).toBe(3);
  expect(delivery.stats()).toEqual({ queued: 0, inFlight: 0, exported: 1, lost: {} });
});

test('an exporter that throws or rejects does not affect the application', async () => {
  const exporter: SpanExporter = {
    export: () => {
      throw new TypeError('broken');
    },
    forceFlush: () => Promise.reject(new Error('no')),
    shutdown: () => {
      throw new Error('no');
    },
  };
  const delivery = deliverTo('http://127.0.0.1:9', { exporter });
  names(3).forEach(writer(delivery));
  await delivery.forceFlush();
  await delivery.shutdown();
  expect(delivery.stats().lost).toEqual({ not_serialisable: 3 });
});

test('a span that throws when it is read does not affect the application', () => {
  const delivery = deliverTo('http://127.0.0.1:9', {});
  const broken = Object.create(endedSpan('broken'), {
    attributes: {
      get: () => {
        throw new Error('no');
      },
    },
  });
  expect(() => delivery.onEnd(broken)).not.toThrow();
});

test('requests of an exporter are not traced', async () => {
  const suppressed: boolean[] = [];
  const exporter = exporting((_spans, done) => {
    suppressed.push(tracingIsSuppressed());
    done({ code: 0 });
  });
  const { context } = await import('@opentelemetry/api');
  const { AsyncLocalStorageContextManager } = await import('@opentelemetry/context-async-hooks');
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const delivery = deliverTo('http://127.0.0.1:9', { exporter });
  writer(delivery)('one');
  await delivery.forceFlush();
  context.disable();
  expect(suppressed).toEqual([true]);
});

test('at the end of the process a synchronous exporter has written, and other spans are counted as lost', () => {
  const written: string[] = [];
  const writing = deliverTo('http://127.0.0.1:9', {
    exporter: exporting((spans, done) => {
      written.push(...spans.map(({ name }) => name));
      done({ code: 0 });
    }),
  });
  writer(writing)('one');
  writing.deliverAtEnd(true);
  expect(written).toEqual(['one']);
  expect(writing.stats()).toEqual({ queued: 0, inFlight: 0, exported: 1, lost: {} });

  const sending = deliverTo('http://127.0.0.1:9', { exporter: exporting(() => {}) });
  writer(sending)('one');
  sending.deliverAtEnd(true);
  expect(sending.stats()).toEqual({ queued: 0, inFlight: 0, exported: 0, lost: { process_end: 1 } });
});
