import { createHash } from 'node:crypto';
import { templateOf } from './template.js';
import type { Classification } from './types.js';

/** Hex digits of a fingerprint: 64 bits, of which a billion errors make two alike once in forty. */
const LENGTH = 16;
/** A detail has 500 characters, unless the application attached one. */
const MAX_DETAIL = 1_000;

/** What one occurrence of an error differs in from another, the longest first. */
const VARIABLE: readonly (readonly [what: RegExp, instead: string])[] = [
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'`<>]*/gi, 'URL'],
  // What the template has left out, and the names that it left in.
  [/\[…\d+ characters\]|"[^"]*"|“[^”]*”|`[^`]*`|(?<!\w)'[^']*'(?!\w)/g, 'QUOTED'],
  // Numbers, UUIDs, and ids, which are words with a digit in them.
  [/(?=[\w-]*\d)[\w-]+(?:[.,:]\d[\w-]*)*/g, 'N'],
  // Ids without a digit: too long for a word, in both cases.
  [/\b(?=\w*[a-z])(?=\w*[A-Z])\w{20,}/g, 'N'],
];

const known = new WeakMap<Classification, string>();

/**
 * By which errors can be grouped: the same for those that are alike in kind, provider, status, exception type and
 * the fixed part of the detail. Numbers, ids, UUIDs, quoted texts and URLs make no difference.
 *
 * @returns 16 hexadecimal digits
 */
export function fingerprintOf(error: Classification): string {
  const fingerprint = known.get(error) ?? digest(error);
  known.set(error, fingerprint);
  return fingerprint;
}

function digest({ kind, provider, statusCode, exceptionType, detail }: Classification): string {
  const template = detail === undefined ? undefined : fixedPart(detail.slice(0, MAX_DETAIL));
  const text = JSON.stringify([kind, provider, statusCode, exceptionType, template]);
  return createHash('sha256').update(text).digest('hex').slice(0, LENGTH);
}

function fixedPart(detail: string): string {
  return VARIABLE.reduce((text, [what, instead]) => text.replace(what, instead), templateOf(detail));
}
