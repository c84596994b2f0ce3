import type { Attributes, MeterProvider } from '@opentelemetry/api';
import type { Attempt } from '../attempt/attempt.js';
import type { RunRecord } from '../run/run-record.js';
import type { Decision, RunObserver } from '../run/run-tally.js';
import { guarded } from '../self-diagnostics.js';
import * as semconv from '../semconv.js';
import { operationName, secondsToFirstChunk } from '../step/operation.js';
import type { StepRecord } from '../step/step-record.js';
import type { Instruments, Observed } from './instruments.js';
import { KnownWords } from './known-words.js';
import { MeterSource } from './meter-source.js';

const FAILED = 'a metric could not be recorded';

/** Of a call that was broken off, which is no error and no success either. */
const INTERRUPTED = 'interrupted';

/** Counts and times everything that ends, kept or not. */
export class RunMetrics implements RunObserver {
  readonly #source: MeterSource;
  readonly #kinds = new KnownWords();
  readonly #providers = new KnownWords();
  readonly #models = new KnownWords();
  readonly #errorTypes = new KnownWords();

  constructor(provider: () => MeterProvider, observed: () => Observed) {
    this.#source = new MeterSource(provider, observed);
  }

  get isMeasuring(): boolean {
    return this.#source.instruments !== undefined;
  }

  /** Looks for a meter provider, so that what is only looked at is there before anything ends. */
  ticked(): void {
    void this.#source.instruments;
  }

  stop(): void {
    this.#source.stop();
  }

  stepEnded(_run: RunRecord, step: StepRecord): void {
    this.#record((instruments) => {
      this.#recordCall(instruments, step);
      for (const attempt of step.attempts.kept) this.#recordAttempt(instruments, step, attempt);
    });
  }

  attemptLetGo(step: StepRecord, attempt: Attempt): void {
    this.#record((instruments) => this.#recordAttempt(instruments, step, attempt));
  }

  runDecided(run: RunRecord, decision: Decision): void {
    this.#record(({ runs }) => {
      const failure = run.failure ?? run.evidence;
      runs.add({
        [semconv.ATTR_CHATDEBUG_RUN_KIND]: this.#kinds.told(run.kind),
        [semconv.ATTR_CHATDEBUG_RUN_STATUS]: run.status,
        [semconv.ATTR_CHATDEBUG_ERROR_KIND]: failure?.classification.kind,
        [semconv.ATTR_CHATDEBUG_RUN_DECISION]: decision.decision,
        [semconv.ATTR_CHATDEBUG_RUN_DECISION_REASON]: 'reason' in decision ? decision.reason : undefined,
      });
    });
  }

  #record(into: (instruments: Instruments) => void): void {
    const { instruments } = this.#source;
    if (instruments !== undefined) guarded(FAILED, undefined, () => into(instruments));
  }

  #recordCall({ duration, timeToFirstChunk: first, tokenUsage }: Instruments, step: StepRecord): void {
    const call = this.#callAttributes(step);
    const seconds = Math.max(0, (step.endedAt ?? step.startedAt) - step.startedAt) / 1_000;
    const errorType = this.#errorTypeOf(step);
    duration.record(seconds, { ...call, ...(errorType && { [semconv.ATTR_ERROR_TYPE]: errorType }) });
    const firstChunk = secondsToFirstChunk(step);
    if (firstChunk !== undefined) first.record(firstChunk, call);
    const { inputTokens, outputTokens } = step.tokens;
    if (inputTokens !== undefined) tokenUsage.record(inputTokens, ofType(call, 'input'));
    if (outputTokens !== undefined) tokenUsage.record(outputTokens, ofType(call, 'output'));
  }

  #recordAttempt({ attempts }: Instruments, { provider }: StepRecord, attempt: Attempt): void {
    attempts.add({
      [semconv.ATTR_GEN_AI_PROVIDER_NAME]: provider && this.#providers.told(provider),
      [semconv.ATTR_CHATDEBUG_ATTEMPT_STATUS_CLASS]: statusClass(attempt.statusCode),
      [semconv.ATTR_CHATDEBUG_ATTEMPT_STATUS]: attempt.status,
    });
  }

  #callAttributes(step: StepRecord): Attributes {
    const { provider, model } = step;
    const call: Attributes = { [semconv.ATTR_GEN_AI_OPERATION_NAME]: operationName(step) };
    if (provider !== undefined) call[semconv.ATTR_GEN_AI_PROVIDER_NAME] = this.#providers.told(provider);
    if (model !== undefined) call[semconv.ATTR_GEN_AI_REQUEST_MODEL] = this.#models.told(model);
    return call;
  }

  #errorTypeOf({ status, failure }: StepRecord): string | undefined {
    if (status === 'interrupted') return INTERRUPTED;
    return failure && this.#errorTypes.told(failure.classification.errorType);
  }
}

function ofType(attributes: Attributes, type: 'input' | 'output'): Attributes {
  return { ...attributes, [semconv.ATTR_GEN_AI_TOKEN_TYPE]: type };
}

/** `2xx`, `4xx`, …; `none` where no answer came. */
function statusClass(statusCode: number | undefined): string {
  return statusCode === undefined ? 'none' : `${Math.floor(statusCode / 100)}xx`;
}
