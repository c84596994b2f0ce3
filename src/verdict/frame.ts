import { asList, asObject, asText, type JsonObject } from '../wire/json/json.js';
import { definedError, errorFault, errorMembers, type Fault, hasErrorMessage } from './response-errors.js';

/** The outcome of the call in one JSON value of a response. The value is a complete answer or one event of a stream. */
export interface Frame {
  readonly fault: Fault | undefined;
  /** An object with a message, but without a member for an answer: an error body if no answer follows. */
  readonly possibleError: Readonly<Record<string, unknown>> | undefined;
  /** The answer is complete: there is a finish reason or the last event of the stream. */
  readonly finished: boolean;
  /** This is the last event of the stream. Clients stop reading after it. */
  readonly terminated: boolean;
  readonly cancelled: boolean;
  readonly isAnswer: boolean;
  /** The answer is empty, as in `choices: []`. */
  readonly isEmpty: boolean;
  readonly isPiece: boolean;
  /** The event name, the `type` or the `object` of the value. */
  readonly name: string | undefined;
  /** The state of the response, for APIs with polling. */
  readonly response: ResponseState | undefined;
}

/** The state of a response, for APIs with polling. */
export interface ResponseState {
  readonly id: string;
  /** Host and path of the response's stream, if it has a URL of its own. */
  readonly stream?: string | undefined;
  /** The provider continues even if the connection closes. */
  readonly isBackground: boolean;
  /** The response is queued or in progress, so polls may follow. */
  readonly isPending: boolean;
}

/**
 * Reads the members where providers put errors and finish reasons, for all formats, since gateways mix them. Never
 * reads model or tool output, so the word "error" in it has no effect. Pure; never throws.
 *
 * @param event the `event:` field of a server-sent event
 * @param isPartial `value` is truncated and has no finish reason yet
 */
export function readFrame(value: JsonObject, event: string | undefined, isPartial: boolean): Frame {
  const type = asText(value['type']) ?? asText(value['event_type']) ?? event;
  const response = asObject(value['response']);
  const isResponseEvent = type?.startsWith('response.') ?? false;
  const isInteractionEvent = type?.startsWith('interaction.') ?? false;
  // Gemini Live API.
  const live = asObject(value['serverContent']);
  const isLiveCall = Array.isArray(asObject(value['toolCall'])?.['functionCalls']);
  const answer =
    (isResponseEvent ? response : isInteractionEvent ? asObject(value['interaction']) : undefined) ?? value;
  const reasons = finishReasons(value);
  const places = answersIn(value);
  const isAnswer =
    places.length > 0 ||
    isResponseEvent ||
    STREAM_EVENT_TYPES.has(type ?? '') ||
    isPolled(answer) ||
    live !== undefined ||
    isLiveCall;
  // The last events of Ollama and Replicate have no type.
  const isTerminal =
    TERMINAL_TYPES.has(type ?? '') ||
    value['done'] === true ||
    isDoneEvent(value, event) ||
    live?.['turnComplete'] === true ||
    isLiveCall;
  const isLast = isTerminal || COMPLETING_TYPES.has(type ?? '') || Object.hasOwn(value, INVOCATION_METRICS);
  const fault = errorFault(value, event, isAnswer) ?? statusFault(answer, type) ?? reasonFault(reasons);
  return {
    fault,
    possibleError: !isAnswer && hasErrorMessage(value) ? errorMembers(value, false) : undefined,
    finished: !isPartial && (reasons.length > 0 || isLast),
    terminated: !isPartial && isTerminal,
    cancelled:
      type === 'response.cancelled' ||
      live?.['interrupted'] === true ||
      (isPolled(answer) && CANCELLED_STATUSES.has(answer['status'])) ||
      (isDoneEvent(value, event) && CANCELLED_STATUSES.has(value['reason'])),
    isAnswer,
    isEmpty: isEmptyList(value, 'choices') || (isEmptyList(value, 'candidates') && places.length === 1),
    isPiece: isStreamChunk(value, type),
    name: event ?? type ?? asText(value['object']),
    response: responseState(answer),
  };
}

function responseState(answer: JsonObject): ResponseState | undefined {
  const { id, status, background } = answer;
  if (!isPolled(answer) && background === undefined) return undefined;
  if (typeof id !== 'string' || id === '' || typeof status !== 'string') return undefined;
  return {
    id,
    stream: streamPlace(answer),
    isBackground: background === true,
    isPending: PENDING_STATUSES.has(status),
  };
}

const PENDING_STATUSES: ReadonlySet<unknown> = new Set(['queued', 'in_progress', 'starting', 'processing']);
const CANCELLED_STATUSES: ReadonlySet<unknown> = new Set(['cancelled', 'canceled']);

/** The last event of a Replicate stream. It has a reason if the prediction failed or was cancelled. */
function isDoneEvent(value: JsonObject, event: string | undefined): boolean {
  return event === 'done' && Object.keys(value).every((name) => name === 'reason');
}

