import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { generateText, type LanguageModel, streamText } from 'ai';
import { wrapModel } from '../../src/ai-sdk/index.js';
import { withRun } from '../../src/index.js';
import { type Recording, startRecording } from '../support/recording.js';
import { scriptedModel } from './scripted-model.js';

let recording: Recording;

beforeEach(async () => {
  recording = await startRecording();
});
afterEach(() => recording.stop());

/** The spans of the AI SDK's own telemetry, without values that differ between calls. */
async function ownSpans(model: LanguageModel) {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const experimental_telemetry = { isEnabled: true, tracer: provider.getTracer('ai') };
  await generateText({ model, prompt: 'Hi', experimental_telemetry });
  await streamText({ model, prompt: 'Hi', experimental_telemetry }).consumeStream();
  const spans = exporter.getFinishedSpans().map(({ name, attributes, events, status }) => ({
    name,
    status,
    events: events.map((event) => event.name),
    attributes: Object.entries(attributes).filter(([key]) => !/\.id$|timestamp|msTo|avg/.test(key)),
  }));
  await provider.shutdown();
  return spans;
}

test("the AI SDK's telemetry is unchanged, and nothing is recorded twice", async () => {
  const bare = await ownSpans(scriptedModel({}));
  const wrapped = await withRun({}, () => ownSpans(wrapModel(scriptedModel({}))));
  expect(bare.map(({ name }) => name)).toContain('ai.streamText.doStream');
  expect(wrapped).toEqual(bare);
  const spans = await recording.spans();
  expect(spans.map(({ name }) => name).sort()).toEqual(['chat script-1', 'chat script-1', 'invoke_workflow']);
});
