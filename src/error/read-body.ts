import type { Findings } from './findings.js';
import { isObject, read } from './read.js';

const MAX_ITEMS = 8;
const WORDS = ['message', 'msg', 'detail', 'error_message', 'error_description'];
const NESTED = ['error', 'errors', 'innererror', 'inner_error', 'details', 'metadata', 'raw', 'response'];
/** Words that say that this is an error, not which. */
const SAYS_NOTHING = /^(?:error|response\.failed|none|null|unknown)$/i;

/**
 * Reads an error body, whichever provider's: the envelopes differ in where they put the same few fields.
 * - OpenAI and what is compatible: `{ error: { message, type, code } }`, `{ error: 'text' }`, `{ detail: [{ msg }] }`
 * - OpenAI Responses, in the stream: `{ type: 'error', code, message }`, `{ response: { error } }`
 * - Anthropic: `{ type: 'error', error: { type, message }, request_id }`
 * - Google: `{ error: { code: 429, status: 'RESOURCE_EXHAUSTED', message, details: [{ reason }] } }`, or a list of it
 * - Azure: `{ error: { code, message, innererror: { code } } }`, `{ statusCode, message }`
 * - Bedrock: `{ message, __type }`
 * - OpenRouter: `{ error: { code: 502, message, metadata: { raw } } }`, `raw` being what the provider answered
 */
export function readBody(body: object, findings: Findings): void {
  if (Array.isArray(body)) {
    for (const item of body.slice(0, MAX_ITEMS)) followBody(item, findings);
    return;
  }
  const hasWords = readWords(body, findings) || typeof read(body, 'error') === 'string';
  const code = telling(findings.code(read(body, 'code')));
  const type = telling(findings.code(read(body, 'type')) ?? findings.code(read(body, '__type')));
  const status = telling(findings.code(read(body, 'status')));
  const reason = findings.code(read(body, 'reason')) ?? findings.code(read(body, 'error_type'));
  findings.status(read(body, 'statusCode'));
  if (hasWords || type?.endsWith('_error')) findings.called(code, type, status, reason);
  findings.request(read(body, 'request_id'));
  // OpenRouter's moderation has no code of its own: it gives its reasons.
  if (Array.isArray(read(body, 'reasons'))) findings.code('moderation');
  for (const key of NESTED) followBody(read(body, key), findings);
}

/** A body or a part of it: an object is read, a text is words or JSON. */
export function followBody(value: unknown, findings: Findings): void {
  if (typeof value !== 'string') {
    findings.follow(value, readBody);
    return;
  }
  const { json } = findings.answer(value);
  findings.follow(json, readBody);
  // OAuth and others: { error: 'invalid_grant' }.
  if (/^[a-z]\w{2,60}$/i.test(value)) findings.called(findings.code(value));
}

function readWords(body: object, findings: Findings): boolean {
  for (const key of WORDS) {
    const words = read(body, key);
    if (typeof words === 'string' && words !== '') {
      findings.follow(findings.answer(words).json, readBody);
      return true;
    }
    if (isObject(words)) findings.follow(words, readBody);
  }
  return false;
}

function telling(code: string | undefined): string | undefined {
  return code === undefined || SAYS_NOTHING.test(code) ? undefined : code;
}
