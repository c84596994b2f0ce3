import { type Kind, kindOf } from './kind.js';
import type { Secret } from './marked.js';

const GAP = String.raw`(?:[\s:+]|%20){1,4}`;

/** Not the words that follow "bearer" in prose and in `WWW-Authenticate`. */
const BEARER = new RegExp(
  [
    String.raw`(${GAP})(?!(?:auth|chall|cred|error|expec|format|invalid|middle|missing|prov|requ|secur|strateg)[a-z_]*(?![\w.~+/-]))`,
    String.raw`(?=[a-z_.~+/-]{0,40}\d|[\w.~+/-]{8,})[\w.~+/-]{4,}=*`,
  ].join(''),
  'iy',
);

/** Base64 of `user:password`, told from "basic information" by what no word has: digits, padding, mixed case. */
const BASIC = new RegExp(
  String.raw`(${GAP})(?![A-Za-z]?(?:[a-z]{0,24}|[A-Z]{0,24})(?![\w+/=]))[\w+/-]{4,}=*`,
  'y',
);

/**
 * The credentials behind the schemes of RFC 7235's `Authorization` as they are written in practice: any other case
 * is nobody's. The words stay.
 */
export const SCHEMES: readonly Kind[] = [
  ...['Bearer', 'bearer', 'BEARER'].map((word) => schemeOf(word, BEARER)),
  ...['Basic', 'basic', 'BASIC'].map((word) => schemeOf(word, BASIC)),
];

function schemeOf(word: string, credentials: RegExp): Kind {
  return kindOf(word, (text, at) => credentialsAt(credentials, text, at + word.length));
}

function credentialsAt(credentials: RegExp, text: string, at: number): Secret | undefined {
  credentials.lastIndex = at;
  const gap = credentials.exec(text)?.[1];
  return gap === undefined ? undefined : { begin: at + gap.length, end: credentials.lastIndex };
}
