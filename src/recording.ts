import {
  type Context,
  context,
  createContextKey,
  type MeterProvider,
  metrics,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import type { RequestTarget } from './attempt/attempt.js';
import type { Caller } from './attempt/callers.js';
import { Exchange, type ExchangeEvents } from './attempt/exchange.js';
import { HeldExchange } from './attempt/held-exchange.js';
import { monotonicMillis } from './clock.js';
import { type ChatDebugConfig, liveRunsOptions } from './config/config.js';
import type { ProcessEnd } from './delivery/process-end.js';
import type { DeliveryObserver } from './delivery/transport.js';
import type { ChatDebugStats, SpanListener } from './handle.js';
import { LoadingInTurns, lazy, loadCrypto } from './loading.js';
import { RunMetrics } from './metrics/run-metrics.js';
import type { CallContext } from './run/call-context.js';
import { Evictions } from './run/evictions.js';
import { EvidenceGate } from './run/evidence-gate.js';
import { KeptBudget } from './run/kept-budget.js';
import type { LiveRun } from './run/live-run.js';
import { LiveRuns } from './run/live-runs.js';
import { ContentGate } from './run/on-keep.js';
import { RecentlyKept, type RecentRun } from './run/recently-kept.js';
import { RequestSteps } from './run/request-steps.js';
import { Retention } from './run/retention.js';
import type { RunRecord } from './run/run-record.js';
import { RunTally } from './run/run-tally.js';
import type { LoggerProvider } from './tracing/exceptions.js';
import { applicationPipeline, NOTHING_DELIVERED, type Pipeline } from './tracing/pipeline.js';

/** The application's providers. Default: the global ones. */
export interface ApplicationProviders {
  /** Called for each written span if `pipeline` is `app`. */
  readonly tracer?: TracerProvider | undefined;
  /** Called for each measurement. */
  readonly meter?: MeterProvider | undefined;
  /** Called for each exception that is written as a log record. */
  readonly logger?: LoggerProvider | undefined;
}

/**
 * The parts of a recording: live runs, retention, span writer and pipeline. Loaded with the first model call, since
 * many processes that start recording never make one.
 */
export class Recording {
  readonly runs: LiveRuns;
  readonly #steps: RequestSteps;
  readonly #kept: RecentlyKept;
  readonly #budget: KeptBudget;
  readonly #observer: RunMetrics;
  readonly #pipeline: (() => Pipeline) & { readonly loaded: boolean };
  readonly #writing: LoadingInTurns;
  #listener: SpanListener | undefined;

  constructor(config: ChatDebugConfig, providers: ApplicationProviders, processEnd: ProcessEnd) {
    const isOwn = config.pipeline === 'own';
    const pipeline = lazy(() =>
      isOwn
        ? loadPipeline(config, processEnd, observer)
        : applicationPipeline(() => providers.tracer ?? trace.getTracerProvider(), config.conventions),
    );
    const writer = lazy(() =>
      loadWriting().createSpanWriter(pipeline, {
        ...config,
        maxBodyBytes: longestBody(config),
        onWritten: (span) => this.#listener?.(span),
        loggerProvider: () => providers.logger,
      }),
    );
    const kept = new RecentlyKept({
      step: (run, step) => writer().step(run, step),
      run: (run) => writer().run(run),
    });
    const observer = new RunMetrics(
      () => providers.meter ?? metrics.getMeterProvider(),
      () => ({
        ...this.runs.stats,
        delivery: this.#delivery,
        exporter: pipeline.loaded ? pipeline().exporter : undefined,
        queueCapacity: config.delivery.maxQueueSpans,
      }),
      config.conventions,
    );
    const evictions = new Evictions();
    const tally = new RunTally(observer);
    const budget = new KeptBudget(config, monotonicMillis);
    const contents = new ContentGate(config.failureContent);
    const retention = new Retention({
      rules: config.keep,
      maxHeld: config.maxSteps,
      gate: new EvidenceGate(config.keep, budget, config.onKeep, contents),
      sink: kept,
      tally,
      evictions,
    });
    const writing = new LoadingInTurns(
      isOwn ? [loadCrypto, loadDelivery, pipeline, writer] : [loadCrypto, writer],
    );
    this.runs = new LiveRuns(
      liveRunsOptions(config, () => observer.isMeasuring),
      {
        ...{ retention, evictions, tally, observer, contents, writing, now: monotonicMillis },
        // The application's processors handle a signal themselves.
        processEnd: isOwn ? processEnd : NOT_WATCHED,
      },
    );
    const openingFormats = new Set([...config.openSteps, ...config.formats.map(({ name }) => name)]);
    this.#steps = new RequestSteps(this.runs, {
      isSuppressed: tracingIsSuppressed,
      opens: ({ format }) => openingFormats.has(format.name),
      runFor: config.runFor,
      recordUnknown: config.recordUnknown,
    });
    this.#kept = kept;
    this.#budget = budget;
    this.#observer = observer;
    this.#pipeline = pipeline;
    this.#writing = writing;
  }

  /** Begins to record a request. Returns `undefined` for a request that is not recorded. */
  begin(request: RequestTarget, caller: Caller<CallContext>, drop: () => void): ExchangeEvents | undefined {
    const begun = this.#steps.begin(request, caller, drop);
    if (begun === undefined || begun instanceof HeldExchange) return begun;
    return new Exchange(begun.attempt, begun.listener, monotonicMillis);
  }

  get stats(): ChatDebugStats {
    return { ...this.runs.stats, keptBudget: this.#budget.stats, delivery: this.#delivery };
  }

  keptRuns(chatId: string): readonly RecentRun[] {
    return this.#kept.ofChat(chatId);
  }

  liveRuns(chatId: string | undefined): readonly LiveRun[] {
    return this.runs.liveRuns(chatId);
  }

  listen(listener: SpanListener): void {
    this.#listener = listener;
  }

  /** Loads the span writer and the delivery in later turns of the event loop. */
  loadWriting(): void {
    this.#writing.load(() => {});
  }

  async flush(over: RunRecord | undefined, active: Context, timeoutMillis: number): Promise<void> {
    this.runs.flush(over, active);
    this.#observer.flush();
    if (this.#pipeline.loaded) await this.#pipeline().forceFlush(timeoutMillis);
  }

  async shutdown(): Promise<void> {
    this.#close();
    this.#observer.stop();
    if (this.#pipeline.loaded) await this.#pipeline().shutdown();
  }

  /** Call at the end of the process: ends open runs as interrupted and delivers kept spans. */
  deliverAtEnd(isCertain: boolean): void {
    if (isCertain) this.#close();
    else this.runs.finalizer.endWaits();
    if (this.#pipeline.loaded) this.#pipeline().deliverAtEnd(isCertain);
  }

  /** Call if the application handles the signal: blocks and loads nothing until the `exit` event. */
  hurry(): void {
    if (this.#writing.isLoaded) this.runs.finalizer.settle();
    if (this.#pipeline.loaded) this.#pipeline().hurry();
  }

  #close(): void {
    this.#steps.close();
    this.runs.close();
  }

  get #delivery() {
    return this.#pipeline.loaded ? this.#pipeline().stats() : NOTHING_DELIVERED;
  }
}

const NOT_WATCHED = Object.freeze({ watch: () => {}, unwatch: () => {} });

/** The exporter is the largest part of the pipeline. */
const loadDelivery = () =>
  require('./delivery/span-delivery.js') as typeof import('./delivery/span-delivery.js');

/** Loaded with the first written record. */
const loadWriting = () => require('./tracing/span-writer.js') as typeof import('./tracing/span-writer.js');

/** Loaded with the first written span, never inside a call. */
function loadPipeline(config: ChatDebugConfig, processEnd: ProcessEnd, observer: DeliveryObserver): Pipeline {
  const { createPipeline } = require('./tracing/provider.js') as typeof import('./tracing/provider.js');
  const { spoolDirectory, spoolMaxBytes, spoolMaxAgeMillis, ...delivery } = config.delivery;
  const spool = { maxBytes: spoolMaxBytes, maxAgeMillis: spoolMaxAgeMillis };
  return createPipeline({
    keep: config.keep,
    serviceName: config.serviceName,
    resourceDetectors: config.resourceDetectors,
    conventions: config.conventions,
    delivery: {
      ...delivery,
      spool: spoolDirectory === undefined ? undefined : { directory: spoolDirectory, ...spool },
      exporter: config.exporter,
      processEnd,
      observer,
    },
  });
}

/** The limit of a written request or response body, in bytes. */
function longestBody({ maxBodyBytes, failureContent, failureContentBytes }: ChatDebugConfig): number {
  return failureContent === false ? maxBodyBytes : Math.max(maxBodyBytes, failureContentBytes);
}

/** The context key of the OpenTelemetry SDK for suppressed tracing. The SDK does not export it. */
const SUPPRESSED = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** Whether an exporter sends from this context. */
export function tracingIsSuppressed(): boolean {
  return context.active().getValue(SUPPRESSED) === true;
}
