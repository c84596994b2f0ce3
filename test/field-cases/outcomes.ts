import { ERROR_KINDS } from '../../src/error/index.js';
import { ATTR_SERVER_PORT } from '../../src/semconv.js';
import { number } from '../support/attributes.js';
import { startRecording } from '../support/recording.js';
import type { RunTree } from '../support/tree.js';
import { type Cut, exchange, type FieldClient, type FieldExchange, serve } from './exchange.js';

/** The recording of one exchange. */
export interface Outcome {
  /** The outcome of the step, its run and its attempt, or `nothing` without a recording. */
  readonly status: string;
  readonly kind: string | undefined;
  readonly errorType: string | undefined;
  readonly detail: string | undefined;
}

export const NOTHING: Outcome = {
  status: 'nothing',
  kind: undefined,
  errorType: undefined,
  detail: undefined,
};

const ATTEMPT_STATUS: Readonly<Record<string, string>> = {
  completed: 'completed',
  error: 'failed',
  interrupted: 'interrupted',
};

/** Sends each exchange outside every run, to a server of its own, and returns its recording. */
export async function outcomesOf(
  exchanges: readonly FieldExchange[],
  capture: 'errors' | 'full',
  cut: Cut,
  client: FieldClient = 'fetch',
): Promise<Outcome[]> {
  const recording = await startRecording({
    capture,
    keepKinds: ERROR_KINDS,
    keepPerFingerprint: 1_000_000,
    keepPerMinute: 1_000_000,
    errorText: 'full',
  });
  const servers = await Promise.all(exchanges.map((one) => serve(one, cut)));
  await Promise.all(exchanges.map((one, index) => exchange(one, servers[index]?.url ?? '', client)));
  const runs = await recording.stop();
  await Promise.all(servers.map((server) => server.close()));
  return servers.map(({ url }) => outcomeAt(runs, Number(new URL(url).port)));
}

function outcomeAt(runs: readonly RunTree[], port: number): Outcome {
  const own = runs.filter(({ steps }) => steps.some(({ span }) => number(span, ATTR_SERVER_PORT) === port));
  const [run, ...others] = own;
  const [step, ...otherSteps] = run?.steps ?? [];
  if (run === undefined || step === undefined) return NOTHING;
  if (others.length > 0 || otherSteps.length > 0) return { ...NOTHING, status: `${own.length} runs` };
  const { status = 'none', error } = step;
  const [attempt] = step.attempts;
  if (run.status !== status || attempt?.status !== ATTEMPT_STATUS[status])
    return { ...NOTHING, status: `step ${status}, run ${run.status}, attempt ${attempt?.status}` };
  return { status, kind: error?.kind, errorType: error?.type, detail: error?.detail };
}
