import type { Fetch, FetchArguments } from './attempt/fetch-recorder.js';
import { processState } from './process-state.js';
import { hasOwnFetch } from './runtime-warnings.js';
import { announce } from './self-diagnostics.js';

/** Marks a recorded `fetch`. All copies of the package share this symbol. */
const RECORDED = Symbol.for('opentelemetry-instrumentation-chatdebug.recorded-fetch');

/**
 * Returns a `fetch` that records model calls, for Bun, Deno, Cloudflare Workers and Vercel's Edge Runtime, whose own
 * `fetch` cannot be observed. Pass it to the clients: `new OpenAI({ fetch: recordedFetch(fetch) })`. A call belongs to
 * the run and step in which it is made. Nothing is recorded before `startChatDebug` and after `shutdown`.
 *
 * On Node.js, where every `fetch` is observed, and for a `fetch` that is already recorded, the argument is returned.
 */
export function recordedFetch<F extends Fetch>(fetch: F): F {
  return hasOwnFetch(process.versions) && !isRecorded(fetch) ? recording(fetch) : fetch;
}

/**
 * Replaces `globalThis.fetch` with `recordedFetch(fetch)`, for clients without a `fetch` option. On Node.js it does
 * nothing.
 *
 * @returns a function that restores the original. If `globalThis.fetch` was replaced again since then, it stays in
 *   place and records nothing.
 */
export function installFetch(): () => void {
  const { fetch } = globalThis;
  if (isRecorded(fetch)) {
    announce('installFetch was called twice: the first installation stays in force');
    return () => {};
  }
  if (!hasOwnFetch(process.versions)) return () => {};
  let isInstalled = true;
  const installed = recording(fetch, () => isInstalled);
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, 'fetch');
  Object.defineProperty(globalThis, 'fetch', {
    // In Vercel's Edge Runtime it is not configurable, and only its value may change.
    configurable: descriptor?.configurable ?? true,
    writable: true,
    enumerable: descriptor?.enumerable ?? true,
    value: installed,
  });
  return () => {
    isInstalled = false;
    if (globalThis.fetch !== installed) return;
    if (descriptor !== undefined) Object.defineProperty(globalThis, 'fetch', descriptor);
    // In Cloudflare Workers it is inherited.
    else Reflect.deleteProperty(globalThis, 'fetch');
  };
}

export function isFetchInstalled(): boolean {
  return isRecorded(globalThis.fetch);
}

function isRecorded(fetch: unknown): boolean {
  return typeof fetch === 'function' && Object.hasOwn(fetch, RECORDED);
}

/** Members of the original (such as `fetch.preconnect` of Bun) are inherited. */
function recording<F extends Fetch>(fetch: F, isInForce = () => true): F {
  const recorded = function (this: unknown, ...args: FetchArguments): Promise<Response> {
    const original = (...same: FetchArguments) => Reflect.apply(fetch, this, same);
    const { started } = processState();
    return started !== undefined && isInForce() ? started.fetches().call(original, args) : original(...args);
  };
  Object.setPrototypeOf(recorded, fetch);
  for (const name of ['name', 'length'] as const)
    Object.defineProperty(recorded, name, { value: fetch[name], configurable: true });
  return Object.defineProperty(recorded, RECORDED, { value: true }) as unknown as F;
}
