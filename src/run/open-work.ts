import type { Attempt, RequestTarget } from '../attempt/attempt.js';
import type { CompletedCall } from '../attempt/held-exchange.js';
import type { StepRecord } from '../step/step-record.js';

/** A model call in progress without a step, because nothing of it is recorded so far. */
export interface OpenCall {
  readonly request: RequestTarget;
  readonly startedAt: number;
  /** Read when it has succeeded. */
  readonly completed: CompletedCall;
  /** The first read creates it, unless there is one. */
  readonly attempt: Attempt;
  /** The number that its step has or would have in its run; 0 outside any run. */
  readonly number: number;
  /** As the methods of `Attempt`. */
  countSilence(now: number, tickMillis: number): boolean;
  isSilentStreamAt(now: number): boolean;
  becomeStep(): unknown;
}

const NONE: readonly never[] = [];

/** The open steps of a run, and its calls in progress without a step, each in the order of opening. */
export class OpenWork {
  /** There are few at a time: a list takes less memory than a set. */
  #steps: readonly StepRecord[] = NONE;
  #calls: readonly OpenCall[] = NONE;

  get steps(): readonly StepRecord[] {
    return this.#steps;
  }

  get isEmpty(): boolean {
    return this.#steps.length === 0 && this.#calls.length === 0;
  }

  get waitingSteps(): readonly StepRecord[] {
    return this.#steps.filter((step) => step.awaitsRetry);
  }

  get hasRequest(): boolean {
    return this.#calls.length > 0 || this.#steps.some(({ attempts }) => attempts.anyOpen);
  }

  /** `gen_ai.provider.name` of the model call that was opened last. */
  get provider(): string | undefined {
    return this.#steps.at(-1)?.provider ?? this.#calls.at(-1)?.request.call?.provider;
  }

  /** The last attempt of the model call that was opened last, if it is in progress, and the number of its step. */
  get call(): { readonly attempt: Attempt; readonly stepNumber: number } | undefined {
    const step = this.#steps.at(-1);
    const last = step?.attempts.last;
    if (step !== undefined && last !== undefined && last.endedAt === undefined)
      return { attempt: last, stepNumber: step.number };
    const call = this.#calls.at(-1);
    return call && { attempt: call.attempt, stepNumber: call.number };
  }

  /**
   * The number of responses that are silent for longer than `stallMillis`.
   *
   * @param now monotonic milliseconds
   */
  stalledStreamsAt(now: number): number {
    const steps = this.#steps.filter(({ attempts: { last } }) => last?.isSilentStreamAt(now));
    return steps.length + this.#calls.filter((call) => call.isSilentStreamAt(now)).length;
  }

  addStep(step: StepRecord): void {
    this.#steps = this.#steps.concat([step]);
  }

  removeStep(step: StepRecord): void {
    this.#steps = this.#steps.filter((one) => one !== step);
  }

  addCall(call: OpenCall): void {
    this.#calls = this.#calls.concat([call]);
  }

  removeCall(call: OpenCall): void {
    this.#calls = this.#calls.length === 1 ? NONE : this.#calls.filter((one) => one !== call);
  }

  /**
   * Counts the silence of the calls without a step.
   *
   * @param onStall called for each response that has become silent for too long
   */
  countSilence(now: number, tickMillis: number, onStall: () => void): void {
    for (const call of this.#calls) if (call.countSilence(now, tickMillis)) onStall();
  }

  endWaits(): void {
    for (const step of this.#steps) step.endIfWaiting();
  }

  expire(): void {
    for (const call of this.#calls) call.becomeStep();
    for (const step of this.#steps) step.expire();
  }
}
