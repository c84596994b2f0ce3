import type { Secret } from './marked.js';
import { type Kind, kindOf } from './marked.js';

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

/**
 * A key starts where no letter or digit precedes it ("task-force" holds no `sk-`); one in front of it may
 * still be the end of an escape, `%20` or `\n`.
 */
const ESCAPE = String.raw`(?<=%[0-9A-Fa-f]{2}|\\[bfnrt]|\\u[0-9A-Fa-f]{4})`;
const START = `(?:(?<![A-Za-z0-9])|${ESCAPE})`;

/** What providers put in the middle of a key they quote back: `sk-abc***xyz`, `sk-...wxyz`. */
const MASK = String.raw`(?:(?:\*{2,}|\.{3,}|…)[\w-]*)`;

/** After `sk-`: an unbroken run, or characters that no words in a row have, or few of them and a mask. */
const SK = [
  String.raw`(?:(?=(?:[a-z0-9]{1,12}-){0,2}[A-Za-z0-9]{16}|[a-z_-]{0,40}[0-9A-Z])[\w-]{16,}`,
  String.raw`(?=[\w-]{0,15}\d)[\w-]{8,}`,
  String.raw`[\w-]{0,15}(?=\*\*|\.\.\.|…))${MASK}*`,
].join('|');

/**
 * The shapes: how keys begin, and how they go on, which is to the end of the run of letters and digits they are
 * part of, so that what is left never begins in the middle of a word. A pattern that fails has looked at a fixed
 * number of characters, or at a run that no other one looks at: that keeps all of it linear.
 */
const KEYS: readonly (readonly [begin: string, rest: string, whose: string])[] = [
  ['sk-', SK, 'OpenAI, Anthropic, OpenRouter'],
  ['ek_', '[A-Za-z0-9]{16,}', 'OpenAI, for one session'],
  ['AIza', String.raw`[\w-]{12,}${MASK}*`, 'Google'],
  ['AQ.', String.raw`[\w-]{30,}`, 'Google'],
  ['ya29.', String.raw`[\w.-]{20,}`, 'Google OAuth'],
  ['GOCSPX-', String.raw`[\w-]{12,}`, 'Google OAuth'],
  ['AKIA', '[A-Z0-9]{12,}[A-Za-z0-9]*', 'AWS key id'],
  ['ASIA', '[A-Z0-9]{12,}[A-Za-z0-9]*', 'AWS key id, for some hours'],
  ['IQoJ', String.raw`b3JpZ2lu[\w+/=%-]{12,}`, 'AWS session'],
  ['FwoG', String.raw`ZXIvYXdz[\w+/=%-]{12,}`, 'AWS session'],
  ['FQoG', String.raw`ZXIvYXdz[\w+/=%-]{12,}`, 'AWS session'],
  ['ABSK', String.raw`[\w+/=-]{40,}`, 'AWS Bedrock'],
  ['bedrock-api-key-', String.raw`[\w+/=-]{12,}`, 'AWS Bedrock, for some hours'],
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((begin) => [begin, '[A-Za-z0-9]{16,}', 'GitHub'] as const),
  ['github_pat_', String.raw`\w{16,}`, 'GitHub'],
  ...['glpat-', 'gldt-', 'glrt-', 'glptt-', 'glcbt-'].map(
    (begin) => [begin, String.raw`[\w-]{16,}`, 'GitLab'] as const,
  ),
  ['xox', String.raw`[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10,}`, 'Slack'],
  ['xapp-', '[A-Za-z0-9-]{10,}', 'Slack'],
  ...['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_', 'pk_live_'].map(
    (begin) => [begin, '[A-Za-z0-9]{8,}', 'Stripe'] as const,
  ),
  ['whsec_', '[A-Za-z0-9+/=]{16,}', 'Stripe'],
  ['npm_', '[A-Za-z0-9]{30,}', 'npm'],
  ['hf_', '[A-Za-z0-9]{20,}', 'Hugging Face'],
  ['r8_', '[A-Za-z0-9]{20,}', 'Replicate'],
  ['gsk_', '[A-Za-z0-9]{20,}', 'Groq'],
  ['csk-', '[A-Za-z0-9]{20,}', 'Cerebras'],
  ['xai-', '[A-Za-z0-9]{20,}', 'xAI'],
  ['pplx-', '[A-Za-z0-9]{20,}', 'Perplexity'],
  ['SG.', String.raw`[\w-]{16,}\.[\w-]{16,}`, 'SendGrid'],
];

/**
 * Characters that are rare in texts. Every beginning has one, the last of which is the mark of that shape; what
 * goes on longest comes first.
 */
const RARE = ['-', '_', '9', 'Q', 'G', 'I', 'K', 'x'];

