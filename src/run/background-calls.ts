import type { Attempt, AttemptLog } from '../attempt/attempt.js';
import { judgeAttempt } from '../attempt/judge.js';
import { timers } from '../clock.js';
import { guarded } from '../self-diagnostics.js';
import type { StepRecord } from '../step/step-record.js';
import type { WireFacts } from '../step/wire-facts.js';
import type { ResponseState } from '../verdict/frame.js';
import type { Identity } from './retry-evidence.js';
import type { RunRecord } from './run-record.js';

/** Who made a call: a run, or outside of every run an identity. Only its own polls join it. */
export type CallOwner = RunRecord | Identity;

interface BackgroundCall {
  readonly id: string;
  readonly owner: CallOwner;
  /** Ticks left in which a poll may come; 0 unless the last answer said that the call is under way. */
  ticksLeft: number;
  isOver: boolean;
}

/** Of more, the oldest waits no longer. */
const MAX_CALLS = 1_000;

/**
 * Calls of the Responses API that the provider works on in the background, and the polls of them. The step of such a
 * call waits for the next poll until one says that the response is over, or none has come for `idleTicks`.
 */
export class BackgroundCalls {
  readonly #calls = new Map<StepRecord, BackgroundCall>();

  constructor(private readonly idleTicks: number) {}

  has(step: StepRecord): boolean {
    return this.#calls.has(step);
  }

  /** The provider works on the call of this step, and a poll of it may still come. */
  awaitsPoll(step: StepRecord): boolean {
    return (this.#calls.get(step)?.ticksLeft ?? 0) > 0;
  }

  /** The open step whose call got a response with this id. */
  find(id: string, isOwner: (owner: CallOwner) => boolean): StepRecord | undefined {
    for (const [step, call] of this.#calls) {
      if (call.id === id && !step.closed && isOwner(call.owner)) return step;
    }
    return undefined;
  }

  /** Polls of this response belong to the step: it was opened by one of them, or its own stream has broken. */
  expects(step: StepRecord, id: string, owner: CallOwner): void {
    this.#add(step, { id, owner, ticksLeft: 0, isOver: false });
  }

  /** What is told of an exchange of this step, so that it waits for polls. */
  logOf(step: StepRecord, owner: CallOwner): AttemptLog {
    return new ResponseLog(this, step, owner);
  }

  /**
   * An answer has said how far the call has come; `undefined` where it did not.
   *
   * @returns whether it goes on
   */
  answered(step: StepRecord, owner: CallOwner, state: ResponseState | undefined): boolean {
    const call = this.#calls.get(step);
    if (state === undefined || call?.isOver) return false;
    if (state.isUnderWay) {
      const known = call ?? { id: state.id, owner, ticksLeft: 0, isOver: false };
      known.ticksLeft = this.idleTicks;
      if (call === undefined) this.#add(step, known);
    } else if (call !== undefined) {
      call.isOver = true;
      call.ticksLeft = 0;
    }
    return state.isUnderWay;
  }

  /** A poll has failed: unless it is repeated soon, that is how the call ends. */
  failed(step: StepRecord): void {
    const call = this.#calls.get(step);
    if (call !== undefined) call.ticksLeft = 0;
  }

  /** Called at each tick of the live runs. */
  tick(): void {
    for (const [step, call] of this.#calls) {
      if (step.closed) this.#calls.delete(step);
      else if (call.ticksLeft > 0 && step.awaitsRetry) {
        call.ticksLeft -= 1;
        if (call.ticksLeft === 0) step.endIfWaiting();
      }
    }
  }

  #add(step: StepRecord, call: BackgroundCall): void {
    this.#calls.set(step, call);
    if (this.#calls.size <= MAX_CALLS) return;
    for (const [oldest] of this.#calls) {
      this.#calls.delete(oldest);
      oldest.endIfWaiting();
      return;
    }
  }
}

/** Tells the step of a call or poll what happens, and keeps the step open while the call is under way. */
class ResponseLog implements AttemptLog {
  constructor(
    private readonly calls: BackgroundCalls,
    private readonly step: StepRecord,
    private readonly owner: CallOwner,
  ) {}

  active(at: number): void {
    this.step.active(at);
  }

  refused(attempt: Attempt): void {
    this.step.refused(attempt);
  }

  ended(attempt: Attempt): void {
    if (attempt.isJudged) {
      this.#ended(attempt, false);
      return;
    }
    // What its body says takes too long to be read inside an event of the HTTP client.
    this.step.hold();
    timers.setImmediate(() =>
      guarded('a background call could not be followed', undefined, () => {
        judgeAttempt(attempt);
        this.#ended(attempt, true);
      }),
    );
  }

  /** @param isHeld the step is held until now */
  #ended(attempt: Attempt, isHeld: boolean): void {
    const { calls, step, owner } = this;
    const { response } = attempt;
    const isComplete = attempt.status === 'completed';
    const isBroken = !isComplete && !attempt.hasErrorInBody;
    if (isBroken && response?.isBackground && !step.closed && !calls.has(step))
      calls.expects(step, response.id, owner);
    const goesOn = !step.closed && isComplete && !attempt.isStream && calls.answered(step, owner, response);
    if (step.closed || !calls.has(step)) {
      step.ended(attempt);
      if (isHeld) step.release('call');
      return;
    }
    if (!isComplete) calls.failed(step);
    if (!isHeld) step.hold();
    step.ended(attempt);
    step.release(goesOn || isRepeatable(attempt) ? 'retry' : 'call');
  }
}

/** What reads bodies is loaded with the first step that is read. */
const loadReading = () => require('../step/wire-facts.js') as typeof import('../step/wire-facts.js');

/** What a call and its polls say: polls have no body, so the request is that of the call. */
export function readBackgroundCall(attempts: readonly Attempt[]): WireFacts | undefined {
  const { readWire } = loadReading();
  const asked = attempts.findLast(({ method }) => method === 'POST');
  const facts = readWire(attempts);
  return facts && { ...facts, request: facts.request ?? (asked && readWire([asked])?.request) };
}

/** A poll was broken off, or a stream cut: the next poll may tell more. */
function isRepeatable({ status, statusCode, hasErrorInBody }: Attempt): boolean {
  return status !== 'completed' && !hasErrorInBody && (statusCode ?? 0) < 300;
}
