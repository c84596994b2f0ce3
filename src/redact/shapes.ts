import {
  KEY_SHAPES,
  type KeyShape,
  SIGNED_KEY_SHAPES,
  type SignedKeyShape,
  UNLIKE_WORDS,
} from './key-shapes.js';
import { type Kind, kindOf, type Secret } from './replacements.js';

const GAP = String.raw`(?:[\s:+]|%20){1,4}`;

const BEARER = new RegExp(
  [
    String.raw`(${GAP})(?!(?:auth|chall|cred|error|expec|format|invalid|middle|missing|prov|requ|secur|strateg)[a-z_]*(?![\w.~+/-]))`,
    String.raw`(?=[a-z_.~+/-]{0,40}\d|[\w.~+/-]{8,})[\w.~+/-]{4,}=*`,
  ].join(''),
  'iy',
);

/** Base64 of `user:password`: unlike "basic information" it has digits, padding or mixed case. */
const BASIC = new RegExp(
  String.raw`(${GAP})(?![A-Za-z]?(?:[a-z]{0,24}|[A-Z]{0,24})(?![\w+/=]))[\w+/-]{4,}=*`,
  'y',
);

/** The credentials after the schemes of `Authorization`. The scheme is kept. */
const SCHEMES: readonly Kind[] = [
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

/** A key starts after anything but a letter or digit, or after an escape: `%20` or `\n`. */
const ESCAPE = String.raw`(?<=%[0-9A-Fa-f]{2}|\\[bfnrt]|\\u[0-9A-Fa-f]{4})`;
const START = `(?:(?<![A-Za-z0-9])|${ESCAPE})`;

/**
 * Characters that are rare in texts. The mark of a shape is the last of them in its prefix. Characters of more prefixes
 * come first.
 */
const RARE = ['-', '_', '9', 'Q', 'G', 'I', 'K'];

interface Key {
  readonly lead: string;
  readonly rest: RegExp;
}

/**
 * A failing pattern has read a fixed number of characters, or a run that no other pattern reads, so that the whole
 * search takes linear time. A key extends to the end of its run of letters and digits, so that the rest never starts
 * within a word.
 */
function keyOf(shape: KeyShape, prefix: string, mark: string): Key {
  const lead = prefix.slice(0, prefix.lastIndexOf(mark));
  const rest = shape.pattern ?? `${guard(shape)}${shape.alphabet}{${shape.minLength},}[A-Za-z0-9]*`;
  return { lead, rest: new RegExp(`${literal(prefix.slice(lead.length))}(?:${rest})`, 'y') };
}

function guard({ alphabet, mustHave }: KeyShape): string {
  if (mustHave === undefined) return '';
  return mustHave === 'digit' ? String.raw`(?=${alphabet}{0,40}\d)` : UNLIKE_WORDS;
}

/** The keys with this mark in their prefix. */
function keysOf(mark: string, keys: readonly Key[]): Kind {
  const byEnd: (readonly Key[] | undefined)[] = [];
  for (const key of keys) {
    const end = key.lead.charCodeAt(key.lead.length - 1);
    byEnd[end] = [...(byEnd[end] ?? []), key].sort((one, other) => other.lead.length - one.lead.length);
  }
  const keyAt = (text: string, at: number): Secret | undefined => {
    const likely = byEnd[text.charCodeAt(at - 1)];
    if (likely === undefined) return undefined;
    const begun = likely.find(({ lead }) => standsBefore(text, at, lead) && isStart(text, at - lead.length));
    if (begun === undefined) return undefined;
    for (const { lead, rest } of likely) {
      rest.lastIndex = at;
      if (standsBefore(text, at, lead) && rest.test(text))
        return { begin: outermost(text, at - begun.lead.length), end: rest.lastIndex };
    }
    return undefined;
  };
  return kindOf(mark, keyAt, (text, at) => keyAt(text, at) !== undefined);
}

/** The keys of a prefix without a rare character: the prefix is the mark. */
function keysBehind({ lead, rest }: Key, mark: string): Kind {
  const keyAt = (text: string, at: number): Secret | undefined => {
    rest.lastIndex = at;
    if (!isStart(text, at - lead.length) || !rest.test(text)) return undefined;
    return { begin: outermost(text, at), end: rest.lastIndex };
  };
  return kindOf(mark, keyAt, (text, at) => keyAt(text, at) !== undefined);
}

function keyKinds(): readonly Kind[] {
  const byMark = new Map<string, Key[]>(RARE.map((mark) => [mark, []]));
  const unmarked: Kind[] = [];
  for (const shape of KEY_SHAPES) {
    for (const prefix of shape.prefixes) {
      const mark = RARE.find((rare) => prefix.includes(rare));
      if (mark === undefined)
        unmarked.push({
          ...keysBehind(keyOf(shape, prefix, prefix), prefix),
          minLength: prefix.length + shape.minLength,
        });
      else byMark.get(mark)?.push(keyOf(shape, prefix, mark));
    }
  }
  return [...[...byMark].map(([mark, keys]) => keysOf(mark, keys)), ...unmarked];
}

function signedKeys({ signature, before, beforeLength, after }: SignedKeyShape): Kind {
  const pattern = new RegExp(`(?<=${before})${literal(signature)}${after}`, 'y');
  const keyAt = (text: string, at: number): Secret | undefined => {
    pattern.lastIndex = at;
    const begin = at - beforeLength;
    return begin >= 0 && isStart(text, begin) && pattern.test(text)
      ? { begin, end: pattern.lastIndex }
      : undefined;
  };
  return kindOf(signature, keyAt, (text, at) => keyAt(text, at) !== undefined);
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

function isStart(text: string, at: number): boolean {
  if (!LETTER_OR_DIGIT.test(text.charAt(at - 1))) return true;
  return ESCAPE_END.test(text.slice(Math.max(0, at - LONGEST_ESCAPE), at));
}

const BEGIN = new RegExp(
  `${START}(?:${KEY_SHAPES.flatMap(({ prefixes }) => prefixes.map(literal)).join('|')})`,
);
const KEY_CHARACTER = /[\w.-]/;
const LONGEST_BEFORE = 256;

/**
 * Returns the start of the key that contains the one at `begin`: a key may contain the shape of another one by chance,
 * and the rest may have no shape of its own.
 */
function outermost(text: string, begin: number): number {
  const first = Math.max(0, begin - LONGEST_BEFORE);
  let start = begin;
  while (start > first && KEY_CHARACTER.test(text.charAt(start - 1))) start -= 1;
  if (start === begin) return begin;
  const from = Math.max(0, start - 1);
  const found = BEGIN.exec(text.slice(from, begin));
  return found === null ? begin : from + found.index;
}

function literal(text: string): string {
  return text.replaceAll('.', String.raw`\.`);
}

/** Requires a header and a payload: `eyJ…` without a dot is any JSON in base64. */
const JWT = new RegExp(String.raw`(?<=(?:(?<![\w-])|${ESCAPE})ey)J[\w-]{8,}\.[\w.-]*`, 'y');

/** Ends before a quotation mark and its backslashes, so that JSON stays JSON. Continues over `"…" + "…"` in code. */
const PEM_BODY = String.raw`(?:[^"\\]|\\(?!\\{0,16}")|"\s{0,40}\+\s{0,40}")`;

/** The end is absent in a truncated text. */
const PEM = new RegExp(
  [
    '(?<=-----)BEGIN(?:[ +]|%20)(?:[A-Z0-9]{1,20}(?:[ +]|%20)){0,3}PRIVATE(?:[ +]|%20)KEY(?:(?:[ +]|%20)BLOCK)?-----',
    `(?:${PEM_BODY}*?-----END[A-Z0-9 +%]{0,60}-----|${PEM_BODY}*)`,
  ].join(''),
  'y',
);

const MASKED = /(?<=(?<![\w-])([\w-]{1,64}))\*{4,}[\w*-]*/y;

/** The only secret that contains white space. */
export const PRIVATE_KEYS = kindOf('BEGIN', (text, at) => matchAt(PEM, text, at, '-----'.length));

/** The private key is first, since it may contain the shapes of others. */
export const SHAPES: readonly Kind[] = [
  PRIVATE_KEYS,
  kindOf('J', jwtAt, isBehindY),
  ...SCHEMES,
  ...keyKinds(),
  ...SIGNED_KEY_SHAPES.map(signedKeys),
  kindOf('****', maskedAt),
];

/** Replaces keys, tokens and private keys of known shapes in a text. Returns a text without them unchanged. */
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
