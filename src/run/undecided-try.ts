import type { Attempt, AttemptLog } from '../attempt/attempt.js';
import type { StepRecord } from '../step/step-record.js';
import { BodyFingerprint } from '../wire/body-fingerprint.js';
import * as debugLines from './debug-lines.js';

/** A step that a request joins, and the evidence for it. */
export interface Joined {
  readonly step: StepRecord;
  readonly why: string;
}

export interface UndecidedTryOptions {
  /** The call that it is another try of, once its body has been sent; `undefined` for a call of its own. */
  readonly find: (attempt: Attempt) => Joined | undefined;
  /** Opens a step of its own for it. */
  readonly open: () => StepRecord | undefined;
  readonly decided: (undecided: UndecidedTry, step: StepRecord | undefined) => void;
}

/** A request of a known owner that may be another try of a call of that owner: its body tells. */
export class UndecidedTry implements AttemptLog {
  #step: StepRecord | undefined;
  #isDecided = false;

  constructor(
    private readonly attempt: Attempt,
    private readonly options: UndecidedTryOptions,
  ) {
    attempt.fingerprint = new BodyFingerprint();
  }

  active(at: number): void {
    this.#step?.active(at);
  }

  requestSent(): void {
    this.decide();
  }

  refused(attempt: Attempt): void {
    this.#step?.refused(attempt);
  }

  ended(attempt: Attempt): void {
    // It may fail before its body was sent.
    this.decide();
    this.#step?.ended(attempt);
  }

  /** Finds its step with what is known by now. */
  decide(): void {
    if (this.#isDecided) return;
    this.#isDecided = true;
    const { attempt, options } = this;
    const joined = options.find(attempt);
    const step = joined === undefined ? options.open() : joined.step;
    options.decided(this, step);
    if (step === undefined || step.closed) {
      attempt.release();
      return;
    }
    this.#step = step;
    step.adopt(attempt);
    debugLines.requestJoined(step, attempt, joined?.why ?? 'it is no other try of a call that failed');
  }
}
