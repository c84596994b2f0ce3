import { BAIDU_CODES, GRPC_CODES, MINIMAX_CODES } from './codes.js';
import type { Findings } from './findings.js';
import { errorStatus, isObject, read } from './values.js';

const MAX_ITEMS = 8;
const WORDS = [
  'message',
  'msg',
  'error_msg',
  'status_msg',
  'detail',
  'error_message',
  'error_description',
  'faultstring',
];
/** In place of words, where there are none: a problem (RFC 9457) may have its title alone. */
const WORDS_ELSE = ['Message', 'title'];
const CODES = ['code', 'error_code', 'status_code', 'Code', 'errorcode'];
const NESTED = [
  'error',
  'errors',
  'innererror',
  'inner_error',
  'details',
  'incomplete_details',
  'raw',
  'response',
  'base_resp',
  'x_groq',
  'fault',
  'Error',
  'Output',
];
/** What OpenRouter's metadata of an error has; that of others may be the application's own. */
const OF_A_ROUTER = ['raw', 'reasons', 'provider_name'];
/** Words that say that this is an error, not which. */
const SAYS_NOTHING =
  /^(?:errors?|exception|fail(?:ed|ure)?|response\.failed|none|null|undefined|unknown|true|false)$/i;
const MAX_NUMBER = 999_999;

/**
 * Reads an error body, whichever provider's: the envelopes differ in where they put the same few fields.
 * - OpenAI and what is compatible: `{ error: { message, type, code } }`, `{ error: 'text' }`, `{ detail: [{ msg }] }`
 * - OpenAI Responses, in the stream: `{ type: 'error', code, message }`, `{ response: { error } }`
 * - Anthropic: `{ type: 'error', error: { type, message }, request_id }`
 * - Google: `{ error: { code: 429, status: 'RESOURCE_EXHAUSTED', message, details: [{ reason }] } }`, or a list of it
 * - Azure: `{ error: { code, message, innererror: { code } } }`, `{ statusCode, message }`
 * - Bedrock: `{ message, __type }`
 * - OpenRouter: `{ error: { code: 502, message, metadata: { raw } } }`, `raw` being what the provider answered
 * - Cloudflare: `{ success: false, errors: [{ code: 7003, message }] }`
 * - Databricks `{ error_code, message }`, Baidu `{ error_code: 110, error_msg }`, MiniMax `{ base_resp: { status_code } }`
 * - gRPC gateways `{ code: 14, message, details: [] }`, problems `{ type: 'https://…', title, status, detail }`
 */
export function readBody(body: object, findings: Findings): void {
  if (Array.isArray(body)) {
    for (const item of body.slice(0, MAX_ITEMS)) followBody(item, findings);
    return;
  }
  const error = read(body, 'error');
  // What the error itself says comes before what is said around it.
  if (isObject(error) && !Array.isArray(error)) {
    findings.followFirst(error, readBody, { node: body, reader: readEnvelope });
  } else readEnvelope(body, findings);
}

function readEnvelope(body: object, findings: Findings): void {
  const hasWords = readWords(body, findings) || typeof read(body, 'error') === 'string';
  const codes = CODES.map((key) => telling(codeIn(read(body, key), findings)));
  const type = telling(findings.code(read(body, 'type')) ?? findings.code(read(body, '__type')));
  const status = telling(findings.code(read(body, 'status')));
  const reason = findings.code(read(body, 'reason')) ?? findings.code(read(body, 'error_type'));
  for (const key of ['statusCode', 'http_code']) findings.status(read(body, key));
  if (hasWords || type?.endsWith('_error')) findings.called(...codes, type, status, reason);
  readNumbers(body, findings);
  findings.request(read(body, 'request_id'));
  // OpenRouter's moderation has no code of its own: it gives its reasons.
  if (Array.isArray(read(body, 'reasons'))) findings.code('moderation');
  for (const key of NESTED) followBody(read(body, key), findings);
  const metadata = read(body, 'metadata');
  if (isObject(metadata) && OF_A_ROUTER.some((key) => read(metadata, key) !== undefined)) {
    findings.follow(metadata, readBody);
  }
}

/** A body or a part of it: an object is read, a text is words or JSON. */
export function followBody(value: unknown, findings: Findings): void {
  if (typeof value !== 'string') {
    findings.follow(value, readBody);
    return;
  }
  findings.follow(findings.answer(value), readBody);
  readWord(value, findings);
}

/** The text of a whole body. */
export function readBodyText(text: string, findings: Findings): void {
  findings.follow(findings.body(text), readBody);
  readWord(text, findings);
}

/** OAuth and others: { error: 'invalid_grant' }. */
function readWord(text: string, findings: Findings): void {
  if (/^[a-z]\w{2,60}$/i.test(text)) findings.called(telling(findings.code(text)));
}

function readWords(body: object, findings: Findings): boolean {
  let isNested = false;
  for (const key of WORDS) {
    const words = read(body, key);
    const text = textIn(words);
    if (text !== undefined) {
      findings.follow(findings.answer(text), readBody);
      return true;
    }
    if (!isObject(words)) continue;
    findings.follow(words, readBody);
    isNested = true;
  }
  const text = isNested ? undefined : WORDS_ELSE.map((key) => textIn(read(body, key))).find(Boolean);
  if (text !== undefined) findings.answer(text);
  return isNested || text !== undefined;
}

/** A text, or the first of several. */
function textIn(words: unknown): string | undefined {
  const text = Array.isArray(words) ? words[0] : words;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** A code may be a number; 400 to 599 is a status, and 0 to 399 is none of an error but for gRPC's. */
function codeIn(value: unknown, findings: Findings): string | undefined {
  const isNumber = typeof value === 'number' && Number.isInteger(value) && errorStatus(value) === undefined;
  if (!isNumber) return findings.code(value);
  return (value >= 1 && value < 200) || (value >= 600 && value <= MAX_NUMBER) ? String(value) : undefined;
}

/** What numbers mean to those who use them; elsewhere the same number means something else. */
function readNumbers(body: object, findings: Findings): void {
  const [code, errorCode, statusCode] = CODES.map((key) => read(body, key));
  if (typeof read(body, 'status_msg') === 'string') findings.code(MINIMAX_CODES.get(statusCode));
  if (typeof read(body, 'error_msg') === 'string') findings.code(BAIDU_CODES.get(errorCode));
  if (Array.isArray(read(body, 'details'))) findings.code(GRPC_CODES.get(code));
}

function telling(code: string | undefined): string | undefined {
  return code === undefined || SAYS_NOTHING.test(code) ? undefined : code;
}
