import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { type Context, context } from '@opentelemetry/api';
import { disableStorage } from './async-storage.js';
import type { RequestTarget } from './attempt/attempt.js';
import { installHttpClientRecorder } from './attempt/http-client.js';
import { installHttp2ClientRecorder } from './attempt/http2-client.js';
import { installRecorder, type RecorderOptions } from './attempt/recorder.js';
import { WebSocketRecorder } from './attempt/websocket/recorder.js';
import { timers } from './clock.js';
import { type ChatDebugConfig, readConfig } from './config/config.js';
import type { ChatDebugOptions } from './config/options.js';
import { ProcessEnd } from './delivery/process-end.js';
import { RULES } from './error/index.js';
import type { ChatDebugHandle } from './handle.js';
import { LoadingInTurns, lazy } from './loading.js';
import { NOTHING_STARTED } from './nothing-started.js';
import { processState, startedVersion } from './process-state.js';
import { isFetchInstalled } from './recorded-fetch.js';
import type { ApplicationProviders, Recording } from './recording.js';
import { type CallContext, callContexts, type Scope } from './run/call-context.js';
import { captureOf, checkedRunOptions } from './run/run-options.js';
import { runtimeWarnings } from './runtime-warnings.js';
import { announce, debug, explains, guarded, setLogLevel, warn } from './self-diagnostics.js';
import { VERSION } from './version.js';
import { recogniser } from './wire/formats.js';

/**
 * Starts recording in this process: its own pipeline, its own context, nothing registered globally.
 * `OTEL_SDK_DISABLED=true` starts nothing.
 *
 * A second start, also through another copy of this package, changes nothing: it emits a warning and returns the handle
 * of the first start.
 *
 * @param options take precedence over environment variables; all are optional
 * @throws ChatDebugConfigError for an invalid option or variable
 */
export function startChatDebug(options: ChatDebugOptions = {}): ChatDebugHandle {
  return startWith(options, {});
}

/** Starts recording with the providers of an instrumentation. */
export function startWith(options: ChatDebugOptions, providers: ApplicationProviders): ChatDebugHandle {
  setLogLevel(process.env['OTEL_LOG_LEVEL']);
  const config = readConfig(options, process.env);
  const other = startedVersion();
  if (other !== undefined) {
    announce(
      `This copy of the package records nothing: it is version ${VERSION}, and version ${other} is already started in this process`,
    );
    return NOTHING_STARTED;
  }
  const state = processState();
  if (state.started !== undefined) {
    announce(
      'Ignored the second start: recording is already started in this process, with the options of the first start',
    );
    return state.started.handle;
  }
  if (explains()) debug(startLine(config));
  if (config.disabled) return NOTHING_STARTED;
  for (const warning of [
    ...config.warnings,
    ...runtimeWarnings(process.versions, { recordsFetch: isFetchInstalled() }),
  ])
    announce(warning);
  return install(config, providers);
}

