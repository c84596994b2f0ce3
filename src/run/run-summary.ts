import type { Attempt } from '../attempt/attempt.js';
import { COMPLETED, type Outcome } from '../step/outcome.js';
import { NO_TOKENS, type StepRecord } from '../step/step-record.js';
import type { TokenUsage } from '../types.js';
import { FailedCalls } from './failed-calls.js';

/** What a run knows of its steps once they are over (reference row R15): the steps themselves are let go. */
export class RunSummary {
  readonly failedCalls = new FailedCalls();
  tokens: TokenUsage = NO_TOKENS;
  stepCount = 0;
  /** A step ended in an error; an interruption is none. */
  hasError = false;
  /** Of the first step that has one, for a run that was started without. */
  provider: string | undefined;
  model: string | undefined;
  /** The first text of a user that a request holds (full capture). */
  firstMessage: string | undefined;
  lastOutcome: Outcome = COMPLETED;
  /** With the query. */
  #endpoint: string | undefined;

  /** Method and path of the first completed attempt: `POST /v1/messages`. */
  get endpoint(): string | undefined {
    return this.#endpoint?.replace(/[?#].*$/s, '');
  }

  /** Releases what the application or a person wrote. */
  letGo(): void {
    this.lastOutcome = COMPLETED;
    this.firstMessage = undefined;
    this.failedCalls.clear();
  }

  /** A step that was completed with one exchange, and of which nothing else is known. */
  addCompleted(
    number: number,
    attempt: Attempt,
    provider: string | undefined,
    model: string | undefined,
  ): void {
    this.stepCount += 1;
    this.lastOutcome = COMPLETED;
    this.failedCalls.callCompleted(number);
    this.#endpoint ??= lineOf(attempt);
    this.provider ??= provider;
    this.model ??= model;
  }

  add(step: StepRecord): void {
    this.stepCount += 1;
    this.hasError ||= step.status === 'error';
    this.lastOutcome = outcomeOf(step);
    this.failedCalls.stepEnded(step);
    for (const [name, count] of Object.entries(step.tokens) as [keyof TokenUsage, number | undefined][]) {
      if (count !== undefined) this.tokens = { ...this.tokens, [name]: (this.tokens[name] ?? 0) + count };
    }
    this.#endpoint ??= endpointOf(step);
    this.provider ??= step.provider;
    this.model ??= step.model;
    this.firstMessage ??= firstMessageOf(step);
  }
}

function outcomeOf(step: StepRecord): Outcome {
  if (step.status === 'error' && step.failure !== undefined)
    return { status: 'error', failure: step.failure };
  return step.status === 'interrupted' ? { status: 'interrupted', failure: step.failure } : COMPLETED;
}

function endpointOf(step: StepRecord): string | undefined {
  const attempt = step.attempts.kept.find(({ status }) => status === 'completed');
  return attempt && lineOf(attempt);
}

function lineOf({ method, path }: Attempt): string {
  return `${method} ${path}`;
}

function firstMessageOf({ wire }: StepRecord): string | undefined {
  const parts = wire?.request?.messages.find(({ role }) => role === 'user')?.parts ?? [];
  const text = parts.find((part) => part.type === 'text');
  return text !== undefined && 'content' in text ? text.content : undefined;
}
