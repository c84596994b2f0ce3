import { asList, asObject, asText, type JsonObject } from '../wire/json/json.js';

/** A provider's error, or another reason why an answer is none. */
export type Fault =
  | { readonly type: 'error'; readonly body: unknown }
  | { readonly type: 'refused' | 'failed'; readonly reason: string };

/** What one JSON value of a response says about the call: an answer in one piece, or one event of a stream. */
export interface Frame {
  readonly fault: Fault | undefined;
  /** An object without a place for an answer that has a message: the body of an error if no answer follows. */
  readonly complaint: Readonly<Record<string, unknown>> | undefined;
  /** The answer is complete: it has a finish reason, or the stream's last event has come. */
  readonly finished: boolean;
  /** The last event of a stream has come. Clients stop reading behind it. */
  readonly terminated: boolean;
  /** The provider cancelled the call because it was asked to. */
  readonly cancelled: boolean;
  /** It has a place for an answer. */
  readonly isAnswer: boolean;
  /** That place holds nothing, as in `choices: []`. */
  readonly isEmpty: boolean;
  /** It is a piece of a streamed answer. */
  readonly isPiece: boolean;
  /** It calls itself this. */
  readonly name: string | undefined;
  /** The response of the Responses API that it is or belongs to. */
  readonly response: ResponseState | undefined;
}

/** How far a response of the Responses API has come. */
export interface ResponseState {
  readonly id: string;
  /** The provider works on it whether or not the connection stays. */
  readonly isBackground: boolean;
  /** It is queued or in progress: a poll may ask for it later. */
  readonly isUnderWay: boolean;
}

/**
 * Reads a value at the places where providers put errors and finish reasons, whichever format it is of: gateways
 * mix them. What a model or a tool wrote is never looked at, so the word "error" in it means nothing. Pure; never
 * throws.
 *
 * @param event the `event:` field of a server-sent event
 * @param isPartial whether `value` is the beginning of a value that was cut, which has no finish reason yet
 */
export function readFrame(value: JsonObject, event: string | undefined, isPartial: boolean): Frame {
  const type = asText(value['type']) ?? event;
  const response = asObject(value['response']);
  const isResponseEvent = type?.startsWith('response.') ?? false;
  const answer = isResponseEvent && response !== undefined ? response : value;
  const reasons = finishReasons(value);
  const places = answerPlaces(value);
  const isAnswer = places.length > 0 || isResponseEvent || NAMED_PIECES.has(type ?? '');
  // The last line of Ollama has no type.
  const isTerminal = TERMINAL_TYPES.has(type ?? '') || value['done'] === true;
  const isLast = isTerminal || LAST_TYPES.has(type ?? '') || Object.hasOwn(value, INVOCATION_METRICS);
  const fault = errorFault(value, event, isAnswer) ?? statusFault(answer, type) ?? reasonFault(reasons);
  return {
    fault,
    complaint: !isAnswer && hasMessage(value) ? errorMembers(value, false) : undefined,
    finished: !isPartial && (reasons.length > 0 || isLast),
    terminated: !isPartial && isTerminal,
    cancelled: type === 'response.cancelled' || (isResponse(answer) && answer['status'] === 'cancelled'),
    isAnswer,
    isEmpty: holdsNothing(value, 'choices') || (holdsNothing(value, 'candidates') && places.length === 1),
    isPiece: isPiece(value, type),
    name: event ?? asText(value['type']) ?? asText(value['object']),
    response: responseState(answer),
  };
}

function responseState(answer: JsonObject): ResponseState | undefined {
  const { id, status, background } = answer;
  if (!isResponse(answer) && background === undefined) return undefined;
  if (typeof id !== 'string' || id === '' || typeof status !== 'string') return undefined;
  return {
    id,
    isBackground: background === true,
    isUnderWay: status === 'queued' || status === 'in_progress',
  };
}

const TERMINAL_TYPES: ReadonlySet<string> = new Set([
  'message_stop',
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
]);

/** Types of events that complete an answer, behind which clients read on all the same. */
const LAST_TYPES: ReadonlySet<string> = new Set(['message-end', 'conversation.response.done']);

/** Bedrock's figures, in the last chunk of a stream in the model's own format. */
const INVOCATION_METRICS = 'amazon-bedrock-invocationMetrics';

