import type { Attempt } from '../attempt/attempt.js';
import type { Capture, RunKind } from '../types.js';
import { modelIn } from '../wire/request-body.js';
import type { RunRecord } from './run-record.js';

/** A run in progress in this process. */
export interface LiveRun {
  /** `chatdebug.run.id`. */
  readonly runId: string;
  readonly chatId: string | undefined;
  readonly ownerId: string | undefined;
  readonly kind: RunKind;
  readonly capture: Capture;
  /** Milliseconds since the epoch. */
  readonly startTimeMillis: number;
  readonly provider: string | undefined;
  readonly model: string | undefined;
  /** Model calls that have ended. */
  readonly endedSteps: number;
  /** The model call in progress, the newest if there are several. */
  readonly call: LiveCall | undefined;
}

/** A model call in progress. */
export interface LiveCall {
  /** `chatdebug.step.number`. */
  readonly stepNumber: number;
  /** Start of its last attempt, in milliseconds since the epoch. */
  readonly startTimeMillis: number;
  readonly model: string | undefined;
  /** Bytes of the response received so far. */
  readonly bytes: number;
  /** Milliseconds since the last byte from the provider. */
  readonly silentMillis: number;
}

/**
 * Returns the captured runs that are open, the newest first.
 *
 * @param runs the oldest first
 * @param chatId only runs of this chat; all if `undefined`
 * @param now monotonic milliseconds
 */
export function liveRunsOf(
  runs: Iterable<RunRecord>,
  chatId: string | undefined,
  now: number,
): readonly LiveRun[] {
  const open = [...runs].filter(
    (run) => !run.closed && run.capture !== 'off' && (chatId === undefined || run.options.chatId === chatId),
  );
  return Object.freeze(open.map((run) => liveRun(run, now)).reverse());
}

function liveRun(run: RunRecord, now: number): LiveRun {
  const { options, timeline } = run;
  const { attempt, stepNumber = 0 } = run.open.call ?? {};
  return Object.freeze({
    runId: run.id,
    chatId: options.chatId,
    ownerId: options.ownerId,
    kind: run.kind,
    capture: run.capture,
    startTimeMillis: timeline.epochMillis(run.startedAt),
    provider: run.provider,
    model: options.model ?? run.totals.model ?? modelOf(attempt),
    endedSteps: run.totals.stepCount,
    call: attempt && {
      stepNumber,
      startTimeMillis: timeline.epochMillis(attempt.startedAt),
      model: modelOf(attempt),
      bytes: attempt.received.bytes,
      silentMillis: Math.max(0, Math.round(now - (attempt.lastByteAt ?? attempt.startedAt))),
    },
  });
}

/** In full capture the request body is parsed after the call. Until then, its beginning names the model. */
function modelOf(attempt: Attempt | undefined): string | undefined {
  if (attempt === undefined) return undefined;
  const { model, call, requestBody } = attempt;
  return model ?? call?.model ?? (requestBody && modelIn(requestBody.bytes()));
}
