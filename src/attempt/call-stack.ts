/** Scripts that invoke callbacks: an emitter, a timer, undici's HTTP parser. */
const CALLS_BACK = /^(node:events|node:internal\/timers|wasm:)/;
const ASYNC_RESOURCE = 'runInAsyncScope';
const MICROTASKS = 'node:internal/process/task_queues';
const FRAMES = 64;
const CHANNEL = 'node:diagnostics_channel';
const ABORT_CONTROLLER = 'node:internal/abort_controller';
const READABLE_STREAM = 'node:internal/webstreams/readablestream';
const HTTP2 = 'node:internal/http2/core';
/** Functions of Node.js that handle events of the HTTP/2 peer or of the socket. */
const HTTP2_REACTS = /^(on[A-Z]|socketOn|sessionOn)/;
const TIMERS = 'node:internal/timers';
/** Frames below `publish` that are searched for a handler's `abort`. */
const FRAMES_TO_ABORT = 4;

/** Returns the script that publishes on a diagnostics channel; for npm's undici, the folder of its scripts. */
export function publishingScript(): string | undefined {
  const scripts = callingScripts();
  const publish = scripts.indexOf(CHANNEL);
  return publish < 0 ? undefined : scripts[publish + 1]?.replace(/core[\\/]request\.js$/, '');
}

/**
 * Whether a function of these scripts was called by a socket, a timer or a microtask of its own, rather than by the
 * application. A function that an `AsyncResource` calls runs in the context of the resource's creator.
 *
 * @param roots prefixes of the script names
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

/** Whether the innermost function of these scripts was called as a listener or as a microtask. */
export function isCalledAsListener(roots: ReadonlySet<string>): boolean {
  const scripts = callingScripts();
  const innermost = scripts.findIndex((script) => isIn(script, roots));
  const [caller, next] = scripts.slice(innermost + 1, innermost + 3);
  return innermost >= 0 && (caller === 'node:events' || (caller === MICROTASKS && next === ASYNC_RESOURCE));
}

/**
 * What aborts the request whose error is being published:
 * - `timeout`: `AbortSignal.timeout()`.
 * - `signal`: an `AbortController`. Its reason is the error, unless undici hides it.
 * - `cancel`: the cancellation of its body, a web stream.
 * - `handler`: its handler, for example when it is written after it was aborted in a queue.
 */
export type AbortPath = 'timeout' | 'signal' | 'cancel' | 'handler';

/** Returns what aborts the request; `undefined` if the transport failed. undici 5 to 8 abort synchronously. */
export function currentAbort(): AbortPath | undefined {
  const frames = callFrames();
  const outermost = frames.findLastIndex(({ script }) => script === ABORT_CONTROLLER);
  if (outermost >= 0) {
    // A timer of the application may call `abort` itself.
    const isTimer = frames[outermost + 1]?.script === TIMERS && frames[outermost]?.name !== 'abort';
    return isTimer ? 'timeout' : 'signal';
  }
  if (frames.some(({ script, name }) => script === READABLE_STREAM && name === 'readableStreamCancel'))
    return 'cancel';
  const publish = frames.findIndex(({ script }) => script === CHANNEL);
  const inner = frames.slice(publish + 1, publish + 1 + FRAMES_TO_ABORT);
  return publish >= 0 && inner.some(({ name }) => name === 'abort') ? 'handler' : undefined;
}

/** Whether the server, or the end of the connection, closes the HTTP/2 stream that is being closed. */
export function isClosedByPeer(): boolean {
  return callFrames().some(({ script, name }) => script === HTTP2 && HTTP2_REACTS.test(name));
}

function isIn(script: string, roots: ReadonlySet<string>): boolean {
  return [...roots].some((root) => script.startsWith(root));
}

interface CallFrame {
  readonly script: string;
  readonly name: string;
}

/** The script names of the stack, the innermost first. For an async resource the name of its function. */
function callingScripts(): readonly string[] {
  return callFrames().map(({ script, name }) => (script === 'node:async_hooks' ? name || script : script));
}

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
