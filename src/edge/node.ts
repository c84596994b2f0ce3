/**
 * The parts of Node.js that the recording uses, for Vercel's Edge Runtime. The runtime itself provides `AsyncLocalStorage`,
 * `Buffer`, `util.types` and `process.env`. The build for the condition `edge-light` resolves every module of Node.js to
 * this file, and replaces the globals `process` and `Buffer` and the timers of `globalThis`.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

export { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
export { Buffer } from 'node:buffer';
export { types } from 'node:util';

// Destructured, because the build replaces globals such as `globalThis.process` in this file too.
const { performance, TextDecoder, crypto, process: original } = globalThis;
const { setTimeout: startTimeout, clearTimeout: stopTimeout } = globalThis;
const { setInterval: startInterval, clearInterval: stopInterval } = globalThis;

export { performance, TextDecoder };

/** There are no signals and no event at the end of the process. Next.js throws for unknown methods of `process`. */
export const process = {
  env: original?.env ?? {},
  versions: {},
  hrtime: (): [seconds: number, nanoseconds: number] => {
    const millis = performance.now();
    return [Math.floor(millis / 1e3), Math.round((millis % 1e3) * 1e6)];
  },
  emitWarning: (message: string) => console.warn(message),
  on() {},
  off() {},
  prependListener() {},
};

/** A timer of the runtime is a number, which has no `unref`. */
class Timer {
  constructor(readonly id: unknown) {}

  unref(): this {
    return this;
  }
}

type Callback = () => void;

export const setTimeout = (callback: Callback, millis?: number): Timer =>
  new Timer(startTimeout(callback, millis));
export const setInterval = (callback: Callback, millis?: number): Timer =>
  new Timer(startInterval(callback, millis));
export const setImmediate = (callback: Callback): Timer => setTimeout(callback, 0);
export const clearTimeout = (timer: Timer | undefined): void => stopTimeout(timer?.id as number | undefined);
export const clearInterval = (timer: Timer | undefined): void =>
  stopInterval(timer?.id as number | undefined);

/** `node:diagnostics_channel`: nothing is published here. */
export const subscribe = (): void => {};
export const unsubscribe = (): void => {};

/** `node:crypto` */
export const randomUUID = (): string => crypto.randomUUID();

/** `node:crypto`, limited to the SHA-256 of one text */
export const createHash = (_algorithm: 'sha256') => ({
  update: (text: string) => ({ digest: (_encoding: 'hex') => bytesToHex(sha256(utf8ToBytes(text))) }),
});

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let remainder = index;
  for (let bit = 0; bit < 8; bit += 1)
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xed_b8_83_20 : remainder >>> 1;
  return remainder;
});

/** `node:zlib` */
export function crc32(bytes: Uint8Array, checksum = 0): number {
  let remainder = ~checksum;
  for (const byte of bytes) remainder = (remainder >>> 8) ^ (CRC_TABLE[(remainder ^ byte) & 0xff] ?? 0);
  return ~remainder >>> 0;
}

/** `node:util`, limited to JSON values */
export function isDeepStrictEqual(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every(
      (name) => Object.hasOwn(b, name) && isDeepStrictEqual(Reflect.get(a, name), Reflect.get(b, name)),
    )
  );
}

/** `node:util/types` */
export const isRegExp = (value: unknown): boolean =>
  Object.prototype.toString.call(value) === '[object RegExp]';

/** `node:module` and `node:fs`: there are no other packages and no files. */
function notAvailable(): never {
  throw new Error('Not available in an edge runtime');
}

export { notAvailable as createRequire, notAvailable as readFileSync, notAvailable as statSync };

/** `node:path` */
export const join = (...parts: readonly string[]): string => parts.join('/');
export { join as resolve };

/** `attempt/body/content-encoding.ts`: the runtime decodes responses itself. */
export const decoderOf = (encoding: string): { readonly undecodable: string } => ({
  undecodable: `content-encoding ${encoding.slice(0, 40)} is not known`,
});
