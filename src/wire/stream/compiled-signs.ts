import type { StreamSigns } from '../format.js';

/** Signs as patterns for text in which each character is one byte (`latin1`). */
export interface CompiledSigns {
  readonly error: RegExp;
  readonly terminal: RegExp;
  /** Of the longest sign, in bytes. */
  readonly maxLength: number;
}

/** A pattern that nothing matches, for a format without such signs. */
const NEVER = '(?!)';

const made = new WeakMap<StreamSigns, CompiledSigns>();

/** Compiles the signs of a format, once. */
export function compiledSigns(signs: StreamSigns): CompiledSigns {
  const known = made.get(signs);
  if (known !== undefined) return known;
  const lengths = [...signs.error, ...signs.terminal].map((sign) => Buffer.byteLength(sign));
  const compiled = {
    error: anyOf(signs.error),
    terminal: anyOf(signs.terminal),
    maxLength: Math.max(1, ...lengths),
  };
  made.set(signs, compiled);
  return compiled;
}

function anyOf(signs: readonly string[]): RegExp {
  const escaped = signs.map((sign) => asBytes(sign).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(escaped.join('|') || NEVER);
}

function asBytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}
