import type { Attributes, Histogram, Meter, MeterProvider } from '@opentelemetry/api';
import type { Attempt } from '../attempt/attempt.js';
import { serverAttributes } from '../attempt/request-line.js';
import type { UsageSource } from '../attempt/response-evidence.js';
import type { Conventions } from '../conventions.js';
import type { LossReason } from '../delivery/stats.js';
import type { DeliveryObserver, ExportOutcome } from '../delivery/transport.js';
import type { OpenCall } from '../run/open-work.js';
import type { RunRecord } from '../run/run-record.js';
import { type Decision, dropped, type RunObserver } from '../run/run-tally.js';
import { SettleQueue } from '../run/settle-queue.js';
import { guarded } from '../self-diagnostics.js';
import * as semconv from '../semconv.js';
import { operationName, secondsToFirstChunk } from '../step/operation.js';
import type { Failure } from '../step/outcome.js';
import { NO_TOKENS, type StepRecord } from '../step/step-record.js';
import type { RunKind, RunOptions, Status, TokenUsage } from '../types.js';
import { VERSION } from '../version.js';
import type { Durations, InstrumentOptions, Instruments, Observed } from './instruments.js';
import { KnownWords, OTHER } from './known-words.js';

const FAILED = 'a metric could not be recorded';

/** Loaded with the first response whose usage is read for metrics only. */
const loadResponseUsage = () =>
  require('../attempt/response-usage.js') as typeof import('../attempt/response-usage.js');

interface EndedCall {
  readonly operationName: string;
  readonly provider: string | undefined;
  readonly model: string | undefined;
  /** The usage, if the response was read. */
  readonly responseModel: string | undefined;
  /** From the last attempt. */
  readonly origin: string | undefined;
  readonly seconds: number;
  readonly secondsToFirstChunk: number | undefined;
  /** Of a stream, in milliseconds. */
  readonly chunkGaps: readonly number[] | undefined;
  readonly tokens: TokenUsage;
  readonly errorType?: string | undefined;
}

type AttemptOutcome = Pick<Attempt, 'httpStatusCode' | 'status'>;

/** Records metrics of all ended runs and steps, kept or not. */
export class RunMetrics implements RunObserver, DeliveryObserver {
  readonly #kinds = new KnownWords();
  readonly #providers = new KnownWords();
  readonly #models = new KnownWords();
  readonly #origins = new KnownWords();
  readonly #errorTypes = new KnownWords();
  readonly #source: MeterSource;
  /** Measurements that take time: they are recorded outside the application's call. */
  readonly #later = new SettleQueue();

  constructor(provider: () => MeterProvider, observed: () => Observed, conventions: Conventions) {
    this.#source = new MeterSource(provider, observed, { conventions, errorTypes: this.#errorTypes });
  }

  /** Checks for a meter provider, so that asynchronous instruments exist before anything ends. */
  ticked(): void {
    void this.#source.instruments;
  }

  get isMeasuring(): boolean {
    return this.#source.instruments !== undefined;
  }

  /** Records everything that waits. */
  flush(): void {
    this.#later.settle();
  }

  stop(): void {
    this.flush();
    this.#source.stop();
  }