function install(config: ChatDebugConfig, providers: ApplicationProviders): ChatDebugHandle {
  const state = processState();
  // A new storage for each start, so that contexts of an earlier start do not apply.
  const scope = new AsyncLocalStorage<Scope | undefined>();
  // The recording itself runs outside any chat turn.
  const outside = new AsyncResource('ChatDebug');
  const processEnd = new ProcessEnd({
    atEnd: (isCertain) => whereRecording((recording) => recording.deliverAtEnd(isCertain)),
    atSignal: () => whereRecording((recording) => recording.hurry()),
  });
  const recording = lazy(() =>
    outside.runInAsyncScope(() => new (loadRecording().Recording)(config, providers, processEnd)),
  );
  const whereRecording = (tell: (recording: Recording) => void): void => {
    if (recording.loaded) guarded(NOT_DELIVERED, undefined, () => tell(recording()));
  };
  // A request in an unknown format can only belong to an existing step.
  const isOfNoInterest = (request: RequestTarget) =>
    request.call === undefined && !recording.loaded && !explains();
  const begin: RecorderOptions<CallContext>['begin'] = (request, caller, drop) =>
    isOfNoInterest(request) ? undefined : recording().begin(request, caller, drop);
  const calls: Omit<RecorderOptions<CallContext>, 'recognise'> = {
    begin: (request, caller, drop) =>
      fetches.loaded && fetches().covers(request) ? undefined : begin(request, caller, drop),
    contexts: callContexts(scope),
  };
  const webSockets = new WebSocketRecorder(calls);
  const recorder = { ...calls, recognise: recogniser(config.formats), webSockets };
  const fetches = lazy(() => new (loadFetchRecorder().FetchRecorder)({ ...recorder, begin }));
  const rules = new LoadingInTurns(RULES);
  const livesOn = timers
    .setTimeout(() => {
      recording();
      rules.load(() => {});
    }, SHORT_PROCESS_MILLIS)
    .unref();
  const uninstall = [
    installRecorder(recorder),
    installHttpClientRecorder(recorder),
    installHttp2ClientRecorder(recorder),
    () => webSockets.stop(),
    () => timers.clearTimeout(livesOn),
  ];
  const deliver = async (send: (recording: Recording) => Promise<void>): Promise<void> => {
    try {
      if (recording.loaded) await send(recording());
    } catch (error) {
      warn('spans could not be delivered', error);
    }
  };
  const flush = (
    over: Scope | undefined,
    active: Context,
    timeoutMillis = config.delivery.shutdownTimeoutMillis,
  ) => deliver((recording) => recording.flush(over?.run, active, timeoutMillis));
  const liveRuns = (chatId: string | undefined) => (recording.loaded ? recording().liveRuns(chatId) : []);
  const watches = lazy(() => new (loadWatches().RunWatches)(liveRuns));
  const stop = () => {
    state.started = undefined;
    if (watches.loaded) watches().close();
    processEnd.unwatch('started');
    for (const undo of uninstall) undo();
    disableStorage(scope);
    return deliver((recording) => recording.shutdown());
  };
  let stopped: Promise<void> | undefined;
  const handle = Object.freeze<ChatDebugHandle>({
    forceFlush: (options?: { readonly timeoutMillis?: number | undefined }) =>
      outside.runInAsyncScope(flush, undefined, scope.getStore(), context.active(), options?.timeoutMillis),
    stats: () => (recording.loaded ? Object.freeze(recording().stats) : NOTHING_STARTED.stats()),
    shutdown: () => (stopped ??= outside.runInAsyncScope(stop)),
    captureOf: (chat) => captureOf(checkedRunOptions(chat), config.captureFor, config.capture),
    keptRuns: (chatId) => (recording.loaded ? recording().keptRuns(chatId) : []),
    liveRuns,
    watchRuns: (chatId, options = {}) =>
      stopped === undefined ? watches().watch(chatId, options) : NOTHING_STARTED.watchRuns(),
  });
  processEnd.watch('started');
  // Exports spans that earlier processes left on disk.
  if (config.delivery.spoolDirectory !== undefined) recording().loadWriting();
  state.scope = scope;
  state.started = {
    runs: () => recording().runs,
    handle,
    fetches,
    listen: (listener) => recording().listen(listener),
  };
  return handle;
}

const NOT_DELIVERED = 'spans could not be delivered at the end of the process';
/** Delay after which the modules for the first call and the first error are loaded in advance. */
const SHORT_PROCESS_MILLIS = 3_000;

const loadRecording = () => require('./recording.js') as typeof import('./recording.js');

/** Loaded with the first call of a recorded `fetch`. Never on Node.js. */
const loadFetchRecorder = () =>
  require('./attempt/fetch-recorder.js') as typeof import('./attempt/fetch-recorder.js');

/** Loaded with the first call of `watchRuns`. */
const loadWatches = () => require('./run/watch-runs.js') as typeof import('./run/watch-runs.js');

function startLine({ disabled, capture, captureFor, keep, openSteps, pipeline }: ChatDebugConfig): string {
  if (disabled) return 'nothing is recorded: OTEL_SDK_DISABLED is true';
  const asked = captureFor === undefined ? '' : ' or as captureFor says';
  const { keepKinds, retain, decide } = keep;
  const kept = `keepKinds ${keepKinds}, retain ${retain}, decide ${decide}`;
  return `recording starts: capture ${capture}${asked}, ${kept}, openSteps ${openSteps}, pipeline ${pipeline}`;
}