/** Types of events that carry no answer themselves and no error either. */
const NAMED_PIECES: ReadonlySet<string> = new Set([
  'ping',
  'message_start',
  'message_delta',
  'message_stop',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  // Bedrock's Converse
  'messageStart',
  'contentBlockStart',
  'contentBlockDelta',
  'contentBlockStop',
  'messageStop',
  'metadata',
  // Cohere
  'message-start',
  'content-start',
  'content-delta',
  'content-end',
  'tool-plan-delta',
  'tool-call-start',
  'tool-call-delta',
  'tool-call-end',
  'citation-start',
  'citation-end',
  'message-end',
  // AI SDK
  'stream-start',
  'response-metadata',
  'text-start',
  'text-delta',
  'text-end',
  'reasoning-start',
  'reasoning-delta',
  'reasoning-end',
  'tool-input-start',
  'tool-input-delta',
  'tool-input-end',
  'tool-call',
  'tool-result',
  'finish',
  // Mistral's conversations
  'conversation.response.started',
  'conversation.response.done',
  'message.output.delta',
  'function.call.delta',
]);

/** The most frequent finish reasons, which are none of the following. */
const PLAIN: ReadonlySet<string> = new Set([
  'stop',
  'length',
  'tool_calls',
  'end_turn',
  'tool_use',
  'max_tokens',
  'STOP',
]);

/** Finish reasons that say that the content was refused, in the words of OpenAI, Anthropic, Google and others. */
const REFUSED =
  /^(?:content[-_]?filter(?:ed)?|error_toxic|refusal|(?:image_)?(?:safety|recitation|prohibited_content)|blocklist|spii|model_armor|sensitive|guardrail_intervened)$/i;

/** Finish reasons that say that the answer failed. */
const FAILED =
  /^(?:\w*error|error_limit|timeout|other|failed|abort(?:ed)?|malformed_\w+|unexpected_tool_call|too_many_tool_calls|missing_thought_signature|insufficient_system_resource)$/i;

/** The members in which each format puts its answer. */
const ANSWER_PLACES = ['choices', 'candidates', 'output', 'outputs', 'content'] as const;

/** Members of an error that may be recorded with it; what stands beside them may be the answer so far. */
const ERROR_MEMBERS = [
  'type',
  'code',
  'message',
  'msg',
  'detail',
  'title',
  'status',
  'statusCode',
  'error_code',
  'error_msg',
  'error_message',
  'error_type',
  'error_description',
  'request_id',
  'base_resp',
] as const;

function answerPlaces(value: JsonObject): unknown[] {
  const places: unknown[] = [];
  for (const name of ANSWER_PLACES) if (Object.hasOwn(value, name)) places.push(value[name]);
  const blocked = asObject(value['promptFeedback'])?.['blockReason'];
  if (blocked !== undefined) places.push(blocked);
  // Each line of Ollama says whether it is the last; an answer of Cohere has one message.
  if (typeof value['done'] === 'boolean') places.push(value['done']);
  else if (typeof value['finish_reason'] === 'string') places.push(value['message']);
  return places;
}

/** A message or a response may be empty; a list of choices or candidates may not. */
function holdsNothing(value: JsonObject, name: string): boolean {
  return Object.hasOwn(value, name) && asList(value[name]).every((item) => item === null);
}

function isResponse(value: JsonObject): boolean {
  return value['object'] === 'response' || Object.hasOwn(value, 'incomplete_details');
}

function isPiece(value: JsonObject, type: string | undefined): boolean {
  if (value['object'] === 'chat.completion.chunk' || type?.startsWith('response.')) return true;
  if (value['done'] === false) return true;
  const choice = asList(value['choices'])[0];
  return asObject(asObject(choice)?.['delta']) !== undefined || NAMED_PIECES.has(type ?? '');
}

/** Members at the top level that hold a finish reason. */
const REASON_MEMBERS = [
  'stop_reason',
  'stopReason',
  'done_reason',
  'finish_reason',
  'completionReason',
] as const;

function finishReasons(value: JsonObject): string[] {
  const reasons: string[] = [];
  const add = (reason: unknown): void => {
    if (typeof reason === 'string' && reason !== '') reasons.push(reason);
  };
  for (const choice of asList(value['choices'])) add(asObject(choice)?.['finish_reason']);
  for (const candidate of asList(value['candidates'])) add(asObject(candidate)?.['finishReason']);
  for (const result of asList(value['results'])) add(asObject(result)?.['completionReason']);
  for (const name of REASON_MEMBERS) add(value[name]);
  add(asObject(value['promptFeedback'])?.['blockReason']);
  add(unifiedReason(value['finishReason']));
  const delta = asObject(value['delta']);
  add(delta?.['stop_reason']);
  add(delta?.['finish_reason']);
  return reasons;
}

