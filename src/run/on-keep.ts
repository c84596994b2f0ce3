import type { Classification } from '../error/index.js';
import { warn } from '../self-diagnostics.js';
import type { RunKind } from '../types.js';
import type { RunRecord } from './run-record.js';

/** A run that failed for a reason to keep it. */
export interface KeptRun {
  /** The run's own, else that of the run around it. */
  readonly chatId: string | undefined;
  /** `chatdebug.run.id`. */
  readonly runId: string;
  /** `undefined` in the application's own pipeline where the run has no parent. */
  readonly traceId: string | undefined;
  /** `chatdebug.run.kind`. */
  readonly runKind: RunKind;
  /** The error that decided. */
  readonly error: Classification;
  /** `chatdebug.error.fingerprint`. */
  readonly fingerprint: string;
  /** False where the budget leaves it out: its trace will not be there. */
  readonly kept: boolean;
}

/**
 * Called at the first evidence of a run, also of one that the budget leaves out: outside the application's call,
 * shortly after it. Whatever it gives back is not waited for; one that throws or rejects costs a warning.
 */
export type OnKeep = (run: KeptRun) => unknown;

const FAILED = 'onKeep failed';

/** Calls the application, and lets nothing of it come back. */
export function tellKept(
  onKeep: OnKeep,
  run: RunRecord,
  error: Classification,
  fingerprint: string,
  kept: boolean,
): void {
  try {
    const answer = onKeep({
      chatId: chatIdOf(run),
      runId: run.id,
      traceId: run.position.traceId,
      runKind: run.kind,
      error,
      fingerprint,
      kept,
    });
    if (isThenable(answer)) answer.then(undefined, (reason: unknown) => warn(FAILED, reason));
  } catch (reason) {
    warn(FAILED, reason);
  }
}

function chatIdOf({ options, parent }: RunRecord): string | undefined {
  return options.chatId ?? (parent && chatIdOf(parent));
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}
