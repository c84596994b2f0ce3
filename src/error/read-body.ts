import { BAIDU_CODES, GRPC_CODES, MINIMAX_CODES } from './codes.js';
import type { EvidenceCollector } from './evidence.js';
import { errorStatus, isObject, read } from './values.js';

const MAX_ITEMS = 8;
const MESSAGE_FIELDS = [
  'message',
  'msg',
  'error_msg',
  'status_msg',
  'detail',
  'error_message',
  'error_description',
  'faultstring',
];
/** Used if there is no other message: a problem (RFC 9457) may have only a title. */
const FALLBACK_FIELDS = ['Message', 'title'];
const CODE_FIELDS = ['code', 'error_code', 'status_code', 'Code', 'errorcode'];
const NESTED_FIELDS = [
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
/** Members of OpenRouter's error metadata. Other metadata may belong to the application. */
const ROUTER_METADATA = ['raw', 'reasons', 'provider_name'];
/** Codes without information about the error. */
const UNINFORMATIVE =
  /^(?:errors?|exception|fail(?:ed|ure)?|response\.failed|none|null|undefined|unknown|true|false)$/i;
const MAX_NUMBER = 999_999;

/**
 * Reads an error body of any provider. The envelopes place the same few fields differently.
 * - OpenAI and compatible APIs: `{ error: { message, type, code } }`, `{ error: 'text' }`, `{ detail: [{ msg }] }`
 * - OpenAI Responses, in the stream: `{ type: 'error', code, message }`, `{ response: { error } }`
 * - Anthropic: `{ type: 'error', error: { type, message }, request_id }`
 * - Google: `{ error: { code: 429, status: 'RESOURCE_EXHAUSTED', message, details: [{ reason }] } }`, or a list of it
 * - Azure: `{ error: { code, message, innererror: { code } } }`, `{ statusCode, message }`
 * - Bedrock: `{ message, __type }`
 * - OpenRouter: `{ error: { code: 502, message, metadata: { raw } } }`, `raw` is the provider's response
 * - Cloudflare: `{ success: false, errors: [{ code: 7003, message }] }`
 * - Databricks `{ error_code, message }`, Baidu `{ error_code: 110, error_msg }`, MiniMax `{ base_resp: { status_code } }`
 * - gRPC gateways `{ code: 14, message, details: [] }`, problems `{ type: 'https://…', title, status, detail }`
 */
export function readBody(body: object, evidence: EvidenceCollector): void {
  if (Array.isArray(body)) {
    for (const item of body.slice(0, MAX_ITEMS)) followBody(item, evidence);
    return;
  }
  const error = read(body, 'error');
  // The error takes precedence over its envelope.
  if (isObject(error) && !Array.isArray(error)) {
    evidence.enqueueNext(error, readBody, { node: body, reader: readEnvelope });
  } else readEnvelope(body, evidence);
}

function readEnvelope(body: object, evidence: EvidenceCollector): void {
  const hasMessage = readMessages(body, evidence) || typeof read(body, 'error') === 'string';
  const codes = CODE_FIELDS.map((key) => informative(codeIn(read(body, key), evidence)));
  const type = informative(evidence.addCode(read(body, 'type')) ?? evidence.addCode(read(body, '__type')));
  const status = informative(evidence.addCode(read(body, 'status')));
  const reason = evidence.addCode(read(body, 'reason')) ?? evidence.addCode(read(body, 'error_type'));
  for (const key of ['statusCode', 'http_code']) evidence.addStatus(read(body, key));
  if (hasMessage || type?.endsWith('_error')) evidence.addProviderCodes(...codes, type, status, reason);
  readNumbers(body, evidence);
  evidence.addRequestId(read(body, 'request_id'));
  // OpenRouter's moderation errors have reasons instead of a code.
  if (Array.isArray(read(body, 'reasons'))) evidence.addCode('moderation');
  for (const key of NESTED_FIELDS) followBody(read(body, key), evidence);
  const metadata = read(body, 'metadata');
  if (isObject(metadata) && ROUTER_METADATA.some((key) => read(metadata, key) !== undefined)) {
    evidence.enqueue(metadata, readBody);
  }
}

/** Reads a body or a part of one: an object, a message or JSON text. */
export function followBody(value: unknown, evidence: EvidenceCollector): void {
  if (typeof value !== 'string') {
    evidence.enqueue(value, readBody);
    return;
  }
  evidence.enqueue(evidence.addBodyMessage(value), readBody);
  readWord(value, evidence);
}

export function readBodyText(text: string, evidence: EvidenceCollector): void {
  evidence.enqueue(evidence.addBodyText(text), readBody);
  readWord(text, evidence);
}

/** A code as the only value, as in OAuth: `{ error: 'invalid_grant' }`. */
function readWord(text: string, evidence: EvidenceCollector): void {
  if (/^[a-z]\w{2,60}$/i.test(text)) evidence.addProviderCodes(informative(evidence.addCode(text)));
}

function readMessages(body: object, evidence: EvidenceCollector): boolean {
  let isNested = false;
  for (const key of MESSAGE_FIELDS) {
    const message = read(body, key);
    const text = textIn(message);
    if (text !== undefined) {
      evidence.enqueue(evidence.addBodyMessage(text), readBody);
      return true;
    }
    if (!isObject(message)) continue;
    evidence.enqueue(message, readBody);
    isNested = true;
  }
  const text = isNested ? undefined : FALLBACK_FIELDS.map((key) => textIn(read(body, key))).find(Boolean);
  if (text !== undefined) evidence.addBodyMessage(text);
  return isNested || text !== undefined;
}

function textIn(message: unknown): string | undefined {
  const text = Array.isArray(message) ? message[0] : message;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** A code may be a number. 400 to 599 is a status; 200 to 399 is not an error code. */
function codeIn(value: unknown, evidence: EvidenceCollector): string | undefined {
  const isNumber = typeof value === 'number' && Number.isInteger(value) && errorStatus(value) === undefined;
  if (!isNumber) return evidence.addCode(value);
  return (value >= 1 && value < 200) || (value >= 600 && value <= MAX_NUMBER) ? String(value) : undefined;
}

/** Maps numeric codes of the providers that use them. With others the same number has another meaning. */
function readNumbers(body: object, evidence: EvidenceCollector): void {
  const [code, errorCode, statusCode] = CODE_FIELDS.map((key) => read(body, key));
  if (typeof read(body, 'status_msg') === 'string') evidence.addCode(MINIMAX_CODES.get(statusCode));
  if (typeof read(body, 'error_msg') === 'string') evidence.addCode(BAIDU_CODES.get(errorCode));
  if (Array.isArray(read(body, 'details'))) evidence.addCode(GRPC_CODES.get(code));
}

function informative(code: string | undefined): string | undefined {
  return code === undefined || UNINFORMATIVE.test(code) ? undefined : code;
}
