import type { Attempt, AttemptListener } from '../attempt/attempt.js';
import { headerValue, readHeaders } from '../attempt/request-line.js';
import type { StepRecord } from '../step/step-record.js';
import type { CallProof, RecognisedCall } from '../wire/format.js';
import { BodyFingerprint, MemberScan } from '../wire/request-body.js';
import * as debugLines from './debug-lines.js';

export interface JoinedStep {
  readonly step: StepRecord;
  /** The evidence, for the debug line. */
  readonly why: string;
}

interface UndecidedAttemptOptions {
  /** The missing proof that it is a model call; `undefined` if its request line proves it. */
  readonly proof: PendingProof | undefined;
  /** Finds the call that it retries, once its body has been sent; `undefined` for a call of its own. */
  readonly find: (attempt: Attempt) => JoinedStep | undefined;
  readonly open: () => StepRecord | undefined;
  /** Returns its listener once it has a step. */
  readonly listenerFor: (step: StepRecord, attempt: Attempt) => AttemptListener;
  readonly decided: (undecided: UndecidedAttempt, step: StepRecord | undefined) => void;
  readonly drop: () => void;
}

/**
 * A request of a known owner that may be a retry of its earlier call, or no model call. Its body decides, its headers
 * once they are complete, or its response.
 */
export class UndecidedAttempt implements AttemptListener {
  #listener: AttemptListener | undefined;
  #options: UndecidedAttemptOptions | undefined;

  constructor(
    private readonly attempt: Attempt,
    options: UndecidedAttemptOptions,
  ) {
    this.#options = options;
    attempt.fingerprint = options.proof?.body ?? new BodyFingerprint();
  }

  active(at: number): void {
    const evidence = this.#options?.proof;
    const isAnswered = this.attempt.statusCode !== undefined;
    if (evidence !== undefined && (isAnswered || evidence.isRefuted)) this.decide();
    this.#listener?.active(at);
  }

  requestSent(): void {
    if (!this.#options?.proof?.awaitsResponse) this.decide();
  }

  errorStatus(attempt: Attempt): void {
    this.#listener?.errorStatus?.(attempt);
  }

  ended(attempt: Attempt): void {
    this.decide();
    this.#listener?.ended(attempt);
  }

  /** Finds or opens its step by what is known so far. */
  decide(): void {
    const options = this.#options;
    if (options === undefined) return;
    this.#options = undefined;
    const { attempt } = this;
    if (options.proof?.isProvenBy(attempt) === false) {
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
    this.#listener = options.listenerFor(step, attempt);
    debugLines.requestJoined(step, attempt, joined?.why ?? 'it is not a retry of a failed call');
  }

  #drop(options: UndecidedAttemptOptions): void {
    options.decided(this, undefined);
    this.attempt.release();
    options.drop();
    debugLines.requestNotRecorded(
      this.attempt,
      options.proof?.awaitsResponse
        ? 'its response is neither JSON nor an event stream'
        : 'neither its headers nor its body identify a model call',
    );
  }
}

/** A request whose headers are read on each access, since other subscribers add headers until they are sent. */
interface WithHeaders {
  readonly headers: unknown;
}

/** Returns the missing proof that a request is the call; `undefined` if its line or its headers prove it. */
export function pendingProof({ proof }: RecognisedCall, request: WithHeaders): PendingProof | undefined {
  if (proof === undefined || provenByHeaders(proof, request)) return undefined;
  return new PendingProof(proof, request);
}

function provenByHeaders(proof: CallProof, { headers }: WithHeaders): boolean {
  const list = readHeaders(headers);
  for (let i = 0; i + 1 < list.length; i += 2) {
    if (proof.header(list[i] ?? '', list[i + 1] ?? '')) return true;
  }
  return false;
}

class ScannedBody extends BodyFingerprint {
  readonly members = new MemberScan();

  override add(chunk: Uint8Array | string): void {
    super.add(chunk);
    this.members.add(chunk);
  }
}

/** Collects the proof that a request is a model call while it is sent. For some formats the response is the proof. */
class PendingProof {
  readonly body = new ScannedBody();

  constructor(
    private readonly proof: CallProof,
    private readonly request: WithHeaders,
  ) {}

  get awaitsResponse(): boolean {
    return this.proof.response !== undefined;
  }

  isProvenBy({ statusCode, responseHeaders, endedAt }: Attempt): boolean {
    const { proof } = this;
    if (proof.response === undefined) return this.#isProven;
    if (statusCode === undefined) return endedAt !== undefined;
    return proof.response(statusCode, headerValue(responseHeaders, 'content-type'));
  }

  /** Whether a proof is impossible: the headers were sent, and the body identifies another request. */
  get isRefuted(): boolean {
    return !this.awaitsResponse && this.body.members.isOver && !this.#isProven;
  }

  get #isProven(): boolean {
    return this.proof.body(this.body.members.kindOf) || provenByHeaders(this.proof, this.request);
  }
}