/** Of the AI SDK. There `other` means a reason that has no word, and no failure. */
function unifiedReason(value: unknown): unknown {
  const reason = asObject(value)?.['unified'] ?? value;
  return reason === 'other' ? 'unknown' : reason;
}

function reasonFault(reasons: readonly string[]): Fault | undefined {
  if (reasons.every((reason) => PLAIN.has(reason))) return undefined;
  const refused = reasons.find((reason) => REFUSED.test(reason));
  if (refused !== undefined) return { type: 'refused', reason: refused };
  const failed = reasons.find((reason) => FAILED.test(reason));
  return failed === undefined ? undefined : { type: 'failed', reason: failed };
}

/** A response of the Responses API that failed or was refused. */
function statusFault(answer: JsonObject, type: string | undefined): Fault | undefined {
  if (!isResponse(answer) && !type?.startsWith('response.')) return undefined;
  const reason = asText(asObject(answer['incomplete_details'])?.['reason']);
  if (reason !== undefined && REFUSED.test(reason)) return { type: 'refused', reason };
  if (answer['status'] !== 'failed' && type !== 'response.failed') return undefined;
  const error = meant(answer['error']);
  return error === undefined ? { type: 'failed', reason: 'failed' } : { type: 'error', body: { error } };
}

/** An error that the provider reports in so many words. */
function errorFault(value: JsonObject, event: string | undefined, isAnswer: boolean): Fault | undefined {
  const error =
    meant(value['error']) ??
    errorOfChoice(asList(value['choices'])) ??
    meant(asObject(value['x_groq'])?.['error']);
  if (error !== undefined) return { type: 'error', body: { ...errorMembers(value, isAnswer), error } };
  const isNamedError =
    isErrorName(event) || isErrorName(asText(value['type'])) || value['object'] === 'error';
  if (isNamedError || (!isAnswer && isEnvelope(value))) {
    const errors = asList(value['errors']);
    const body = { ...errorMembers(value, false), ...(errors.length > 0 && { errors }) };
    return { type: 'error', body: Object.keys(body).length > 0 ? body : { error: event ?? 'error' } };
  }
  return undefined;
}

/** `error` itself, and names such as `server_error` and `thread.error`. */
function isErrorName(name: string | undefined): boolean {
  return name !== undefined && name.length <= 64 && /(?:^|[._-])(?:error|exception)$/i.test(name);
}

/** An error object that a gateway sends without saying so: a failed status, or a reason in place of an answer. */
function isEnvelope(value: JsonObject): boolean {
  if (value['success'] === false || value['status'] === 'error' || value['status'] === 'failed') return true;
  if (asList(value['errors']).length > 0 || isFailedBaseResponse(value['base_resp'])) return true;
  if (meant(value['detail']) !== undefined || meant(value['error_msg']) !== undefined) return true;
  const codes = ['status', 'statusCode', 'status_code', 'code', 'error_code'].map((name) => value[name]);
  return hasMessage(value) && codes.some(isFailedCode);
}

function hasMessage(value: JsonObject): boolean {
  return ['message', 'msg', 'title', 'error_message'].some((name) => typeof value[name] === 'string');
}

function isFailedCode(code: unknown): boolean {
  if (typeof code === 'number') return code >= 400;
  return typeof code === 'string' && code !== '' && !/^(?:0|1?\d\d|2\d\d|3\d\d|ok|success)$/i.test(code);
}

function isFailedBaseResponse(value: unknown): boolean {
  const code = asObject(value)?.['status_code'];
  return typeof code === 'number' && code !== 0;
}

function errorMembers(value: JsonObject, isAnswer: boolean): Record<string, unknown> {
  const members = isAnswer ? (['request_id'] as const) : ERROR_MEMBERS;
  return Object.fromEntries(
    members.flatMap((name) => (Object.hasOwn(value, name) ? [[name, value[name]]] : [])),
  );
}

function errorOfChoice(choices: readonly unknown[]): unknown {
  for (const choice of choices) {
    const error = meant(asObject(choice)?.['error']);
    if (error !== undefined) return error;
  }
  return undefined;
}

/** `undefined` for what stands in place of no error: null, false, 0, an empty text, list or object. */
function meant(value: unknown): unknown {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value;
  if (typeof value !== 'object' || value === null) return value === true ? value : undefined;
  const members: readonly unknown[] = Object.values(value);
  return members.some((member) => member !== null && member !== '' && member !== 0 && member !== false)
    ? value
    : undefined;
}
