import { join } from 'node:path';
import type { RunDetail, Span } from '../../../src/debug-tab/contract.js';
import { CLIENTS } from '../../outcomes/clients.js';
import { runNode } from '../../support/child.js';
import { startOtlpReceiver } from '../../support/otlp-receiver.js';
import { startProvider } from '../../support/provider.js';
import type { RecordedScenario } from './record.js';
import { storedRuns } from './stored.js';

// In a separate process: under jest an error of fetch is of another realm, and the clients treat it differently.
const PROGRAM = join('test', 'ui', 'support', 'record.ts');

/** A row of docs/outcomes.md and its recording. */
export interface Outcome {
  readonly name: string;
  readonly capture: 'errors' | 'full';
  /** `undefined` if nothing is kept. */
  readonly stored: RunDetail | undefined;
}

/** Records every row of docs/outcomes.md, in both captures. */
export async function recordOutcomes(): Promise<readonly Outcome[]> {
  const receiver = await startOtlpReceiver();
  const provider = await startProvider();
  const { stream, beginning } = CLIENTS['openai, chat'].dialect;
  provider.reply({ ...stream, hangAfter: beginning });
  const ended = await runNode([PROGRAM, provider.url], {
    nodeOptions: ['--import', 'tsx'],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  });
  if (ended.code !== 0) throw new Error(`the outcomes could not be recorded: ${ended.stderr}`);
  const runs = storedRuns(receiver.spans);
  await Promise.all([receiver.close(), provider.close()]);
  const lines: RecordedScenario[] = ended.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const last = {
    scenario: 'the process ends in the middle',
    capture: 'full',
    port: portOf(provider.url),
  } as const;
  return [...lines, last].map(({ scenario, capture, port }) => ({
    name: scenario,
    capture,
    stored: runs.find(
      ({ run, spans }) => run.capture === capture && spans.some((span) => wentTo(span, port)),
    ),
  }));
}

function wentTo({ attributes }: Span, port: number): boolean {
  return attributes['server.port'] === port;
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}