/** The keys whose beginning has this mark. */
function keysOf(mark: string): Kind {
  const keys = KEYS.filter(([begin]) => RARE.find((rare) => begin.includes(rare)) === mark).map(
    ([begin, rest]) => {
      const lead = begin.slice(0, begin.lastIndexOf(mark));
      return { lead, rest: new RegExp(`${literal(begin.slice(lead.length))}(?:${rest})`, 'y') };
    },
  );
  /** By character code, whether a lead ends in it. */
  const ends = new Uint8Array(128);
  for (const { lead } of keys) ends[lead.charCodeAt(lead.length - 1)] = 1;
  const keyAt = (text: string, at: number): Secret | undefined => {
    // Nearly every mark is passed over here.
    if (ends[text.charCodeAt(at - 1)] !== 1) return undefined;
    const begun = keys.find(({ lead }) => standsBefore(text, at, lead) && isStart(text, at - lead.length));
    if (begun === undefined) return undefined;
    for (const { lead, rest } of keys) {
      rest.lastIndex = at;
      if (standsBefore(text, at, lead) && rest.test(text))
        return { begin: outermost(text, at - begun.lead.length), end: rest.lastIndex };
    }
    return undefined;
  };
  return kindOf(mark, keyAt, (text, at) => keyAt(text, at) !== undefined);
}

function standsBefore(text: string, at: number, lead: string): boolean {
  const begin = at - lead.length;
  for (let index = lead.length - 1; index >= 0; index -= 1) {
    if (text.charCodeAt(begin + index) !== lead.charCodeAt(index)) return false;
  }
  return true;
}

const LETTER_OR_DIGIT = /[A-Za-z0-9]/;
const ESCAPE_END = new RegExp(`${ESCAPE}$`);
const LONGEST_ESCAPE = 6;

/** Whether `START` matches here. */
function isStart(text: string, at: number): boolean {
  if (!LETTER_OR_DIGIT.test(text.charAt(at - 1))) return true;
  return ESCAPE_END.test(text.slice(Math.max(0, at - LONGEST_ESCAPE), at));
}

const BEGIN = new RegExp(`${START}(?:${KEYS.map(([begin]) => literal(begin)).join('|')})`);
const KEY_CHARACTER = /[\w.-]/;
/** Any longer key holds another only by intent. */
const LONGEST_BEFORE = 256;

/**
 * Where the key begins that the one at `begin` stands in: by chance a key may hold the shape of another, and what would be
 * left of it without that one might have no shape any more.
 */
function outermost(text: string, begin: number): number {
  const first = Math.max(0, begin - LONGEST_BEFORE);
  let start = begin;
  while (start > first && KEY_CHARACTER.test(text.charAt(start - 1))) start -= 1;
  if (start === begin) return begin;
  // With the character before it, which tells whether a key may begin there.
  const from = Math.max(0, start - 1);
  const found = BEGIN.exec(text.slice(from, begin));
  return found === null ? begin : from + found.index;
}

function literal(text: string): string {
  return text.replaceAll('.', String.raw`\.`);
}

/** A header and a payload at least; `eyJ…` without a dot is any JSON in base64. Only at the start of such a run. */
const JWT = new RegExp(String.raw`(?<=(?:(?<![\w-])|${ESCAPE})ey)J[\w-]{8,}\.[\w.-]*`, 'y');

/** Up to a quotation mark and what escapes it, so that JSON stays JSON, unless it is one of `"…" + "…"` in code. */
const PEM_BODY = String.raw`(?:[^"\\]|\\(?!\\{0,16}")|"\s{0,40}\+\s{0,40}")`;

/** The end is missing where the text was cut. */
const PEM = new RegExp(
  [
    '(?<=-----)BEGIN(?:[ +]|%20)(?:[A-Z0-9]{1,20}(?:[ +]|%20)){0,3}PRIVATE(?:[ +]|%20)KEY(?:(?:[ +]|%20)BLOCK)?-----',
    `(?:${PEM_BODY}*?-----END[A-Z0-9 +%]{0,60}-----|${PEM_BODY}*)`,
  ].join(''),
  'y',
);

/** Any other key that a provider quotes back with its middle masked. */
const MASKED = /(?<=(?<![\w-])([\w-]{1,64}))\*{4,}[\w*-]*/y;

/** A private key: the one secret with white space in it. */
export const PRIVATE_KEYS = kindOf('BEGIN', (text, at) => matchAt(PEM, text, at, '-----'.length));

/** Every well-known shape of a key, token or private key. Others may stand inside a private key. */
export const SHAPES: readonly Kind[] = [
  PRIVATE_KEYS,
  kindOf('J', jwtAt, isBehindY),
  ...SCHEMES,
  ...RARE.map(keysOf),
  kindOf('****', maskedAt),
];

/**
 * Takes a text and gives it back with every well-known shape of a key, token or private key replaced by
 * `[REDACTED]`; the same text where there is none. What follows the word `Bearer` or `Basic` goes, the word stays.
 */
export function redactShapes(text: string): string {
  return SHAPES.reduce((rest, { redact }) => redact(rest), text);
}

function isBehindY(text: string, at: number): boolean {
  return text.charAt(at - 1) === 'y';
}

function jwtAt(text: string, at: number): Secret | undefined {
  return isBehindY(text, at) ? matchAt(JWT, text, at, 'ey'.length) : undefined;
}

function matchAt(pattern: RegExp, text: string, at: number, before: number): Secret | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? { begin: at - before, end: pattern.lastIndex } : undefined;
}

function maskedAt(text: string, at: number): Secret | undefined {
  MASKED.lastIndex = at;
  const shown = MASKED.exec(text)?.[1];
  return shown === undefined ? undefined : { begin: at - shown.length, end: MASKED.lastIndex };
}
