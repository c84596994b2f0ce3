import { randomUUID } from 'node:crypto';
import { withRun, withStep } from '../../src/index.js';
import type { Recording } from '../support/recording.js';
import type { AttemptTree, RunTree, StepTree } from '../support/tree.js';

/** The result of a call, as the application saw it. */
export type Outcome<T> = { readonly value: T } | { readonly error: unknown };

export interface Recorded<T> {
  readonly outcome: Outcome<T>;
  readonly run: RunTree;
  readonly step: StepTree;
  /** The first attempt of the step. */
  readonly attempt: AttemptTree;
  /** The attempt's attributes. */
  readonly attributes: Record<string, unknown>;
}

export async function outcomeOf<T>(call: () => T): Promise<Outcome<Awaited<T>>> {
  try {
    return { value: await call() };
  } catch (error) {
    return { error };
  }
}

/** Makes the call as a step of a run of its own and returns what arrived at the OTLP endpoint. */
export async function record<T>(recording: Recording, call: () => T): Promise<Recorded<Awaited<T>>> {
  const runId = randomUUID();
  const outcome = await outcomeOf(() =>
    withRun({ runId, provider: 'openai' }, async () =>
      withStep({ operation: 'generate' }, async () => call()),
    ),
  );
  return { outcome, ...(await arrived(recording, runId)) };
}

/** The run of this id with its first step and that step's first attempt. */
export async function arrived(
  recording: Recording,
  runId: string,
): Promise<Omit<Recorded<never>, 'outcome'>> {
  const runs = await recording.runs();
  const run = runs.find(({ id }) => id === runId);
  const step = run?.steps[0];
  const attempt = step?.attempts[0];
  if (run === undefined || step === undefined || attempt === undefined) {
    throw new Error(`no attempt of run ${runId} arrived: ${JSON.stringify(run, bigints)}`);
  }
  return { run, step, attempt, attributes: attempt.event.attributes };
}

function bigints(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
