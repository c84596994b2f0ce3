import type { Attempt, AttemptLog } from '../attempt/attempt.js';
import { withoutMark } from '../attempt/body/text.js';
import { headerValue } from '../attempt/raw-headers.js';
import { responseText } from '../attempt/text.js';
import { contentKind } from '../content-kind.js';
import type { StepRecord } from '../step/step-record.js';
import type { WireFacts } from '../step/wire-facts.js';
import {
  backgroundIdIn,
  type ResponseState,
  responseState,
  STATE_LENGTH,
} from '../wire/openai/response-state.js';
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

/** As much of a stream as is kept in errors mode: the beginning of its first event. */
const STREAM_HEAD_BYTES = 1_024;

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
    const text = this.#readAnswer();
    const state = text === undefined || isStream(attempt) ? undefined : responseState(text);
    const isBroken = attempt.status !== 'completed' && attempt.errorBody === undefined;
    const streamed = text !== undefined && isBroken && isStream(attempt) ? backgroundIdIn(text) : undefined;
    if (streamed !== undefined && !step.closed && !calls.has(step)) calls.expects(step, streamed, owner);
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
    if (statusCode >= 300 || responseBody !== undefined || bodiesOutOfReach) return;
    attempt.keepResponseBody(isStream(attempt) ? STREAM_HEAD_BYTES : STATE_LENGTH);
    this.#keepsAnswer = true;
  }

  /** The beginning of a successful answer. Of a stream that went well nothing is read. */
  #readAnswer(): string | undefined {
    const { attempt } = this;
    const isRead = (attempt.statusCode ?? 0) < 300 && !(isStream(attempt) && attempt.status === 'completed');
    const body = isRead ? responseText(attempt) : undefined;
    const text = body && withoutMark(body);
    if (this.#keepsAnswer) {
      attempt.responseBody?.release();
      attempt.responseBody = undefined;
      attempt.responseText = undefined;
      this.#keepsAnswer = false;
    }
    return text;
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
function isRepeatable(attempt: Attempt, state: ResponseState | undefined): boolean {
  const { status, statusCode, errorBody } = attempt;
  if (status === 'completed' || state !== undefined) return false;
  return errorBody === undefined && (statusCode ?? 0) < 300;
}

function isStream({ responseHeaders }: Attempt): boolean {
  return contentKind(headerValue(responseHeaders, 'content-type')) === 'sse';
}
