import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import {
  type Context,
  context,
  type MeterProvider,
  metrics,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { installHttpClientRecorder } from './attempt/http-client.js';
import { installRecorder, type RecorderOptions } from './attempt/recorder.js';
import { monotonicMillis } from './clock.js';
import { type ChatDebugConfig, readConfig } from './config/config.js';
import { liveRunsOptions } from './config/live-runs-options.js';
import type { ChatDebugOptions } from './config/options.js';
import type { ChatDebugHandle } from './handle.js';
import { type Loading, LoadingInTurns, lazily } from './loading.js';
import { RunMetrics } from './metrics/run-metrics.js';
import { NOTHING_STARTED } from './nothing-started.js';
import { processState, startedVersion } from './process-state.js';
import { type CallContext, callContexts } from './run/call-context.js';
import { captureOf } from './run/capture-choice.js';
import { Evictions } from './run/evictions.js';
import { EvidenceGate } from './run/evidence-gate.js';
import { KeptBudget } from './run/kept-budget.js';
import { LiveRuns } from './run/live-runs.js';
import { RecentlyKept } from './run/recently-kept.js';
import { RequestSteps } from './run/request-steps.js';
import { Retention } from './run/retention.js';
import { checkedRunOptions } from './run/run-options.js';
import { RunTally } from './run/run-tally.js';
import type { Scope } from './run/scope.js';
import { runtimeWarnings } from './runtime-warnings.js';
import { debug, explains, guarded, setLogLevel, warn } from './self-diagnostics.js';
import { applicationPipeline, NOTHING_DELIVERED, type Pipeline } from './tracing/pipeline.js';
import { tracingIsSuppressed } from './tracing/suppressed.js';
import { VERSION } from './version.js';
import { recognise } from './wire/formats.js';

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
  return startWith(options, {});
}

/** The application's providers, as far as somebody was told of them; else the global ones. */
export interface ApplicationProviders {
  /** Asked with the first span that is written, if `pipeline` is `app`. */
  readonly tracer?: TracerProvider | undefined;
  /** Asked whenever something is to be measured. */
  readonly meter?: MeterProvider | undefined;
}

/** The same, for whoever is told the application's providers. */
export function startWith(options: ChatDebugOptions, providers: ApplicationProviders): ChatDebugHandle {
  setLogLevel(process.env['OTEL_LOG_LEVEL']);
  const config = readConfig(options, process.env);
  const other = startedVersion();
  if (other !== undefined) {
    tell(
      `this copy of the package records nothing: it is ${VERSION}, and ${other} has started in this process`,
    );
    return NOTHING_STARTED;
  }
  const state = processState();
  if (state.started !== undefined) {
    tell(
      'started twice in this process: the first start stays in force, the options of this one are ignored',
    );
    return state.started.handle;
  }
  if (explains()) debug(startLine(config));
  if (config.disabled) return NOTHING_STARTED;
  for (const warning of [...config.warnings, ...runtimeWarnings(process.versions)]) tell(warning);
  return install(config, providers);
}

