import { REDACTED } from './names.js';

/**
 * A key starts where no letter or digit precedes it ("task-force" holds no `sk-`); one in front of it may
 * still be the end of an escape, `%20` or `\n`.
 */
const START = String.raw`(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2}|\\[bfnrt]|\\u[0-9A-Fa-f]{4}))`;

/** What providers put in the middle of a key they quote back: `sk-abc***xyz`, `sk-...wxyz`. */
const MASK = String.raw`(?:(?:\*{2,}|\.{3,}|…)[\w-]*)`;

/**
 * The shapes: how one begins and how it goes on, which is to the end of the run of letters and digits it is
 * part of, so that what is left never begins in the middle of a word. None looks further ahead than its own
 * match or a fixed number of characters, which keeps each linear.
 */
const SHAPES: readonly (readonly [start: string, rest: string, whose: string])[] = [
  [
    'sk-',
    String.raw`(?:[\w-]{16,}|(?=[\w-]{0,15}\d)[\w-]{8,}|[\w-]{0,15}(?=\*\*|\.\.\.|…))${MASK}*`,
    'OpenAI, Anthropic',
  ],
  ['ek_', '[A-Za-z0-9]{16,}', 'OpenAI, for one session'],
  ['AIza', String.raw`[\w-]{12,}${MASK}*`, 'Google'],
  [String.raw`AQ\.`, String.raw`[\w-]{30,}`, 'Google'],
  [String.raw`ya29\.`, String.raw`[\w.-]{20,}`, 'Google OAuth'],
  ['GOCSPX-', String.raw`[\w-]{12,}`, 'Google OAuth'],
  ['A[KS]IA', '[A-Z0-9]{12,}[A-Za-z0-9]*', 'AWS key id'],
  ['IQoJb3JpZ2lu', String.raw`[\w+/=%-]{12,}`, 'AWS session'],
  ['F[wQ]oGZXIvYXdz', String.raw`[\w+/=%-]{12,}`, 'AWS session'],
  ['ABSK', String.raw`[\w+/=-]{40,}`, 'AWS Bedrock'],
  ['bedrock-api-key-', String.raw`[\w+/=-]{12,}`, 'AWS Bedrock, for some hours'],
  ['gh[a-z]_', '[A-Za-z0-9]{16,}', 'GitHub'],
  ['github_pat_', String.raw`\w{16,}`, 'GitHub'],
  [String.raw`xox[a-z](?:\.xox[a-z])?-`, '[A-Za-z0-9-]{10,}', 'Slack'],
  ['xapp-', '[A-Za-z0-9-]{10,}', 'Slack'],
  ['[srp]k_(?:live|test)_', '[A-Za-z0-9]{8,}', 'Stripe'],
  ['whsec_', '[A-Za-z0-9]{16,}', 'Stripe'],
  ['hf_', '[A-Za-z0-9]{20,}', 'Hugging Face'],
  ['gsk_', '[A-Za-z0-9]{20,}', 'Groq'],
  ['xai-', '[A-Za-z0-9]{20,}', 'xAI'],
];
// The place is looked at after the fixed part: the engine searches for fixed text fastest.
const KEY = new RegExp(SHAPES.map(([start, rest]) => `${start}(?<=${START}${start})${rest}`).join('|'), 'g');

/** Any other key that a provider quotes back with its middle masked. */
const MASKED = /(?<![\w-])[\w-]{1,64}\*{4,}[\w*-]*/g;

/** A header and a payload at least; `eyJ…` without a dot is any JSON in base64. */
const JWT = new RegExp(String.raw`eyJ(?<=${START}eyJ)[\w-]{8,}(?:\.[\w-]*)*`, 'g');

/** The end is missing where the text was cut. */
const PEM =
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g;

/** Not the words that follow "bearer" in prose and in `WWW-Authenticate`. */
const BEARER =
  /(bearer(?:[\s:+]|%20){1,4})(?!(?:auth|chall|cred|error|expec|format|invalid|middle|missing|prov|requ|secur|strateg)[a-z_]*(?![\w.~+/-]))(?=[a-z_.~+/-]{0,40}\d|[\w.~+/-]{8,})[\w.~+/-]{4,}=*/gi;

/** Base64 of `user:password`, told from "basic information" by what no word has: digits, padding, mixed case. */
const BASIC =
  /([Bb][Aa][Ss][Ii][Cc](?:[\s:+]|%20){1,4})(?![A-Za-z]?(?:[a-z]{0,24}|[A-Z]{0,24})(?![\w+/=]))[\w+/-]{4,}=*/g;

/**
 * Two characters in a row that nearly all prose has none of, and each shape has one of in its fixed part (`k-`,
 * `AI`, `yJ`, `--`, `**`), and the two words. What holds neither is not looked at again.
 */
const HINT = /[a-zABGP*-][-_*IJKOQRSBZ2]/;
const SCHEME = /earer|asic/i;

/**
 * Takes a text and gives it back with every well-known shape of a key, token or private key replaced by
 * `[REDACTED]`; the same text where there is none. What follows the word `Bearer` or `Basic` goes, the word stays.
 */
export function redactShapes(text: string): string {
  if (!HINT.test(text) && !SCHEME.test(text)) return text;
  const result = text
    .replace(PEM, REDACTED)
    .replace(JWT, (match) => (match.includes('.') ? REDACTED : match))
    .replace(BEARER, `$1${REDACTED}`)
    .replace(BASIC, `$1${REDACTED}`)
    .replace(KEY, REDACTED);
  return result.includes('****') ? result.replace(MASKED, REDACTED) : result;
}
