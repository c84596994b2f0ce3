import { createOpenAI } from '@ai-sdk/openai';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { BatchSpanProcessor, NodeTracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace-node';
import { generateText, type LanguageModel, streamText } from 'ai';
import { wrapModel } from '../src/ai-sdk/index.js';
import { type Capture, startChatDebug, withRun } from '../src/index.js';
import { answer, scriptedModel, streamed, textParts } from '../test/ai-sdk/scripted-model.js';
import { startServers } from './calls.js';
import { type Spread, spreadOf } from './statistics.js';
import { figure, table } from './table.js';

/**
 * What recording costs a call of the AI SDK, beside what its own telemetry costs: `tsx bench/ai-sdk.ts`. One model
 * answers at once and goes over no wire, so that nothing hides the difference; the other is OpenAI's, with a
 * provider in another process. Spans go to an exporter that takes them and does nothing.
 */

const ROUNDS = 20;
const WARM_UPS = 3;
const PARTS = 500;
const SENTENCE = 'The quick brown fox jumps over the lazy dog. '.repeat(20);

type Telemetry = {
  readonly isEnabled: boolean;
  readonly tracer: ReturnType<NodeTracerProvider['getTracer']>;
};
type Call = (model: LanguageModel, experimental_telemetry: Telemetry | undefined) => Promise<unknown>;

interface Work {
  readonly title: string;
  /** Of the provider, before `/v1`; none for the model that goes over no wire. */
  readonly path: string | undefined;
  readonly calls: number;
  readonly call: Call;
}

interface Variant {
  readonly label: string;
  readonly capture: Capture;
  readonly ownTelemetry: boolean;
}

const VARIANTS: readonly Variant[] = [
  { label: 'bare', capture: 'off', ownTelemetry: false },
  { label: 'bare again: the noise', capture: 'off', ownTelemetry: false },
  { label: 'errors only', capture: 'errors', ownTelemetry: false },
  { label: 'full capture', capture: 'full', ownTelemetry: false },
  { label: "the AI SDK's own telemetry", capture: 'off', ownTelemetry: true },
];

const generate: Call = (model, experimental_telemetry) =>
  generateText({ model, prompt: SENTENCE, ...(experimental_telemetry && { experimental_telemetry }) });

const stream: Call = async (model, experimental_telemetry) => {
  const options = { model, prompt: SENTENCE, ...(experimental_telemetry && { experimental_telemetry }) };
  await streamText(options).consumeStream();
};

const WORKS: readonly Work[] = [
  { title: 'generateText', path: undefined, calls: 100, call: generate },
  { title: 'generateText over HTTP', path: 'json', calls: 30, call: generate },
  { title: `streamText of ${PARTS} parts`, path: undefined, calls: 5, call: stream },
  { title: `streamText of ${PARTS} parts over HTTP`, path: `stream/${PARTS}`, calls: 4, call: stream },
];

const DELTAS = Array.from({ length: PARTS }, (_, index) => `word ${index} `);

const scripted = scriptedModel({
  generate: () => answer(SENTENCE),
  stream: () => streamed(textParts(DELTAS)),
});

const nowhere: SpanExporter = {
  export: (_spans, done: (result: ExportResult) => void) => done({ code: ExportResultCode.SUCCESS }),
  shutdown: () => Promise.resolve(),
};

async function main(): Promise<void> {
  const handle = startChatDebug({ exporter: nowhere });
  const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(nowhere)] });
  const telemetry = { isEnabled: true, tracer: provider.getTracer('ai') };
  const servers = await startServers();
  const modelOf = ({ path }: Work) => {
    if (path === undefined) return scripted;
    return createOpenAI({ apiKey: 'none', baseURL: `${servers.urls.provider}/${path}/v1` }).chat(
      'gpt-4o-mini',
    );
  };
  for (const work of WORKS) {
    const model = wrapModel(modelOf(work));
    const rounds: number[][] = [];
    for (let round = -WARM_UPS; round < ROUNDS; round++) {
      const micros: number[] = [];
      for (const variant of VARIANTS) {
        micros.push(await microsPerCall(work, model, variant, telemetry));
        // What is written a moment later belongs to no variant's figure but its own.
        await Promise.all([handle.forceFlush(), provider.forceFlush()]);
      }
      if (round >= 0) rounds.push(micros);
    }
    console.log(`${work.title}\n\n${rowsText(rounds)}\n`);
  }
  await Promise.all([handle.shutdown(), provider.shutdown(), servers.stop()]);
}

/** CPU time, delivery included. Without a capture the wrapped model is called straight through. */
async function microsPerCall(
  { calls, call }: Work,
  model: LanguageModel,
  { capture, ownTelemetry }: Variant,
  telemetry: Telemetry,
): Promise<number> {
  const start = process.cpuUsage();
  for (let done = 0; done < calls; done++) {
    await withRun({ capture }, () => call(model, ownTelemetry ? telemetry : undefined));
  }
  // Spans are written a turn of the event loop after the end of a call.
  await new Promise((resolve) => setImmediate(resolve));
  const { user, system } = process.cpuUsage(start);
  return (user + system) / calls;
}

function rowsText(rounds: readonly (readonly number[])[]): string {
  const of = (value: (round: readonly number[]) => number): Spread => spreadOf(rounds.map(value));
  const rows = VARIANTS.map(({ label }, index) => {
    const micros = of((round) => round[index] ?? Number.NaN);
    const ratio = of((round) => (round[index] ?? Number.NaN) / (round[0] ?? Number.NaN));
    return [
      label,
      figure(micros.median, 0),
      figure(ratio.median, 3),
      `${figure(ratio.low, 3)} to ${figure(ratio.high, 3)}`,
    ];
  });
  return table(['', 'CPU µs/call', '× bare', 'middle half'], rows);
}

main().then(() => process.exit(0));
