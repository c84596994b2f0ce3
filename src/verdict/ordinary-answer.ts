import { asObject, type JsonObject, parsed } from '../wire/json/json.js';
import { OPEN_BRACE } from './findings.js';
import { COMPLETE_REASONS } from './frame.js';

/** As {@link isOrdinaryAnswer}, for the whole body of a response. Only a JSON object is parsed. */
export function isOrdinaryBody(body: Uint8Array): boolean {
  if (body[0] !== OPEN_BRACE) return false;
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return isOrdinaryAnswer(bytes.toString());
}

/**
 * Whether a JSON text is a complete answer in the form that nearly all answers have. The check is a shortcut: `judge`
 * finds such an answer completed as well, at several times the cost. It takes a member for harmless only if the member
 * is known, since any other may report an error, a state, or another finish reason.
 *
 * Pure; never throws.
 *
 * @returns false for any other text, which still has to be judged
 */
export function isOrdinaryAnswer(text: string): boolean {
  const value = asObject(parsed(text));
  if (value === undefined) return false;
  if (value['object'] === 'chat.completion')
    return hasOnly(value, CHAT_MEMBERS) && areOrdinary(value['choices'], CHOICE_MEMBERS, 'finish_reason');
  if (value['type'] === 'message')
    return (
      hasOnly(value, MESSAGE_MEMBERS) && Array.isArray(value['content']) && isComplete(value['stop_reason'])
    );
  return (
    hasOnly(value, GEMINI_MEMBERS) && areOrdinary(value['candidates'], CANDIDATE_MEMBERS, 'finishReason')
  );
}

const CHAT_MEMBERS: ReadonlySet<string> = new Set([
  ...['id', 'object', 'created', 'model', 'choices', 'usage', 'system_fingerprint', 'service_tier'],
  ...['provider', 'prompt_filter_results', 'citations', 'search_results', 'metadata', 'moderation'],
]);

const CHOICE_MEMBERS: ReadonlySet<string> = new Set([
  ...['index', 'message', 'finish_reason', 'native_finish_reason', 'logprobs', 'content_filter_results'],
]);

const MESSAGE_MEMBERS: ReadonlySet<string> = new Set([
  ...['id', 'type', 'role', 'model', 'content', 'stop_reason', 'stop_sequence', 'stop_details', 'usage'],
  ...['container', 'context_management'],
]);

const GEMINI_MEMBERS: ReadonlySet<string> = new Set([
  ...['candidates', 'usageMetadata', 'modelVersion', 'responseId', 'createTime', 'modelStatus'],
]);

const CANDIDATE_MEMBERS: ReadonlySet<string> = new Set([
  ...[
    'content',
    'finishReason',
    'index',
    'safetyRatings',
    'citationMetadata',
    'groundingMetadata',
    'tokenCount',
  ],
  ...['avgLogprobs', 'logprobsResult', 'urlContextMetadata', 'groundingAttributions'],
]);

function areOrdinary(answers: unknown, members: ReadonlySet<string>, reason: string): boolean {
  if (!Array.isArray(answers) || answers.length === 0) return false;
  for (const answer of answers) {
    const one = asObject(answer);
    if (one === undefined || !hasOnly(one, members) || !isComplete(one[reason])) return false;
  }
  return true;
}

function hasOnly(value: JsonObject, members: ReadonlySet<string>): boolean {
  for (const name in value) if (!members.has(name)) return false;
  return true;
}

function isComplete(reason: unknown): boolean {
  return typeof reason === 'string' && COMPLETE_REASONS.has(reason);
}
