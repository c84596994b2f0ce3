import type { Planted, PlantedBody, Random } from '../planted.js';

/** Padding that makes a body of each kind longer by that many bytes. */
const PADS: Readonly<Record<string, (length: number) => string>> = {
  'application/json': (length) => ' '.repeat(length),
  'application/x-ndjson': (length) => '\n'.repeat(length),
  'text/event-stream': (length) => `: ${'x'.repeat(Math.max(0, length - 4))}\n\n`,
  'application/x-www-form-urlencoded': (length) => `p=${'x'.repeat(Math.max(0, length - 3))}&`,
  'multipart/form-data': (length) => `${'x'.repeat(Math.max(0, length - 2))}\r\n`,
  'text/plain': (length) => `${'words '.repeat(length / 6 + 1).slice(0, Math.max(0, length - 1))} `,
};

/** The maximum distance between the beginning of a shape and its secret. */
const AHEAD = 8;

/**
 * Pads a body at its beginning, so that its first `bound` bytes end within one of its secrets or just before it.
 * Returns it unchanged if no secret is that near to the beginning.
 */
export function padded(
  { text, contentType, secrets }: PlantedBody,
  bound: number,
  random: Random,
): { readonly text: string; readonly across: Planted | undefined } {
  const secret = secrets[Math.floor(random() * secrets.length)];
  const at = secret === undefined ? -1 : text.indexOf(secret.core);
  const pad = PADS[contentType.replace(/;.*/, '')];
  if (secret === undefined || at < 0 || pad === undefined) return { text, across: undefined };
  const within = Math.floor(random() * (AHEAD + secret.core.length)) - AHEAD;
  const length = bound - Buffer.byteLength(text.slice(0, at)) - within;
  return length < 4 ? { text, across: undefined } : { text: pad(length) + text, across: secret };
}
