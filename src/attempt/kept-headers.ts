import { types } from 'node:util';
import { REQUEST_ID_HEADERS } from '../error/index.js';

/** The only response headers that are read outside full capture: none of them says anything about a person. */
const KEPT_HEADERS: readonly string[] = [
  'content-type',
  'content-encoding',
  'retry-after',
  'retry-after-ms',
  'x-amzn-errortype',
  ...REQUEST_ID_HEADERS,
];

/** By length, which tells nearly all others apart at a glance. */
const BY_LENGTH: readonly (readonly string[])[] = Array.from(
  { length: 1 + Math.max(...KEPT_HEADERS.map(({ length }) => length)) },
  (_, length) => KEPT_HEADERS.filter((name) => name.length === length),
);

/**
 * The name of a header that is kept in errors mode, in lower case; `undefined` for every other. Compares bytes:
 * to make a text of each name costs more than all else that is recorded of a healthy exchange.
 */
export function keptHeaderName(name: unknown): string | undefined {
  const candidates = BY_LENGTH[(name as { readonly length?: number }).length ?? 0];
  if (candidates === undefined || candidates.length === 0) return undefined;
  if (!types.isUint8Array(name)) {
    const text = String(name).toLowerCase();
    return candidates.find((kept) => kept === text);
  }
  for (const kept of candidates) if (isName(name, kept)) return kept;
  return undefined;
}

/** Of the same length. Ignores case: bit 6 is what tells letters apart, and the hyphen has it anyway. */
function isName(bytes: Uint8Array, name: string): boolean {
  for (let i = 0; i < name.length; i += 1) if (((bytes[i] ?? 0) | 0x20) !== name.charCodeAt(i)) return false;
  return true;
}