function streamPlace(answer: JsonObject): string | undefined {
  const stream = asText(asObject(answer['urls'])?.['stream']);
  return stream?.replace(/^https?:\/\/|[?#].*$/gs, '');
}

const TERMINAL_TYPES: ReadonlySet<string> = new Set([
  'message_stop',
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
  // OpenAI's Realtime API
  'response.done',
]);

/** Events that complete an answer, but after which clients continue reading. */
const COMPLETING_TYPES: ReadonlySet<string> = new Set([
  'message-end',
  'conversation.response.done',
  'interaction.completed',
]);

/** Bedrock's metrics, in the last chunk of an invoke stream. */
const INVOCATION_METRICS = 'amazon-bedrock-invocationMetrics';

const STREAM_EVENT_TYPES: ReadonlySet<string> = new Set([
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
  // Gemini's interactions
  'interaction.created',
  'interaction.status_update',
  'interaction.completed',
  'step.start',
  'step.delta',
  'step.stop',
]);

/** Frequent finish reasons of complete answers, as a fast check. */
export const COMPLETE_REASONS: ReadonlySet<string> = new Set([
  'stop',
  'length',
  'tool_calls',
  'end_turn',
  'tool_use',
  'max_tokens',
  'STOP',
]);

/** Finish reasons for refused content, of OpenAI, Anthropic, Google and others. */
const REFUSED_REASONS =
  /^(?:content[-_]?filter(?:ed)?|error_toxic|refusal|(?:image_)?(?:safety|recitation|prohibited_content)|blocklist|spii|model_armor|sensitive|guardrail_intervened)$/i;

/** Finish reasons for failed answers. */
const FAILED_REASONS =
  /^(?:\w*error|error_limit|timeout|other|failed|abort(?:ed)?|malformed_\w+|unexpected_tool_call|too_many_tool_calls|missing_thought_signature|insufficient_system_resource)$/i;

/** The members that hold the answer in each format. */
const ANSWER_MEMBERS = ['choices', 'candidates', 'output', 'outputs', 'content'] as const;

function answersIn(value: JsonObject): unknown[] {
  const places: unknown[] = [];
  for (const name of ANSWER_MEMBERS) if (Object.hasOwn(value, name)) places.push(value[name]);
  const blocked = asObject(value['promptFeedback'])?.['blockReason'];
  if (blocked !== undefined) places.push(blocked);
  // Ollama sets `done` on each line; Cohere's answer has a single message.
  if (typeof value['done'] === 'boolean') places.push(value['done']);
  else if (typeof value['finish_reason'] === 'string') places.push(value['message']);
  return places;
}

/** Whether a list of choices or candidates is empty. A message or a response may be empty. */
function isEmptyList(value: JsonObject, name: string): boolean {
  return Object.hasOwn(value, name) && asList(value[name]).every((item) => item === null);
}

function isResponse(value: JsonObject): boolean {
  const { object } = value;
  return (
    object === 'response' || object === 'realtime.response' || Object.hasOwn(value, 'incomplete_details')
  );
}

/** Whether the value is a response, a Gemini interaction or a Replicate prediction. */
function isPolled(value: JsonObject): boolean {
  if (isResponse(value) || value['object'] === 'interaction') return true;
  if (typeof value['status'] !== 'string') return false;
  return Array.isArray(value['steps']) || typeof asObject(value['urls'])?.['get'] === 'string';
}

function isStreamChunk(value: JsonObject, type: string | undefined): boolean {
  if (value['object'] === 'chat.completion.chunk' || type?.startsWith('response.')) return true;
  if (value['done'] === false) return true;
  const choice = asList(value['choices'])[0];
  return asObject(asObject(choice)?.['delta']) !== undefined || STREAM_EVENT_TYPES.has(type ?? '');
}

/** Top-level members with a finish reason. */
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

/** The AI SDK's finish reason. Its `other` is an unknown reason and not a failure. */
function unifiedReason(value: unknown): unknown {
  const reason = asObject(value)?.['unified'] ?? value;
  return reason === 'other' ? 'unknown' : reason;
}

function reasonFault(reasons: readonly string[]): Fault | undefined {
  if (reasons.every((reason) => COMPLETE_REASONS.has(reason))) return undefined;
  const refused = reasons.find((reason) => REFUSED_REASONS.test(reason));
  if (refused !== undefined) return { type: 'refused', reason: refused };
  const failed = reasons.find((reason) => FAILED_REASONS.test(reason));
  return failed === undefined ? undefined : { type: 'failed', reason: failed };
}

/** The fault of a response that failed or was refused, for APIs with polling. */
function statusFault(answer: JsonObject, type: string | undefined): Fault | undefined {
  const isEvent = type?.startsWith('response.') || type?.startsWith('interaction.');
  if (!isEvent && !isPolled(answer)) return undefined;
  const details = asObject(answer['status_details']);
  const reason = asText((asObject(answer['incomplete_details']) ?? details)?.['reason']);
  if (reason !== undefined && REFUSED_REASONS.test(reason)) return { type: 'refused', reason };
  if (answer['status'] !== 'failed' && type !== 'response.failed') return undefined;
  const error =
    definedError(answer['error']) ??
    definedError(details?.['error']) ??
    definedError(asList(answer['errors'])[0]) ??
    asList(answer['steps'])
      .map((step) => definedError(asObject(step)?.['error']))
      .find((one) => one !== undefined);
  return error === undefined ? { type: 'failed', reason: 'failed' } : { type: 'error', body: { error } };
}
