/** Scripts whose functions call others back: an emitter, a timer, undici's HTTP parser. */
const CALLS_BACK = /^(node:events|node:internal\/timers|wasm:)/;
/** Calls others back in the async context that it was made in. */
const ASYNC_RESOURCE = 'runInAsyncScope';
/** Calls microtasks back, by an async resource. */
const MICROTASKS = 'node:internal/process/task_queues';
const FRAMES = 64;
const CHANNEL = 'node:diagnostics_channel';
const ABORT_CONTROLLER = 'node:internal/abort_controller';
const READABLE_STREAM = 'node:internal/webstreams/readablestream';
const TIMERS = 'node:internal/timers';
/** As many frames below `publish` as lead to the function by which a handler aborts its request. */
const FRAMES_TO_ABORT = 4;

/** The script that is publishing on a diagnostics channel; of npm's undici, the folder of its scripts. */
export function publishingScript(): string | undefined {
  const scripts = callingScripts();
  const publish = scripts.indexOf(CHANNEL);
  return publish < 0 ? undefined : scripts[publish + 1]?.replace(/core[\\/]request\.js$/, '');
}

/**
 * Whether a function of these scripts was called back, by a socket, a timer or a microtask of its own, rather than
 * called by the application. One that an async resource calls is in the context of who made that.
 *
 * @param roots beginnings of the scripts' names
 */
export function isCalledBack(roots: ReadonlySet<string>): boolean {
  const scripts = callingScripts();
  for (let at = 1; at < scripts.length; at += 1) {
    const [caller = '', called = '', inner = ''] = [scripts[at], scripts[at - 1], scripts[at - 2]];
    if (caller === ASYNC_RESOURCE) return called === MICROTASKS && isIn(inner, roots);
    if (CALLS_BACK.test(caller) && isIn(called, roots)) return true;
  }
  return false;
}

/** Whether the innermost function of these scripts is called as a listener or as a microtask. */
export function isListening(roots: ReadonlySet<string>): boolean {
  const scripts = callingScripts();
  const innermost = scripts.findIndex((script) => isIn(script, roots));
  const [caller, next] = scripts.slice(innermost + 1, innermost + 3);
  return innermost >= 0 && (caller === 'node:events' || (caller === MICROTASKS && next === ASYNC_RESOURCE));
}

/**
 * How a request is aborted whose error is being published:
 * - `timeout`: `AbortSignal.timeout()` has expired.
 * - `signal`: an `AbortController` of the application, its reason is the error, unless undici hides it.
 * - `cancel`: its body, a web stream, is cancelled.
 * - `handler`: by its handler in some other way, for example when it is written after it was aborted in a queue.
 */
export type AbortPath = 'timeout' | 'signal' | 'cancel' | 'handler';

/** The abort that is under way; `undefined` where the transport fails. undici aborts synchronously, 5 to 8 alike. */
export function abortUnderWay(): AbortPath | undefined {
  const frames = callFrames();
  const outermost = frames.findLastIndex(({ script }) => script === ABORT_CONTROLLER);
  if (outermost >= 0) {
    // A timer of the application's may call `abort` itself.
    const isTimer = frames[outermost + 1]?.script === TIMERS && frames[outermost]?.name !== 'abort';
    return isTimer ? 'timeout' : 'signal';
  }
  if (frames.some(({ script, name }) => script === READABLE_STREAM && name === 'readableStreamCancel'))
    return 'cancel';
  const publish = frames.findIndex(({ script }) => script === CHANNEL);
  const inner = frames.slice(publish + 1, publish + 1 + FRAMES_TO_ABORT);
  return publish >= 0 && inner.some(({ name }) => name === 'abort') ? 'handler' : undefined;
}

function isIn(script: string, roots: ReadonlySet<string>): boolean {
  return [...roots].some((root) => script.startsWith(root));
}

interface CallFrame {
  readonly script: string;
  readonly name: string;
}

/** The names of the scripts on the stack, the innermost first. Of an async resource, that of its function. */
function callingScripts(): readonly string[] {
  return callFrames().map(({ script, name }) => (script === 'node:async_hooks' ? name || script : script));
}

/** The innermost first. */
function callFrames(): readonly CallFrame[] {
  const { stackTraceLimit, prepareStackTrace } = Error;
  try {
    Error.stackTraceLimit = FRAMES;
    Error.prepareStackTrace = (_error, sites) => sites.map(frameOf);
    const { stack }: { stack?: unknown } = new Error();
    return Array.isArray(stack) ? stack : [];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Error.prepareStackTrace = prepareStackTrace;
  }
}

function frameOf(site: NodeJS.CallSite): CallFrame {
  return { script: site.getFileName() ?? '', name: site.getFunctionName() ?? '' };
}
