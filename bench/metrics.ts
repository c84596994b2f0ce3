import { type MeterProvider, metrics } from '@opentelemetry/api';
import { MetricReader, MeterProvider as SdkMeterProvider } from '@opentelemetry/sdk-metrics';
import { BodyCapture, ByteBudget } from '../src/attempt/body/capture.js';
import { HeldChunks } from '../src/attempt/body/held-body.js';
import { startChatDebug, withRun, withStep } from '../src/index.js';
import { KeptBudget } from '../src/run/kept-budget.js';
import { requestShape } from '../src/wire/shape/request-shape.js';
import { figure, table } from './figures.js';

const ROUNDS = 15;
const CALLS = 5_000;

class Reader extends MetricReader {
  protected async onShutdown(): Promise<void> {}
  protected async onForceFlush(): Promise<void> {}
}

type Row = readonly [name: string, microseconds: number];

/** Median CPU time of one call. */
function micros(call: (index: number) => void, calls = CALLS): number {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage();
    for (let index = 0; index < calls; index += 1) call(index);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / calls;
  });
  return rounds.sort((one, other) => one - other)[Math.floor(ROUNDS / 2)] ?? Number.NaN;
}

/**
 * The records of a successful turn with one step and without a request, so that the cost of metrics is all that is
 * measured.
 */
async function turns(name: string, provider: MeterProvider | undefined): Promise<Row> {
  metrics.disable();
  if (provider !== undefined) metrics.setGlobalMeterProvider(provider);
  const handle = startChatDebug({ exporter: { export: () => {}, shutdown: async () => {} } });
  const step = { provider: 'openai', model: 'gpt-4o-mini' };
  const row = [name, micros(() => withRun({ chatId: 'c' }, () => withStep(step, () => {})))] as const;
  await handle.shutdown();
  return row;
}

const BODY = new TextEncoder().encode(
  JSON.stringify({
    model: 'gpt-4o-mini',
    messages: Array.from({ length: 100 }, () => ({ role: 'user', content: 'tides and boats '.repeat(64) })),
  }),
);

function requests(): Row[] {
  const budget = new ByteBudget(50_000_000, () => {});
  const kilobytes = Math.round(BODY.length / 1_024);
  const parsed: unknown = JSON.parse(Buffer.from(BODY).toString());
  const hold = (): void => {
    const held = new HeldChunks(budget);
    held.add(BODY);
    held.release();
  };
  const copy = (): void => {
    const copied = new BodyCapture(1_048_576, budget);
    copied.add(BODY);
    copied.release();
  };
  const repeated = new KeptBudget({ keepPerFingerprint: 30, keepPerMinute: 300 }, () => performance.now());
  return [
    [`a request of ${kilobytes} KB held until its response begins`, micros(hold)],
    ['the same as a copy, for comparison', micros(copy, 500)],
    ['the shape of a failed request', micros(() => requestShape('openai-chat', parsed), 20)],
    ['a budget decision about a failure', micros(() => repeated.take('f'))],
  ];
}

async function main(): Promise<void> {
  const measured = new SdkMeterProvider({ readers: [new Reader()] });
  // Warm-up.
  await turns('', measured);
  const rows = [
    await turns('the records of a healthy turn, without a meter provider', undefined),
    await turns('… and with one', measured),
    ...requests(),
  ];
  console.log(
    table(
      ['', 'CPU µs'],
      rows.map(([name, value]) => [name, figure(value)]),
    ),
  );
}

void main();
