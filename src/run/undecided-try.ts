import type { Attempt, AttemptLog, BegunAttempt, RequestTarget } from '../attempt/attempt.js';
import type { StepRecord } from '../step/step-record.js';
import { BodyFingerprint } from '../wire/body-fingerprint.js';
import * as debugLines from './debug-lines.js';

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
    const found = this.#find(attempt);
    this.#step = found === undefined ? this.open() : found.step;
    if (this.#step === undefined) {
      attempt.sent?.release();
      return;
    }
    this.#step.adopt(attempt);
    debugLines.requestJoined(this.#step, attempt, found?.why ?? 'it is no other try of a call that failed');
  }

  refused(attempt: Attempt): void {
    this.#step?.refused(attempt);
  }

  ended(attempt: Attempt): void {
    // It may fail before a byte of its body was sent.
    this.requestSent(attempt);
    this.#step?.ended(attempt);
  }

  #find({ fingerprint }: Attempt): Found | undefined {
    const waiting = this.failed.filter(({ awaitsRetry }) => awaitsRetry);
    const same = waiting.find(({ attempts }) => isSame(attempts.last?.fingerprint, fingerprint));
    if (same !== undefined) return { step: same, why: 'its body is that of the try that failed' };
    const next = waiting.find(({ attempts }) => attempts.began === this.retryCount);
    return next && { step: next, why: 'its headers say that it is the next try' };
  }
}

interface Found {
  readonly step: StepRecord;
  readonly why: string;
}

/** Of a request that never left nothing is known, so the next one to the same place is its other try. */
function isSame(failed: BodyFingerprint | undefined, now: BodyFingerprint | undefined): boolean {
  if (failed === undefined || now === undefined) return false;
  return failed.size === 0 || now.size === 0 || failed.equals(now);
}
