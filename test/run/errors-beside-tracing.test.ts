import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  NodeTracerProvider,
  ParentBasedSampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { withRun, withStep } from '../../src/index.js';
import { completion, openaiError } from '../support/openai-replies.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
let theirs: OtlpReceiver;
let application: NodeTracerProvider;

async function start(sampler: AlwaysOnSampler | AlwaysOffSampler) {
  theirs = await startOtlpReceiver();
  const exporter = new OTLPTraceExporter({ url: `${theirs.url}/v1/traces` });
  application = new NodeTracerProvider({
    sampler: new ParentBasedSampler({ root: sampler }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  recording = await startRecording({ capture: 'errors' });
}
beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());
afterEach(async () => {
  await recording.stop();
  await application.shutdown();
  await theirs.close();
});

/** A request of the application with a chat turn in it. Returns the application's span. */
async function request() {
  const span = application.getTracer('application').startSpan('request');
  await context.with(trace.setSpan(context.active(), span), () =>
    withRun({ chatId: 'c' }, () =>
      withStep({ model: 'm' }, async () => {
        const response = await fetch(`${recording.provider.url}/v1/chat/completions`, { method: 'POST' });
        const body = await response.json();
        if (!response.ok) throw Object.assign(new Error('failed'), { status: response.status, error: body });
      }),
    ).catch(() => {}),
  );
  span.end();
  return span.spanContext();
}

test('beside a provider that samples everything, a healthy turn adds no span to either side', async () => {
  await start(new AlwaysOnSampler());
  recording.provider.reply(completion('x'));
  await request();
  await recording.stop();
  await application.forceFlush();
  expect(theirs.spans.map(({ name }) => name)).toEqual(['request']);
  expect(recording.receiver.bodies).toHaveLength(0);
});

test("a failed turn adds the run and its failing step below the application's span", async () => {
  await start(new AlwaysOnSampler());
  recording.provider.reply(openaiError(500, null, 'server_error', 'broke'));
  const { traceId, spanId } = await request();
  const [run] = await recording.runs();
  expect(run?.span).toMatchObject({ traceId, parentSpanId: spanId });
  expect(run?.steps).toMatchObject([{ status: 'error', span: { traceId, parentSpanId: run?.span?.spanId } }]);
  await application.forceFlush();
  expect(theirs.spans.map(({ name }) => name)).toEqual(['request']);
});

test('in an unsampled trace, a kept run has no missing parent', async () => {
  await start(new AlwaysOffSampler());
  recording.provider.reply(openaiError(500, null, 'server_error', 'broke'));
  const { traceId, spanId } = await request();
  const [run] = await recording.runs();
  expect(run?.span).toMatchObject({ traceId, parentSpanId: undefined });
  expect(run?.span?.attributes['chatdebug.parent_span_id']).toBe(spanId);
  expect(theirs.bodies).toHaveLength(0);
});
