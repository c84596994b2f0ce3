import { types } from 'node:util';
import { REQUEST_ID_HEADERS } from '../error/index.js';

/** The only response headers that are read outside full capture: none of them says anything about a person. */
const KEPT_HEADERS: readonly string[] = [
  'content-type',
  'content-encoding',
  'retry-after',
  'retry-after-ms',
  ...REQUEST_ID_HEADERS,
];

/**
 * The name of a header that is kept in errors mode, in lower case; `undefined` for every other. Compares bytes:
 * to make a text of each name costs more than all else that is recorded of a healthy exchange.
 */
export function keptHeaderName(name: unknown): string | undefined {
  if (types.isUint8Array(name)) return KEPT_HEADERS.find((kept) => isName(name, kept));
  const text = String(name).toLowerCase();
  return KEPT_HEADERS.find((kept) => kept === text);
}

/** Ignores case: bit 6 is what tells letters apart, and the hyphen has it anyway. */
function isName(bytes: Uint8Array, name: string): boolean {
  if (bytes.length !== name.length) return false;
  for (let i = 0; i < name.length; i += 1) if (((bytes[i] ?? 0) | 0x20) !== name.charCodeAt(i)) return false;
  return true;
}