function install(config: ChatDebugConfig, providers: ApplicationProviders): ChatDebugHandle {
  const state = processState();
  // A new one for each start: contexts that go on from an earlier start are none of this one's.
  const scope = new AsyncLocalStorage<Scope | undefined>();
  const pipeline = lazily(() =>
    config.pipeline === 'app'
      ? applicationPipeline(providers.tracer ?? trace.getTracerProvider())
      : loadPipeline(config, (certain) => (certain ? runs.close() : runs.settle())),
  );
  const writer = lazily(() => loadWriting().createSpanWriter(pipeline, config));
  const kept = new RecentlyKept({
    step: (run, step) => writer().step(run, step),
    run: (run) => writer().run(run),
  });
  const evictions = new Evictions();
  const delivery = () => (pipeline.loaded ? pipeline().stats() : NOTHING_DELIVERED);
  const observer = new RunMetrics(
    () => providers.meter ?? metrics.getMeterProvider(),
    () => ({ ...runs.stats, delivery: delivery() }),
  );
  const tally = new RunTally(observer);
  const budget = new KeptBudget(config, monotonicMillis);
  const retention = new Retention({
    rules: config.keep,
    maxHeld: config.maxSteps,
    gate: new EvidenceGate(config.keep, budget, config.onKeep),
    sink: kept,
    tally,
    evictions,
  });
  const now = monotonicMillis;
  const writing = new LoadingInTurns(config.pipeline === 'app' ? [writer] : [loadDelivery, pipeline, writer]);
  const runs = new LiveRuns(liveRunsOptions(config), {
    ...{ retention, evictions, tally, observer, now },
    writing: config.pipeline === 'app' ? writing : untilTheEnd(writing, () => runs.settle()),
  });
  const steps = new RequestSteps(runs, {
    isSuppressed: tracingIsSuppressed,
    opens: ({ format }) => config.openSteps.includes(format.name),
    runFor: config.runFor,
  });
  const recorder: RecorderOptions<CallContext> = {
    recognise,
    begin: (request, caller, drop) => steps.begin(request, caller, drop),
    now: monotonicMillis,
    contexts: callContexts(scope),
  };
  const uninstall = [installRecorder(recorder), installHttpClientRecorder(recorder)];
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
  const flush = (
    over: Scope | undefined,
    active: Context,
    timeoutMillis = config.delivery.shutdownTimeoutMillis,
  ) =>
    deliver(
      () => runs.flush(over?.run, active),
      (to) => to.forceFlush(timeoutMillis),
    );
  const stop = () => {
    state.started = undefined;
    process.off('exit', atExit);
    for (const undo of uninstall) undo();
    scope.disable();
    return deliver(
      () => {
        steps.close();
        runs.close();
        observer.stop();
      },
      (to) => to.shutdown(),
    );
  };
  let stopped: Promise<void> | undefined;
  const handle = Object.freeze<ChatDebugHandle>({
    forceFlush: (options?: { readonly timeoutMillis?: number | undefined }) =>
      outside.runInAsyncScope(flush, undefined, scope.getStore(), context.active(), options?.timeoutMillis),
    stats: () => Object.freeze({ ...runs.stats, keptBudget: budget.stats, delivery: delivery() }),
    shutdown: () => (stopped ??= outside.runInAsyncScope(stop)),
    captureOf: (chat) => captureOf(checkedRunOptions(chat), config.captureFor, config.capture),
    keptRuns: (chatId) => kept.ofChat(chatId),
  });
  // What is open when the process ends was broken off; what is kept of it is delivered there and then.
  const atExit = (): void =>
    guarded('what had ended could not be delivered at the end of the process', undefined, () => {
      steps.close();
      runs.close();
      if (pipeline.loaded) pipeline().deliverAtExit();
    });
  process.on('exit', atExit);
  state.scope = scope;
  state.started = { runs, handle };
  return handle;
}

/** What ended while that was loading is written when the process ends. */
function untilTheEnd(loading: Loading, write: () => void): Loading {
  return {
    get isLoaded() {
      return loading.isLoaded;
    },
    load(then) {
      const end = guarded('the end of the process is not watched', undefined, () => watchEnd(write));
      loading.load(() => {
        // From the first span on, the delivery watches itself.
        then();
        end?.unwatch();
      });
    },
  };
}

function watchEnd(write: () => void) {
  const { ProcessEnd } = require('./delivery/process-end.js') as typeof import('./delivery/process-end.js');
  const end = new ProcessEnd(() => guarded('what had ended could not be written', undefined, write));
  end.watch();
  return end;
}

/** The exporter, which is most of what the pipeline is made of. */
const loadDelivery = () =>
  require('./delivery/span-delivery.js') as typeof import('./delivery/span-delivery.js');

/** What writes spans, redaction included, is loaded with the first record that is written. */
const loadWriting = () => require('./tracing/span-writer.js') as typeof import('./tracing/span-writer.js');

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

function startLine({ disabled, capture, captureFor, keep, openSteps, pipeline }: ChatDebugConfig): string {
  if (disabled) return 'nothing is recorded: OTEL_SDK_DISABLED is true';
  const asked = captureFor === undefined ? '' : ' or as captureFor says';
  const { keepKinds, retain, decide } = keep;
  const kept = `keepKinds ${keepKinds}, retain ${retain}, decide ${decide}`;
  return `recording starts: capture ${capture}${asked}, ${kept}, openSteps ${openSteps}, pipeline ${pipeline}`;
}

/** Start-up is when somebody looks: what is said there is said aloud, not only to a logger that may be unset. */
function tell(message: string): void {
  process.emitWarning(message, { type: 'ChatDebugWarning', code: 'CHATDEBUG' });
}
