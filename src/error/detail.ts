import { loadCrypto } from '../loading.js';
import { redactText } from '../redact/text.js';
import type { Classification, Evidence } from './kinds.js';
import { truncated } from './text.js';

export const MAX_DETAIL = 500;

/** Characters examined per character of the result: folding white space shortens the text. */
const FOLDING_FACTOR = 8;

/** Redacts secrets, folds white space and truncates to one line of at most `max` characters. */
export function clean(text: string, max: number): string {
  const line = withoutQueryValues(redactText(truncated(text)).slice(0, FOLDING_FACTOR * max))
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  if (line.length <= max) return line;
  const cut = line.slice(0, max);
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}

/** A URL, possibly with adjacent punctuation. */
const TOKEN = /[^\s"'<>`]+/g;
/** The start of the query or fragment, also in a percent-encoded URL. */
const QUERY = /[?#]|%3f|%23/i;
const PAIR = /[^&;]+/g;
const EQUALS = /=|%3d/i;
const REDACTED = '[REDACTED]';

/** Redacts all query values, since any of them may identify a user or hold content. */
function withoutQueryValues(text: string): string {
  return QUERY.test(text) ? text.replace(TOKEN, withoutQueryValue) : text;
}

function withoutQueryValue(token: string): string {
  const begin = token.search(QUERY);
  if (begin < 0) return token;
  const mark = QUERY.exec(token)?.[0] ?? '';
  const query = token.slice(begin + mark.length);
  const isUrl = /:\/\/|%3a%2f%2f|^\W?(?:\/|%2f)/i.test(token.slice(0, begin));
  const isQuery = /^[\w.~[\]%-]+=/.test(query) || (isUrl && (mark === '?' || EQUALS.test(query)));
  if (!isQuery || !/\w/.test(query)) return token;
  return (
    token.slice(0, begin) +
    mark +
    query.replace(PAIR, (pair) => {
      const equals = EQUALS.exec(pair);
      return equals === null ? REDACTED : pair.slice(0, equals.index) + equals[0] + REDACTED;
    })
  );
}

export const MAX_ID = 128;

/** Returns `text` if it is an identifier of at most `max` characters without a secret, else `undefined`. */
export function identifier(text: unknown, max: number): string | undefined {
  const isOne = typeof text === 'string' && text.length <= max && /^[\w$.:/=+-]+$/.test(text);
  return isOne && redactText(text) === text ? text : undefined;
}

/** Ids and keys have many digits. Error names have few, and error numbers are short. */
const MAX_DIGITS = 4;
const ERROR_NUMBER = /^\d{1,6}$/;

/** Returns `text` if it can name a class of errors, rather than identify one occurrence. */
export function errorName(text: unknown): string | undefined {
  const name = identifier(text, 100);
  if (name === undefined || ERROR_NUMBER.test(name)) return name;
  return (name.match(/\d/g)?.length ?? 0) > MAX_DIGITS ? undefined : name;
}

function providerName({ providerCodes }: Evidence): string | undefined {
  for (const code of providerCodes) {
    const name = errorName(code);
    if (name !== undefined) return name;
  }
  return undefined;
}

/** The value of `error.type`. Has low cardinality; `_OTHER` if nothing is known, as in the semantic conventions. */
export function errorTypeOf(evidence: Evidence): string {
  const status = evidence.status ?? evidence.textStatus;
  return (
    providerName(evidence) ??
    (status === undefined ? undefined : String(status)) ??
    errorName(evidence.systemCode) ??
    errorName(evidence.exceptionType) ??
    '_OTHER'
  );
}

/** A router's generic message for an upstream failure. The upstream message comes with it. */
const UPSTREAM_ERROR = /^provider returned error\.?$/i;

/**
 * The message of the error body, else the messages along the cause chain without repetitions. For authentication
 * errors only the provider's code, since the message may quote the key in an unknown shape.
 */
export function detailOf(evidence: Evidence, isAuth: boolean): string | undefined {
  if (isAuth) return providerName(evidence);
  const { bodyMessages, messages, bodyText, status } = evidence;
  const message = bodyMessages.find((one) => !UPSTREAM_ERROR.test(one)) ?? bodyMessages[0];
  const detail = clean(message ?? moreSpecific(bodyText, joinedMessages(messages, status)), MAX_DETAIL);
  return detail === '' ? undefined : detail;
}

function joinedMessages(messages: readonly string[], status: number | undefined): string {
  let joined = '';
  for (const message of messages.map((one) => withoutStatus(one, status))) {
    if (joined === '') joined = message;
    else if (!joined.includes(message)) joined += `: ${message}`;
  }
  return joined;
}

/** The OpenAI and Anthropic SDKs prefix the message of the body with the status. */
function withoutStatus(message: string, status: number | undefined): string {
  if (message === `${status}`) return '';
  const isPrefixed = message.startsWith(`${status} `) && !message.startsWith(`${status} status`);
  return isPrefixed ? message.slice(4) : message;
}

/** A message that holds nothing but the status: "Request failed with status code 502". */
const STATUS_ALONE =
  /^(?:[a-z]+ ){0,4}(?:failed|error)?[ :]*(?:with )?(?:http )?(?:status(?: code)?:? ?)?\d{3}(?: status code)?(?: \(no body\))?\.?$|^(?:connection error\.?|fetch failed)$/i;

/** Prefers the exception's message over a non-JSON body of a few words, unless the message holds only the status. */
function moreSpecific(bodyText: string | undefined, message: string): string {
  if (bodyText === undefined || message.includes(bodyText)) return message;
  const isShort = countWords(bodyText) <= FEW_WORDS && countWords(message) > countWords(bodyText);
  return isShort && !STATUS_ALONE.test(message) ? message : bodyText;
}

const FEW_WORDS = 3;

function countWords(text: string): number {
  return text.split(/\s+/, 2 * FEW_WORDS).filter((word) => /[a-z]/i.test(word)).length;
}

/** Hex digits of a fingerprint: 64 bits, with a collision probability of 1 in 40 for a billion errors. */
const FINGERPRINT_DIGITS = 16;
/** Bounds a detail attached by the application. Others have at most 500 characters. */
const MAX_FINGERPRINTED = 1_000;

/** Parts of a message that vary between occurrences of an error, longest first. */
const VARIABLE_PARTS: readonly (readonly [what: RegExp, instead: string])[] = [
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'`<>]*/gi, 'URL'],
  // Placeholders of the template, and the quoted names that it keeps.
  [/\[…\d+ characters\]|"[^"]*"|“[^”]*”|`[^`]*`|(?<!\w)'[^']*'(?!\w)/g, 'QUOTED'],
  // Numbers, UUIDs and ids: words with a digit.
  [/(?=[\w-]*\d)[\w-]+(?:[.,:]\d[\w-]*)*/g, 'N'],
  // Ids without a digit: long words in mixed case.
  [/\b(?=\w*[a-z])(?=\w*[A-Z])\w{20,}/g, 'N'],
];

const fingerprints = new WeakMap<Classification, string>();

/**
 * See `fingerprintOf` of `index.ts`.
 *
 * @returns 16 hexadecimal digits
 */
export function fingerprintOf(error: Classification): string {
  const fingerprint = fingerprints.get(error) ?? digest(error);
  fingerprints.set(error, fingerprint);
  return fingerprint;
}

function digest({ kind, provider, statusCode, exceptionType, detail }: Classification): string {
  const template = detail === undefined ? undefined : fixedPart(detail.slice(0, MAX_FINGERPRINTED));
  const text = JSON.stringify([kind, provider, statusCode, exceptionType, template]);
  return loadCrypto().createHash('sha256').update(text).digest('hex').slice(0, FINGERPRINT_DIGITS);
}

function fixedPart(detail: string): string {
  return VARIABLE_PARTS.reduce((text, [what, instead]) => text.replace(what, instead), templateOf(detail));
}

/** How to record error messages if content is not recorded: as a template, in full or not at all. */
export type ErrorText = 'template' | 'full' | 'none';

/** Phrases followed by content up to the end, in errors of the AI SDK and others. */
const CONTENT_FOLLOWS = new RegExp(
  [
    String.raw`\bpars(?:e|ing)\b[^:.\n]{0,60}: (?:Text: )?`,
    String.raw`\bType validation failed(?: for [^:\n]{0,100})?: Value: `,
    String.raw`\bInvalid input for tool [^:\n]{1,100}: `,
    String.raw`\bError repairing tool call: `,
    String.raw`(?:^|[.:\n] ?)(?:Body|Content|Input|JSON|Output|Prompt|Received|Response|Text|Value): `,
  ].join('|'),
);
/** Follows the content in errors of the AI SDK. */
const BEHIND_CONTENT = /\.\sError message: /;
/** V8 quotes the beginning of the text between them, including quotation marks. */
const V8_SNIPPET = ['Unexpected token ', ' is not valid JSON'] as const;
const JSON_START = /[{[]\s{0,20}["'{[]/;
const OPENING_QUOTE = /["`“„«]|(?<!\w)['‘]/;
const CLOSING_QUOTES: Readonly<Record<string, string>> = { '“': '”', '„': '“', '«': '»', '‘': '’' };

/** Names of parameters, models and codes: lower case, camel case, or with digits or punctuation. */
const IDENTIFIER = /^(?=[a-z]+$|[a-z]+[A-Z]|.*[\d_./-])[\w.[\]/:-]{1,64}$/;
/** Messages in which even a name is model output. */
const NAMES_ARE_CONTENT = /\bJSON\b|\bUnrecognized keys?\b/;

const MAX_TEMPLATE = 300;
const GAP = /^\[…\d+ characters\]/;
const MAX_GAP = 24;

/**
 * See `templateOf` of `index.ts`. Possible content is quoted text other than identifiers, JSON, text after labels
 * such as `Text: `, and everything after 300 characters.
 *
 * @param text a message, which may be truncated
 */
export function templateOf(text: string): string {
  const keepsNames = !NAMES_ARE_CONTENT.test(text);
  const isCut = text.length > MAX_TEMPLATE;
  const template = withoutQuotes(withoutJson(withoutWhatFollows(withoutSnippet(text))), keepsNames, isCut);
  if (template.length <= MAX_TEMPLATE) return template;
  return template.slice(0, MAX_TEMPLATE - MAX_GAP) + gap(template.slice(MAX_TEMPLATE - MAX_GAP));
}

function withoutSnippet(text: string): string {
  const [before, after] = V8_SNIPPET;
  const begin = text.indexOf(before) + before.length;
  const end = text.lastIndexOf(after);
  return begin < before.length || end < begin
    ? text
    : text.slice(0, begin) + gap(text.slice(begin, end)) + text.slice(end);
}

function withoutWhatFollows(text: string): string {
  const label = CONTENT_FOLLOWS.exec(text);
  if (label === null) return text;
  const begin = label.index + label[0].length;
  const rest = text.slice(begin);
  if (GAP.test(rest)) return text;
  const end = rest.search(BEHIND_CONTENT);
  return text.slice(0, begin) + gap(end < 0 ? rest : rest.slice(0, end));
}

/** Replaces JSON. Replaces incomplete JSON to the end of the text, including the quotation around it. */
function withoutJson(text: string): string {
  const begin = text.search(JSON_START);
  if (begin < 0) return text;
  const end = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']')) + 1;
  const json = text.slice(begin, end);
  if (isJson(json)) return text.slice(0, begin) + gap(json) + text.slice(end);
  const quote = text.slice(0, begin).search(OPENING_QUOTE);
  const kept = quote < 0 ? begin : quote;
  return text.slice(0, kept) + gap(text.slice(kept));
}

/**
 * A quotation other than a name may contain quotation marks, so it ends at the last mark of its kind. In a long text,
 * which may be truncated, it extends to the end.
 */
function withoutQuotes(text: string, keepsNames: boolean, isCut: boolean): string {
  let result = '';
  let rest = text;
  for (let begin = rest.search(OPENING_QUOTE); begin >= 0; begin = rest.search(OPENING_QUOTE)) {
    const closing = CLOSING_QUOTES[rest.charAt(begin)] ?? rest.charAt(begin);
    const next = rest.indexOf(closing, begin + 1);
    const isName =
      next > begin &&
      keepsNames &&
      IDENTIFIER.test(rest.slice(begin + 1, next)) &&
      !/\w/.test(rest.charAt(next + 1));
    const last = rest.lastIndexOf(closing);
    const end = isName ? next + 1 : last > begin && !isCut ? last + 1 : rest.length;
    result += isName ? rest.slice(0, end) : rest.slice(0, begin) + gap(rest.slice(begin, end));
    rest = rest.slice(end);
  }
  return result + rest;
}

function gap(content: string): string {
  return GAP.test(content) ? content : `[…${content.length} characters]`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
