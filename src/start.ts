import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { type TracerProvider, trace } from '@opentelemetry/api';
import { installRecorder } from './attempt/recorder.js';
import { monotonicMillis } from './clock.js';
import { type ChatDebugConfig, readConfig } from './config/config.js';
import type { ChatDebugOptions } from './config/options.js';
import type { ChatDebugHandle } from './handle.js';
import { processState } from './process-state.js';
import { Evictions } from './run/evictions.js';
import { LiveRuns } from './run/live-runs.js';
import { Retention } from './run/retention.js';
import type { Scope } from './run/scope.js';
import { guarded, warn } from './self-diagnostics.js';
import { applicationPipeline, NOTHING_DELIVERED, type Pipeline } from './tracing/pipeline.js';
import { createRedaction } from './tracing/redaction.js';
import { SpanWriter } from './tracing/span-writer.js';
import { tracingIsSuppressed } from './tracing/suppressed.js';

const NOTHING_STARTED: ChatDebugHandle = Object.freeze({
  forceFlush: async () => {},
  shutdown: async () => {},
  stats: () => ({ liveRuns: 0, bodyBytes: 0, evicted: new Evictions().counts, delivery: NOTHING_DELIVERED }),
});

/**
 * Starts recording in this process: its own pipeline, its own context, nothing registered globally.
 * `OTEL_SDK_DISABLED=true` starts nothing.
 *
 * A second start, also through another copy of this package, changes nothing: it warns and gives back the
 * handle of the first.
 *
 * @param options win over the variables; everything has a default
 * @throws ChatDebugConfigError for an option or a variable that can't be used
 */
export function startChatDebug(options: ChatDebugOptions = {}): ChatDebugHandle {
  return startWith(options, () => trace.getTracerProvider());
}

/**
 * The same, for whoever is told the application's provider.
 *
 * @param provider asked with the first span that is written, if `pipeline` is `app`
 */
export function startWith(options: ChatDebugOptions, provider: () => TracerProvider): ChatDebugHandle {
  const config = readConfig(options, process.env);
  const state = processState();
  if (state.started !== undefined) {
    tell(
      'started twice in this process: the first start stays in force, the options of this one are ignored',
    );
    return state.started.handle;
  }
  if (config.disabled) return NOTHING_STARTED;
  for (const warning of config.warnings) tell(warning);
  return install(config, provider);
}

function install(config: ChatDebugConfig, provider: () => TracerProvider): ChatDebugHandle {
  const state = processState();
  // A new one for each start: contexts that go on from an earlier start are none of this one's.
  const scope = new AsyncLocalStorage<Scope | undefined>();
  const pipeline = lazily(() =>
    config.pipeline === 'app'
      ? applicationPipeline(provider())
      : loadPipeline(config, (certain) => (certain ? runs.close() : runs.settle())),
  );
  const writer = new SpanWriter(pipeline, createRedaction(config));
  const evictions = new Evictions();
  const retention = new Retention(config.keep, config.maxSteps, writer, evictions);
  const runs = new LiveRuns(liveRunsOptions(config), retention, evictions, monotonicMillis);
  const uninstall = installRecorder(() => stepIn(scope), monotonicMillis);
  // Whoever asks for a flush: the exporter must not work in the context of some chat turn.
  const outside = new AsyncResource('ChatDebug');
  const deliver = async (end: () => void, send: (pipeline: Pipeline) => Promise<void>): Promise<void> => {
    try {
      end();
      if (pipeline.loaded) await send(pipeline());
    } catch (error) {
      warn('spans could not be delivered', error);
    }
  };
  const flush = (timeoutMillis = config.delivery.shutdownTimeoutMillis) =>
    deliver(
      () => runs.flush(),
      (to) => to.forceFlush(timeoutMillis),
    );
  const stop = () => {
    state.started = undefined;
    process.off('exit', atExit);
    uninstall();
    scope.disable();
    return deliver(
      () => runs.close(),
      (to) => to.shutdown(),
    );
  };
  let stopped: Promise<void> | undefined;
  const handle: ChatDebugHandle = Object.freeze({
    forceFlush: (options?: { readonly timeoutMillis?: number | undefined }) =>
      outside.runInAsyncScope(() => flush(options?.timeoutMillis)),
    stats: () =>
      Object.freeze({ ...runs.stats, delivery: pipeline.loaded ? pipeline().stats() : NOTHING_DELIVERED }),
    shutdown: () => (stopped ??= outside.runInAsyncScope(stop)),
  });
  // What is open when the process ends was broken off; what is kept of it is delivered there and then.
  const atExit = (): void =>
    guarded('what had ended could not be delivered at the end of the process', undefined, () => {
      runs.close();
      if (pipeline.loaded) pipeline().deliverAtExit();
    });
  process.on('exit', atExit);
  state.scope = scope;
  state.started = { runs, handle };
  return handle;
}

/** The step in the caller's context, unless it is telemetry that is sent there: no provider is asked. */
function stepIn(scope: AsyncLocalStorage<Scope | undefined>) {
  const step = scope.getStore()?.step;
  return step === undefined || tracingIsSuppressed() ? undefined : step;
}

/** Provider and exporter are loaded with the first span that is written: never inside a call. */
function loadPipeline(config: ChatDebugConfig, beforeEnd: (certain: boolean) => void): Pipeline {
  const { createPipeline } = require('./tracing/provider.js') as typeof import('./tracing/provider.js');
  return createPipeline({
    keep: config.keep,
    serviceName: config.serviceName,
    maxEvents: config.maxAttempts + 1,
    delivery: { ...config.delivery, exporter: config.exporter, beforeEnd },
  });
}

const TICKS_PER_TIMEOUT = 20;
const LONGEST_TICK_MILLIS = 1_000;
/** How long a failed try waits for the next one. */
const RETRY_MILLIS = 15_000;

function liveRunsOptions(config: ChatDebugConfig) {
  const { capture, captureFor, maxAttempts, maxBodyBytes, maxRunBytes, maxBytes, maxRuns } = config;
  const { lingerMillis, idleMillis } = config;
  const shortest = Math.min(lingerMillis, idleMillis) / TICKS_PER_TIMEOUT;
  const tickMillis = Math.min(LONGEST_TICK_MILLIS, Math.max(1, Math.floor(shortest)));
  const ticks = (millis: number): number => Math.ceil(millis / tickMillis);
  return {
    capture,
    captureFor,
    maxRuns,
    maxRunBytes,
    maxBytes,
    reservesTraceIds: config.pipeline === 'own',
    writesAll: config.keep.decide === 'collector',
    tickMillis,
    limits: {
      maxAttempts,
      maxBodyBytes,
      lingerTicks: ticks(lingerMillis),
      idleTicks: ticks(idleMillis),
      retryTicks: ticks(RETRY_MILLIS),
    },
  };
}

/** Start-up is when somebody looks: what is said there is said aloud, not only to a logger that may be unset. */
function tell(message: string): void {
  process.emitWarning(message, { type: 'ChatDebugWarning', code: 'CHATDEBUG' });
}

interface Lazy<T> {
  (): T;
  readonly loaded: boolean;
}

function lazily<T>(load: () => T): Lazy<T> {
  let value: T | undefined;
  const get = (): T => {
    value ??= load();
    return value;
  };
  return Object.defineProperty(get, 'loaded', { get: () => value !== undefined }) as Lazy<T>;
}
