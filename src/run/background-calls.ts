import type { Attempt, AttemptListener } from '../attempt/attempt.js';
import { judgeAttempt } from '../attempt/exchange.js';
import { timers } from '../clock.js';
import { guarded } from '../self-diagnostics.js';
import type { StepRecord } from '../step/step-record.js';
import type { WireFacts } from '../step/wire-facts.js';
import type { ResponseState } from '../verdict/frame.js';
import type { RecognisedCall } from '../wire/format.js';
import type { Identity } from './retry-evidence.js';
import type { RunRecord } from './run-record.js';

/** The run or, outside any run, the identity that made a call. Only polls of the same owner join the call. */
export type CallOwner = RunRecord | Identity;

interface BackgroundCall {
  readonly id: string;
  /** Host and path of its stream, if its URL does not contain the id. */
  readonly stream?: string | undefined;
  readonly owner: CallOwner;
  /** Remaining ticks in which a poll may come; 0 unless the last response reported that the call is in progress. */
  ticksLeft: number;
  isOver: boolean;
}

/** Beyond it, the oldest call is evicted. */
const MAX_CALLS = 1_000;

/**
 * Calls that the provider processes in the background. The step of such a call waits for the next poll until one
 * reports that the response is complete, or until no poll has come for `idleTicks`.
 */
export class BackgroundCalls {
  readonly #calls = new Map<StepRecord, BackgroundCall>();
  readonly #owners = new WeakMap<StepRecord, CallOwner>();

  constructor(private readonly idleTicks: number) {}

  has(step: StepRecord): boolean {
    return this.#calls.has(step);
  }

  ownerOf(step: StepRecord): CallOwner | undefined {
    return this.#owners.get(step);
  }

  /** Whether the call of this step is in progress and may still be polled. */
  awaitsPoll(step: StepRecord): boolean {
    return (this.#calls.get(step)?.ticksLeft ?? 0) > 0;
  }

  /** Returns the open step whose call has a response with this id, or a stream at this URL. */
  find(id: string, isOwner: (owner: CallOwner) => boolean): StepRecord | undefined {
    for (const [step, call] of this.#calls) {
      if ((call.id === id || call.stream === id) && !step.closed && isOwner(call.owner)) return step;
    }
    return undefined;
  }

  expect(step: StepRecord, id: string, owner: CallOwner): void {
    this.#add(step, { id, owner, ticksLeft: 0, isOver: false });
  }

  /**
   * Returns the listener for an attempt of this step: the step itself, or one that makes it wait for polls.
   *
   * @param owner whose polls may join the step; `undefined` for none
   */
  listenerFor(step: StepRecord, call: RecognisedCall, owner: CallOwner | undefined): AttemptListener {
    if (owner === undefined || !call.format.isPolled) return step;
    this.#owners.set(step, owner);
    if (call.responseId !== undefined && !this.has(step)) this.expect(step, call.responseId, owner);
    return new PolledCallListener(this, step, owner);
  }

  /**
   * Stores the state that a response has reported.
   *
   * @returns whether the call is still in progress
   */
  update(step: StepRecord, owner: CallOwner, state: ResponseState | undefined): boolean {
    const call = this.#calls.get(step);
    if (state === undefined || call?.isOver) return false;
    if (state.isPending) {
      const known = call ?? { id: state.id, stream: state.stream, owner, ticksLeft: 0, isOver: false };
      known.ticksLeft = this.idleTicks;
      if (call === undefined) this.#add(step, known);
    } else if (call !== undefined) {
      call.isOver = true;
      call.ticksLeft = 0;
    }
    return state.isPending;
  }

  /** Call for a failed poll: the call ends with it unless the poll is repeated soon. */
  failed(step: StepRecord): void {
    const call = this.#calls.get(step);
    if (call !== undefined) call.ticksLeft = 0;
  }

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

/** Forwards the events of a call or poll to its step, and keeps the step open while the call is in progress. */
class PolledCallListener implements AttemptListener {
  constructor(
    private readonly calls: BackgroundCalls,
    private readonly step: StepRecord,
    private readonly owner: CallOwner,
  ) {}

  active(at: number): void {
    this.step.active(at);
  }

  errorStatus(attempt: Attempt): void {
    this.step.errorStatus(attempt);
  }

  ended(attempt: Attempt): void {
    if (attempt.isJudged) {
      this.#ended(attempt, false);
      return;
    }
    // Reading its body takes too long for an event of the HTTP client.
    this.step.hold();
    timers.setImmediate(() =>
      guarded('a background call could not be followed', undefined, () => {
        judgeAttempt(attempt);
        this.#ended(attempt, true);
      }),
    );
  }

  #ended(attempt: Attempt, isHeld: boolean): void {
    const { calls, step, owner } = this;
    const { response } = attempt;
    const isComplete = attempt.status === 'completed';
    const isBroken = !isComplete && !attempt.hasErrorInBody;
    if (isBroken && response?.isBackground && !step.closed && !calls.has(step))
      calls.expect(step, response.id, owner);
    const goesOn = !step.closed && isComplete && !attempt.isStream && calls.update(step, owner, response);
    if (step.closed || !calls.has(step)) {
      step.ended(attempt);
      if (isHeld) step.release('call');
      return;
    }
    if (!isComplete) calls.failed(step);
    if (!isHeld) step.hold();
    step.ended(attempt);
    step.release(goesOn || mayPollAgain(attempt) ? 'retry' : 'call');
  }
}

const loadReading = () => require('../step/wire-facts.js') as typeof import('../step/wire-facts.js');

/** Reads a call and its polls. Polls have no body, so the request is that of the call. */
export function readBackgroundCall(attempts: readonly Attempt[]): WireFacts | undefined {
  const { readWire } = loadReading();
  const request = attempts.findLast(({ method }) => method === 'POST');
  const facts = readWire(attempts);
  return facts && { ...facts, request: facts.request ?? (request && readWire([request])?.request) };
}

/** Whether a poll may follow: the last one was aborted, or a stream was cut. */
function mayPollAgain({ status, statusCode, hasErrorInBody }: Attempt): boolean {
  return status !== 'completed' && !hasErrorInBody && (statusCode ?? 0) < 300;
}