  stepEnded(_run: RunRecord, step: StepRecord): void {
    this.#record((instruments) => {
      const { attempts, provider, model, tokens, startedAt, endedAt = startedAt } = step;
      this.#recordAnswered(instruments, attempts.last?.usageSource, {
        ...{ operationName: operationName(attempts.last), provider, model, tokens },
        responseModel: step.wire?.response?.model,
        origin: attempts.last?.origin,
        seconds: (endedAt - startedAt) / 1_000,
        secondsToFirstChunk: secondsToFirstChunk(step),
        chunkGaps: attempts.last?.received.gaps,
        errorType: this.#errorTypeOf(step),
      });
      for (const attempt of attempts.kept) this.#recordAttempt(instruments, provider, attempt);
    });
  }

  attemptDropped({ provider }: StepRecord, attempt: Attempt): void {
    this.#record((instruments) => this.#recordAttempt(instruments, provider, attempt));
  }

  callCompleted({ request, startedAt, completed }: OpenCall, options: RunOptions, isRun: boolean): void {
    this.#record((instruments) => {
      const { call } = request;
      const { endedAt = startedAt, received } = completed;
      const provider = call?.provider ?? options.provider;
      const isStreamed = completed.isStream || call?.operation === 'stream';
      this.#recordAnswered(instruments, completed.usageSource, {
        ...{ operationName: operationName(request), provider, tokens: NO_TOKENS },
        model: completed.model ?? call?.model ?? options.model,
        responseModel: undefined,
        origin: request.origin,
        seconds: (endedAt - startedAt) / 1_000,
        secondsToFirstChunk:
          isStreamed && received.firstAt !== undefined ? (received.firstAt - startedAt) / 1_000 : undefined,
        chunkGaps: received.gaps,
      });
      this.#recordAttempt(instruments, provider, completed);
      if (isRun) this.#countRun(instruments, options.kind, 'completed', undefined, dropped('no_evidence'));
    });
  }

  runDecided(run: RunRecord, decision: Decision): void {
    this.#record((instruments) =>
      this.#countRun(instruments, run.kind, run.status, run.failure ?? run.evidence, decision),
    );
  }

  #countRun(
    { runs }: Instruments,
    kind: RunKind = 'chat_turn',
    status: Status,
    failure: Failure | undefined,
    decision: Decision,
  ): void {
    runs.add({
      [semconv.ATTR_CHATDEBUG_RUN_KIND]: this.#kinds.limited(kind),
      [semconv.ATTR_CHATDEBUG_RUN_STATUS]: status,
      [semconv.ATTR_CHATDEBUG_ERROR_KIND]: failure?.classification.kind,
      [semconv.ATTR_CHATDEBUG_RUN_DECISION]: decision.decision,
      [semconv.ATTR_CHATDEBUG_RUN_DECISION_REASON]: 'reason' in decision ? decision.reason : undefined,
    });
  }

  processed(spans: number, loss?: LossReason): void {
    this.#record(({ delivery }) => delivery.processed(spans, loss));
  }

  exported(spans: number, outcome: ExportOutcome, millis: number): void {
    this.#record(({ delivery }) => delivery.exported(spans, outcome, millis));
  }

  #record(into: (instruments: Instruments) => void): void {
    const { instruments } = this.#source;
    if (instruments !== undefined) guarded(FAILED, undefined, () => into(instruments));
  }

  /** In errors capture, reads the usage of the response first if `usageMetrics` is set. */
  #recordAnswered(instruments: Instruments, source: UsageSource | undefined, ended: EndedCall): void {
    if (source === undefined) {
      this.#recordCall(instruments, ended);
      return;
    }
    this.#later.add(() => {
      const answer = loadResponseUsage().responseUsage(source);
      const tokens = { ...answer?.usage, ...ended.tokens };
      this.#recordCall(instruments, { ...ended, tokens, responseModel: answer?.model });
    }, true);
  }

  #recordCall(instruments: Instruments, ended: EndedCall): void {
    const { duration, timeToFirstChunk: first, timePerChunk } = instruments;
    const call = this.#callAttributes(ended);
    const { errorType, secondsToFirstChunk: firstChunk, chunkGaps } = ended;
    const seconds = Math.max(0, ended.seconds);
    duration.record(seconds, { ...call, ...(errorType && { [semconv.ATTR_ERROR_TYPE]: errorType }) });
    if (firstChunk !== undefined) {
      first.record(firstChunk, call);
      if (chunkGaps !== undefined)
        this.#later.add(() => {
          for (const millis of chunkGaps) timePerChunk.record(millis / 1_000, call);
        }, true);
    }
    instruments.recordTokens(ended.tokens, call);
  }

  #recordAttempt({ attempts }: Instruments, provider: string | undefined, attempt: AttemptOutcome): void {
    attempts.add({
      [semconv.ATTR_GEN_AI_PROVIDER_NAME]: provider && this.#providers.limited(provider),
      [semconv.ATTR_CHATDEBUG_ATTEMPT_STATUS_CLASS]: statusClass(attempt.httpStatusCode),
      [semconv.ATTR_CHATDEBUG_ATTEMPT_STATUS]: attempt.status,
    });
  }

  #callAttributes({ operationName, provider, model, responseModel, origin }: EndedCall): Attributes {
    const call: Attributes = {
      [semconv.ATTR_GEN_AI_OPERATION_NAME]: operationName,
      [semconv.ATTR_GEN_AI_PROVIDER_NAME]: this.#providers.limited(provider ?? semconv.PROVIDER_UNKNOWN),
    };
    if (model !== undefined) call[semconv.ATTR_GEN_AI_REQUEST_MODEL] = this.#models.limited(model);
    if (responseModel !== undefined)
      call[semconv.ATTR_GEN_AI_RESPONSE_MODEL] = this.#models.limited(responseModel);
    return origin === undefined ? call : Object.assign(call, this.#serverAttributes(origin));
  }

  #serverAttributes(origin: string): Attributes {
    const limited = this.#origins.limited(origin);
    return limited === origin ? serverAttributes(origin) : { [semconv.ATTR_SERVER_ADDRESS]: OTHER };
  }

  #errorTypeOf({ errorType }: StepRecord): string | undefined {
    return errorType && this.#errorTypes.limited(errorType);
  }
}

