import type { Attempt, AttemptLog } from '../attempt/attempt.js';
import type { StepRecord } from '../step/step-record.js';
import { BodyFingerprint } from '../wire/body-fingerprint.js';
import type { CallEvidence } from './call-evidence.js';
import * as debugLines from './debug-lines.js';

/** A step that a request joins, and the evidence for it. */
export interface Joined {
  readonly step: StepRecord;
  readonly why: string;
}

export interface UndecidedTryOptions {
  /** What tells whether it is a model call at all; `undefined` if its line does. */
  readonly evidence: CallEvidence | undefined;
  /** The call that it is another try of, once its body has been sent; `undefined` for a call of its own. */
  readonly find: (attempt: Attempt) => Joined | undefined;
  /** Opens a step of its own for it. */
  readonly open: () => StepRecord | undefined;
  /** What is told of it from then on. */
  readonly logOf: (step: StepRecord, attempt: Attempt) => AttemptLog;
  readonly decided: (undecided: UndecidedTry, step: StepRecord | undefined) => void;
  /** Stops the recording of a request that is no model call. */
  readonly drop: () => void;
}

/**
 * A request of a known owner that may be another try of a call of that owner, or no model call at all: its body
 * tells, or its headers once they are complete.
 */
export class UndecidedTry implements AttemptLog {
  #log: AttemptLog | undefined;
  #options: UndecidedTryOptions | undefined;

  constructor(
    private readonly attempt: Attempt,
    options: UndecidedTryOptions,
  ) {
    this.#options = options;
    attempt.fingerprint = options.evidence?.body ?? new BodyFingerprint();
  }

  active(at: number): void {
    const evidence = this.#options?.evidence;
    const isAnswered = this.attempt.statusCode !== undefined;
    if (evidence !== undefined && (isAnswered || evidence.isRefuted)) this.decide();
    this.#log?.active(at);
  }

  requestSent(): void {
    this.decide();
  }

  refused(attempt: Attempt): void {
    this.#log?.refused?.(attempt);
  }

  ended(attempt: Attempt): void {
    // It may fail before its body was sent.
    this.decide();
    this.#log?.ended(attempt);
  }

  /** Finds its step with what is known by now. */
  decide(): void {
    const options = this.#options;
    if (options === undefined) return;
    // What it refers to is needed no longer, the request above all.
    this.#options = undefined;
    const { attempt } = this;
    if (options.evidence?.isProven === false) {
      this.#drop(options);
      return;
    }
    const joined = options.find(attempt);
    const step = joined === undefined ? options.open() : joined.step;
    options.decided(this, step);
    if (step === undefined || step.closed) {
      attempt.release();
      return;
    }
    step.adopt(attempt);
    this.#log = options.logOf(step, attempt);
    debugLines.requestJoined(step, attempt, joined?.why ?? 'it is no other try of a call that failed');
  }

  #drop(options: UndecidedTryOptions): void {
    options.decided(this, undefined);
    this.attempt.release();
    options.drop();
    debugLines.requestNotRecorded(this.attempt, 'neither its headers nor its body are those of a model call');
  }
}
