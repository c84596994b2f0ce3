import { redactText } from '../redact/text.js';
import { bounded } from './text.js';
import type { Evidence } from './types.js';

export const MAX_DETAIL = 500;

/** White space makes a text longer than its line; more than that is not looked through for the end of one. */
const FOLDED = 8;

/** Text that may be shown: without secrets, white space folded, on one line of at most `max` characters. */
export function clean(text: string, max: number): string {
  const line = withoutQueryValues(redactText(bounded(text)).slice(0, FOLDED * max))
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  if (line.length <= max) return line;
  const cut = line.slice(0, max);
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}

/** What URLs consist of, and what may stand next to them. */
const TOKEN = /[^\s"'<>`]+/g;
/** Where the query or the fragment begins, also of a URL that is percent-encoded. */
const QUERY = /[?#]|%3f|%23/i;
const PAIR = /[^&;]+/g;
const EQUALS = /=|%3d/i;
const REDACTED = '[REDACTED]';

/** The values of the parameters of all URLs go: any of them may say who a user is or what was asked. */
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

/** An identifier the provider or the runtime gave, as it is; anything else is none. */
export function identifier(text: unknown, max: number): string | undefined {
  const isOne = typeof text === 'string' && text.length <= max && /^[\w$.:/=+-]+$/.test(text);
  return isOne && redactText(text) === text ? text : undefined;
}

/** Ids and keys have many digits; the names that errors go by have few, and numbers of errors are short. */
const MAX_DIGITS = 4;
const ERROR_NUMBER = /^\d{1,6}$/;

/** The name, code or number of a sort of error: an identifier that is not one error's own. */
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

/** The attribute `error.type`: of low cardinality, `_OTHER` where nothing is known, per the conventions. */
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

/** What a router says when somebody else failed; what that one said comes with it. */
const PASSED_ON = /^provider returned error\.?$/i;

/**
 * What the provider or the transport said: the message of the body, else the words of the exceptions down the
 * chain, each that the one before did not repeat. Of a refused authentication only the provider's code, since
 * such a text may quote the key in a shape nobody knows.
 */
export function detailOf(evidence: Evidence, isAuth: boolean): string | undefined {
  if (isAuth) return providerName(evidence);
  const { answered, said, page, status } = evidence;
  const words = answered.find((one) => !PASSED_ON.test(one)) ?? answered[0];
  const detail = clean(words ?? moreTelling(page, chain(said, status)), MAX_DETAIL);
  return detail === '' ? undefined : detail;
}

function chain(said: readonly string[], status: number | undefined): string {
  let joined = '';
  for (const words of said.map((one) => withoutStatus(one, status))) {
    if (joined === '') joined = words;
    else if (!joined.includes(words)) joined += `: ${words}`;
  }
  return joined;
}

/** The SDKs of OpenAI and Anthropic put the status in front of what the body says. */
function withoutStatus(words: string, status: number | undefined): string {
  if (words === `${status}`) return '';
  return words.startsWith(`${status} `) && !words.startsWith(`${status} status`) ? words.slice(4) : words;
}

/** What a client says that knows the status alone: "Request failed with status code 502". */
const STATUS_ALONE =
  /^(?:[a-z]+ ){0,4}(?:failed|error)?[ :]*(?:with )?(?:http )?(?:status(?: code)?:? ?)?\d{3}(?: status code)?(?: \(no body\))?\.?$|^(?:connection error\.?|fetch failed)$/i;

/** A body that is no JSON may be a word or a page; then the exception says more, unless it has the status alone. */
function moreTelling(page: string | undefined, own: string): string {
  if (page === undefined || own.includes(page)) return own;
  const isShort = countWords(page) <= SHORT && countWords(own) > countWords(page);
  return isShort && !STATUS_ALONE.test(own) ? own : page;
}

const SHORT = 3;

function countWords(text: string): number {
  return text.split(/\s+/, 2 * SHORT).filter((word) => /[a-z]/i.test(word)).length;
}
