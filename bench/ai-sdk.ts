import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { BatchSpanProcessor, NodeTracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace-node';
import { generateText, type LanguageModel, streamText } from 'ai';
import { wrapModel } from '../src/ai-sdk/index.js';
import { type Capture, startChatDebug, withRun } from '../src/index.js';
import { answer, scriptedModel, streamed, textParts } from '../test/ai-sdk/scripted-model.js';
import { type Spread, spreadOf } from './statistics.js';
import { figure, table } from './table.js';

/**
 * What recording costs a call of the AI SDK, beside what its own telemetry costs: `tsx bench/ai-sdk.ts`. The model
 * answers at once and goes over no wire, so that nothing hides the difference; spans go to an exporter that takes
 * them and does nothing.
 */

const ROUNDS = 30;
const WARM_UPS = 5;
const PARTS = 500;
const SENTENCE = 'The quick brown fox jumps over the lazy dog. '.repeat(20);

type Telemetry = {
  readonly isEnabled: boolean;
  readonly tracer: ReturnType<NodeTracerProvider['getTracer']>;
};
type Call = (model: LanguageModel, experimental_telemetry: Telemetry | undefined) => Promise<unknown>;

interface Work {
  readonly title: string;
  readonly calls: number;
  readonly call: Call;
}

interface Variant {
  readonly label: string;
  readonly capture: Capture | undefined;
  readonly ownTelemetry: boolean;
}

const VARIANTS: readonly Variant[] = [
  { label: 'bare', capture: undefined, ownTelemetry: false },
  { label: 'bare again: the noise', capture: undefined, ownTelemetry: false },
  { label: 'errors only', capture: 'errors', ownTelemetry: false },
  { label: 'full capture', capture: 'full', ownTelemetry: false },
  { label: "the AI SDK's own telemetry", capture: undefined, ownTelemetry: true },
];

const WORKS: readonly Work[] = [
  {
    title: 'generateText',
    calls: 200,
    call: (model, experimental_telemetry) =>
      generateText({ model, prompt: SENTENCE, ...(experimental_telemetry && { experimental_telemetry }) }),
  },
  {
    title: `streamText of ${PARTS} parts`,
    calls: 10,
    call: (model, experimental_telemetry) =>
      Promise.resolve(
        streamText({
          model,
          prompt: SENTENCE,
          ...(experimental_telemetry && { experimental_telemetry }),
        }).consumeStream(),
      ),
  },
];

const DELTAS = Array.from({ length: PARTS }, (_, index) => `word ${index} `);

const bare = scriptedModel({
  generate: () => answer(SENTENCE),
  stream: () => streamed(textParts(DELTAS)),
});
const wrapped = wrapModel(bare);

const nowhere: SpanExporter = {
  export: (_spans, done: (result: ExportResult) => void) => done({ code: ExportResultCode.SUCCESS }),
  shutdown: () => Promise.resolve(),
};

async function main(): Promise<void> {
  const handle = startChatDebug({ exporter: nowhere });
  const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(nowhere)] });
  const telemetry = { isEnabled: true, tracer: provider.getTracer('ai') };
  for (const work of WORKS) {
    const rounds: number[][] = [];
    for (let round = -WARM_UPS; round < ROUNDS; round++) {
      const micros: number[] = [];
      for (const variant of VARIANTS) {
        micros.push(await microsPerCall(work, variant, telemetry));
        // What is written a moment later belongs to no variant's figure but its own.
        await Promise.all([handle.forceFlush(), provider.forceFlush()]);
      }
      if (round >= 0) rounds.push(micros);
    }
    console.log(`${work.title}\n\n${rowsText(rounds)}\n`);
  }
  await Promise.all([handle.shutdown(), provider.shutdown()]);
}

/** CPU time, delivery included. */
async function microsPerCall({ calls, call }: Work, variant: Variant, telemetry: Telemetry): Promise<number> {
  const { capture, ownTelemetry } = variant;
  const model = capture === undefined ? bare : wrapped;
  const once = () => call(model, ownTelemetry ? telemetry : undefined);
  const start = process.cpuUsage();
  for (let done = 0; done < calls; done++) {
    if (capture === undefined) await once();
    else await withRun({ capture }, once);
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

void main();
