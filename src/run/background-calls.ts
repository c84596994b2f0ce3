import type { Attempt, AttemptLog } from '../attempt/attempt.js';
import { withoutMark } from '../attempt/body/text.js';
import { headerValue } from '../attempt/raw-headers.js';
import { responseText } from '../attempt/text.js';
import { contentKind } from '../content-kind.js';
import type { StepRecord } from '../step/step-record.js';
import type { WireFacts } from '../step/wire-facts.js';
import { type ResponseState, responseState, STATE_LENGTH } from '../wire/openai/response-state.js';
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

  /** A poll of a response opens a step, since the step of its call is not known. */
  opened(step: StepRecord, id: string, owner: CallOwner): void {
    this.#add(step, { id, owner, ticksLeft: 0, isOver: false });
  }

  /** What is told of an exchange of this step, so that it waits for polls. */
  logOf(step: StepRecord, attempt: Attempt, owner: CallOwner): AttemptLog {
    return new ResponseLog(this, step, attempt, owner);
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
  #isAnswered = false;
  /** The beginning of the answer is kept for this alone. */
  #keepsAnswer = false;

  constructor(
    private readonly calls: BackgroundCalls,
    private readonly step: StepRecord,
    private readonly attempt: Attempt,
    private readonly owner: CallOwner,
  ) {}

  active(at: number): void {
    if (!this.#isAnswered && this.attempt.statusCode !== undefined) {
      this.#isAnswered = true;
      this.#keepAnswer();
    }
    this.step.active(at);
  }

  refused(attempt: Attempt): void {
    this.step.refused(attempt);
  }

  ended(attempt: Attempt): void {
    const { calls, step, owner } = this;
    const state = this.#readState();
    const goesOn = !step.closed && attempt.status === 'completed' && calls.answered(step, owner, state);
    if (step.closed || !calls.has(step)) {
      step.ended(attempt);
      return;
    }
    if (attempt.status !== 'completed') calls.failed(step);
    step.hold();
    step.ended(attempt);
    step.release(goesOn || isRepeatable(attempt, state) ? 'retry' : 'call');
  }

  /** In errors mode no successful answer is kept: here its beginning is, until it has ended. */
  #keepAnswer(): void {
    const { attempt } = this;
    const { statusCode = 0, responseBody, bodiesOutOfReach } = attempt;
    if (statusCode >= 300 || responseBody !== undefined || bodiesOutOfReach || isStream(attempt)) return;
    attempt.keepResponseBody(STATE_LENGTH);
    this.#keepsAnswer = true;
  }

  #readState(): ResponseState | undefined {
    const { attempt } = this;
    if ((attempt.statusCode ?? 0) >= 300 || isStream(attempt)) return undefined;
    const body = responseText(attempt);
    const state = body && responseState(withoutMark(body));
    if (this.#keepsAnswer) {
      attempt.responseBody?.release();
      attempt.responseBody = undefined;
      attempt.responseText = undefined;
    }
    return state;
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

/** A poll that was broken off, or a resumed stream that was cut: the next one may tell more. */
function isRepeatable(attempt: Attempt, state: ResponseState | undefined): boolean {
  const { call, status, statusCode, errorBody } = attempt;
  if (call?.responseId === undefined || status === 'completed' || state !== undefined) return false;
  return errorBody === undefined && (statusCode ?? 0) < 300;
}

function isStream({ responseHeaders }: Attempt): boolean {
  return contentKind(headerValue(responseHeaders, 'content-type')) === 'sse';
}
