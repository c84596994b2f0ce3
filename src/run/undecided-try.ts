import type { Attempt, AttemptLog, BegunAttempt, RequestTarget } from '../attempt/attempt.js';
import type { StepRecord } from '../step/step-record.js';
import { BodyFingerprint } from '../wire/body-fingerprint.js';

/**
 * A request that may be another try of a call that failed: which of them its body tells, once it has been sent.
 * What the SDK says itself, by the number of the try, decides where no body was the same.
 */
export class UndecidedTry implements AttemptLog {
  #step: StepRecord | undefined;
  #decided = false;

  /**
   * @param failed the steps that it may belong to; one at least
   * @param retryCount the number of the try, from 0, where the SDK tells
   * @param open opens a step of its own for it
   */
  constructor(
    private readonly failed: readonly StepRecord[],
    private readonly retryCount: number | undefined,
    private readonly open: () => StepRecord | undefined,
  ) {}

  begin(request: RequestTarget): BegunAttempt | undefined {
    const attempt = this.failed[0]?.detached(request);
    if (attempt === undefined) return undefined;
    attempt.fingerprint = new BodyFingerprint();
    return { attempt, log: this };
  }

  active(at: number): void {
    this.#step?.active(at);
  }

  requestSent(attempt: Attempt): void {
    if (this.#decided) return;
    this.#decided = true;
    this.#step = this.#find(attempt) ?? this.open();
    if (this.#step === undefined) attempt.sent?.release();
    else this.#step.adopt(attempt);
  }

  ended(attempt: Attempt): void {
    // It may fail before a byte of its body was sent.
    this.requestSent(attempt);
    this.#step?.ended(attempt);
  }

  #find({ fingerprint }: Attempt): StepRecord | undefined {
    const waiting = this.failed.filter(({ awaitsRetry }) => awaitsRetry);
    return (
      waiting.find(({ attempts }) => isSame(attempts.last?.fingerprint, fingerprint)) ??
      waiting.find(({ attempts }) => attempts.began === this.retryCount)
    );
  }
}

/** Of a request that never left nothing is known, so the next one to the same place is its other try. */
function isSame(failed: BodyFingerprint | undefined, now: BodyFingerprint | undefined): boolean {
  if (failed === undefined || now === undefined) return false;
  return failed.size === 0 || now.size === 0 || failed.equals(now);
}