/** Returns `2xx`, `4xx`, …, or `none` without a response. */
function statusClass(statusCode: number | undefined): string {
  return statusCode === undefined ? 'none' : `${Math.floor(statusCode / 100)}xx`;
}

/** Loaded with the first meter. */
const loadInstruments = () => require('./instruments.js') as typeof import('./instruments.js');

const NAME = 'opentelemetry-instrumentation-chatdebug';

/** Buckets in seconds (GenAI conventions). */
const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

/**
 * Returns the instruments of the application's meter provider, or `undefined` without one. Called for each
 * measurement, since the application may set, replace and remove its provider at any time.
 */
class MeterSource {
  #provider: MeterProvider | undefined;
  #instruments: Instruments | undefined;

  constructor(
    private readonly provider: () => MeterProvider,
    private readonly observed: () => Observed,
    private readonly options: InstrumentOptions,
  ) {}

  get instruments(): Instruments | undefined {
    const provider = guarded('the meter provider could not be read', undefined, this.provider);
    if (provider !== this.#provider) this.#take(provider);
    return this.#instruments;
  }

  stop(): void {
    guarded('the callbacks of a meter could not be removed', undefined, () => this.#instruments?.stop());
    this.#instruments = undefined;
  }

  #take(provider: MeterProvider | undefined): void {
    this.stop();
    // Stored first, so that a provider that throws is not called again.
    this.#provider = provider;
    if (provider === undefined) return;
    guarded('the meter provider failed, there are no metrics', undefined, () => {
      const { conventions } = this.options;
      const { schemaUrl } = conventions;
      const meter: Meter = provider.getMeter(NAME, VERSION, schemaUrl === undefined ? {} : { schemaUrl });
      const durations = createDurations(meter, conventions);
      // A no-op meter returns the same histogram for all names.
      if (durations.duration === durations.timeToFirstChunk) return;
      this.#instruments = loadInstruments().createInstruments(meter, durations, this.observed, this.options);
    });
  }
}

function createDurations(
  meter: Meter,
  { durationMetric, timeToFirstChunkMetric, timePerChunkMetric }: Conventions,
): Durations {
  const histogram = (name: string, description: string): Histogram =>
    meter.createHistogram(name, { description, unit: 's', advice: { explicitBucketBoundaries: SECONDS } });
  return {
    duration: histogram(durationMetric, 'Duration of model calls, including all attempts'),
    timeToFirstChunk: histogram(timeToFirstChunkMetric, 'Time to the first chunk of a streamed response'),
    timePerChunk: histogram(timePerChunkMetric, 'Time between two chunks of a streamed response'),
  };
}
