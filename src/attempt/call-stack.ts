/** Scripts whose functions call others back: an emitter, a timer, undici's HTTP parser. */
const CALLS_BACK = /^(node:events|node:internal\/timers|wasm:)/;
/** Calls others back in the async context that it was made in. */
const ASYNC_RESOURCE = 'runInAsyncScope';
/** Calls microtasks back, by an async resource. */
const MICROTASKS = 'node:internal/process/task_queues';
const FRAMES = 64;

/** The script that is publishing on a diagnostics channel; of npm's undici, the folder of its scripts. */
export function publishingScript(): string | undefined {
  const scripts = callingScripts();
  const publish = scripts.indexOf('node:diagnostics_channel');
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

function isIn(script: string, roots: ReadonlySet<string>): boolean {
  return [...roots].some((root) => script.startsWith(root));
}

/** The names of the scripts on the stack, the innermost first. Of an async resource, that of its function. */
function callingScripts(): readonly string[] {
  const { stackTraceLimit, prepareStackTrace } = Error;
  try {
    Error.stackTraceLimit = FRAMES;
    Error.prepareStackTrace = (_error, sites) => sites.map(scriptOf);
    const { stack }: { stack?: unknown } = new Error();
    return Array.isArray(stack) ? stack : [];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Error.prepareStackTrace = prepareStackTrace;
  }
}

function scriptOf(site: NodeJS.CallSite): string {
  const script = site.getFileName() ?? '';
  return script === 'node:async_hooks' ? (site.getFunctionName() ?? script) : script;
}
