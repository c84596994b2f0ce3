import { withoutTail } from '../redact/cut.js';
import * as semconv from '../semconv.js';
import type { StepRecord } from '../step/step-record.js';
import type { WireFacts } from '../step/wire-facts.js';
import type { Message, MessagePart, OutputMessage, TextPart } from '../wire/content.js';
import type { RequestFacts, ResponseFacts, StreamFacts } from '../wire/format.js';
import { boundedJson } from '../wire/shape/request-shape.js';
import type { RedactedAttributes, Redaction } from './redaction.js';

const UNFINISHED_REASON = 'error';

/** The only provider whose spans have `openai.*` attributes (OpenAI conventions). */
export const OPENAI = 'openai';

/** The conventions omit this service tier, since it leaves the choice to the provider. */
const AUTO = 'auto';

/** The limit of the messages, the tools and the instructions of a request, each. */
const CONTENT_BYTES = 256 * 1024;

/** Adds what the request and response bodies of a step contain. Full capture only. */
export function addWire(
  written: RedactedAttributes,
  { status, provider }: StepRecord,
  { request, response, stream }: WireFacts,
  { content, conventions }: Redaction,
): void {
  if (provider === OPENAI) addOpenAi(written, request, response);
  if (conventions.isDevelopment) addUnderDevelopment(written, request, response);
  if (request !== undefined) {
    addRequest(written, request);
    if (content) addRequestContent(written, request);
  }
  if (response !== undefined) {
    const isInMessages = conventions.finishReasons === 'in messages';
    addResponse(written, response, !isInMessages && status === 'error');
    if (content) addResponseContent(written, response, request?.outputType === 'json', isInMessages);
  }
  if (stream !== undefined) {
    addStreamCounts(written, stream);
    if (content) written.add(semconv.ATTR_CHATDEBUG_STREAM_LAST_ERROR, stream.lastError);
  }
}

function addRequest(written: RedactedAttributes, request: RequestFacts): void {
  const { parameters } = request;
  written.add(semconv.ATTR_GEN_AI_OUTPUT_TYPE, request.outputType);
  written.add(semconv.ATTR_GEN_AI_REQUEST_STREAM, request.operation === 'stream' || undefined);
  written.add(semconv.ATTR_GEN_AI_REQUEST_TEMPERATURE, parameters.temperature);
  written.add(semconv.ATTR_GEN_AI_REQUEST_TOP_P, parameters.topP);
  written.add(semconv.ATTR_GEN_AI_REQUEST_TOP_K, parameters.topK);
  written.add(semconv.ATTR_GEN_AI_REQUEST_MAX_TOKENS, parameters.maxTokens);
  written.add(semconv.ATTR_GEN_AI_REQUEST_FREQUENCY_PENALTY, parameters.frequencyPenalty);
  written.add(semconv.ATTR_GEN_AI_REQUEST_PRESENCE_PENALTY, parameters.presencePenalty);
  written.add(semconv.ATTR_GEN_AI_REQUEST_SEED, parameters.seed);
  written.add(semconv.ATTR_GEN_AI_REQUEST_CHOICE_COUNT, parameters.choiceCount);
  written.add(
    semconv.ATTR_GEN_AI_REQUEST_STOP_SEQUENCES,
    parameters.stopSequences && [...parameters.stopSequences],
  );
  written.add(semconv.ATTR_CHATDEBUG_REQUEST_TOOL_CHOICE, request.toolChoice);
  written.add(semconv.ATTR_CHATDEBUG_REQUEST_OPTION_COUNT, request.optionCount || undefined);
}

function addOpenAi(
  written: RedactedAttributes,
  request: RequestFacts | undefined,
  response: ResponseFacts | undefined,
): void {
  const tier = request?.parameters.serviceTier;
  written.add(semconv.ATTR_OPENAI_REQUEST_SERVICE_TIER, tier === AUTO ? undefined : tier);
  written.add(semconv.ATTR_OPENAI_RESPONSE_SERVICE_TIER, response?.serviceTier);
  written.add(semconv.ATTR_OPENAI_RESPONSE_SYSTEM_FINGERPRINT, response?.systemFingerprint);
}

/** Adds attributes of the development version, which 1.41.0 does not define. */
function addUnderDevelopment(
  written: RedactedAttributes,
  request: RequestFacts | undefined,
  response: ResponseFacts | undefined,
): void {
  const { previousResponseId, reasoningLevel } = request?.parameters ?? {};
  const messages = [...(request?.messages ?? []), ...(response?.output ?? [])];
  const isCompacted = messages.some(({ parts }) => parts.some(({ type }) => type === 'compaction'));
  written.add(semconv.ATTR_GEN_AI_REQUEST_PREVIOUS_RESPONSE_ID, previousResponseId);
  written.add(semconv.ATTR_GEN_AI_REQUEST_REASONING_LEVEL, reasoningLevel);
  written.add(semconv.ATTR_GEN_AI_CONVERSATION_COMPACTED, isCompacted || undefined);
}

function addRequestContent(written: RedactedAttributes, request: RequestFacts): void {
  const messages = listed(request.messages.map(redactable));
  const instructions = listed(request.systemInstructions.map(withoutLastWord));
  written.add(semconv.ATTR_GEN_AI_SYSTEM_INSTRUCTIONS, instructions?.json);
  written.add(semconv.ATTR_GEN_AI_INPUT_MESSAGES, messages?.json);
  written.add(semconv.ATTR_CHATDEBUG_REQUEST_MESSAGES_LEFT_OUT, messages?.leftOut || undefined);
  written.add(semconv.ATTR_GEN_AI_TOOL_DEFINITIONS, listed(request.toolDefinitions)?.json);
}

/** @param isUnfinished messages without a finish reason get `error` */
function addResponse(written: RedactedAttributes, response: ResponseFacts, isUnfinished: boolean): void {
  const finishReasons = isUnfinished
    ? response.output.map((message) => message.finish_reason ?? UNFINISHED_REASON)
    : response.finishReasons;
  written.add(semconv.ATTR_GEN_AI_RESPONSE_ID, response.id);
  written.add(semconv.ATTR_GEN_AI_RESPONSE_MODEL, response.model);
  if (finishReasons.length > 0) written.add(semconv.ATTR_GEN_AI_RESPONSE_FINISH_REASONS, [...finishReasons]);
  written.add(semconv.ATTR_CHATDEBUG_RESPONSE_WARNINGS, response.warningCount || undefined);
}

function addResponseContent(
  written: RedactedAttributes,
  { output }: ResponseFacts,
  isStructured: boolean,
  withFinishReason: boolean,
): void {
  const all = withFinishReason ? output : output.map(({ finish_reason: _, ...message }) => message);
  const messages = isStructured ? all.map(withoutText) : all;
  written.add(semconv.ATTR_GEN_AI_OUTPUT_MESSAGES, listed(messages.map(redactable))?.json);
  if (isStructured) written.add(semconv.ATTR_CHATDEBUG_RESPONSE_TEXT_LENGTH, textLength(output));
}

function addStreamCounts(written: RedactedAttributes, { counts }: StreamFacts): void {
  written.add(semconv.ATTR_CHATDEBUG_STREAM_PARTS, counts.parts);
  written.add(semconv.ATTR_CHATDEBUG_STREAM_TEXT_DELTAS, counts.textDeltas || undefined);
  written.add(semconv.ATTR_CHATDEBUG_STREAM_REASONING_DELTAS, counts.reasoningDeltas || undefined);
  written.add(semconv.ATTR_CHATDEBUG_STREAM_TOOL_CALLS, counts.toolCalls || undefined);
  written.add(semconv.ATTR_CHATDEBUG_STREAM_SOURCES, counts.sources || undefined);
  written.add(semconv.ATTR_CHATDEBUG_STREAM_ERRORS, counts.errors || undefined);
}

function listed(list: readonly unknown[]): { readonly json: string; readonly leftOut: number } | undefined {
  return list.length === 0 ? undefined : boundedJson(list, CONTENT_BYTES);
}

/** Removes the last word of truncated texts. */
function redactable<T extends Message>(message: T): T {
  const parts = message.parts.map(withoutLastWord);
  return parts.every((part, index) => part === message.parts[index]) ? message : { ...message, parts };
}

/** The last word of a truncated text may be half of a key, which the redactor would not recognize. */
function withoutLastWord(part: MessagePart): MessagePart {
  if ('arguments' in part && isTruncatedText(part.arguments))
    return { ...part, arguments: trimmed(part.arguments) };
  if ('response' in part && isTruncatedText(part.response))
    return { ...part, response: trimmed(part.response) };
  return trimmed(part);
}

/** Truncated tool arguments and results are text parts too. */
function trimmed<T>(value: T): T {
  return isTruncatedText(value) ? { ...value, content: withoutTail(value.content) } : value;
}

function isTruncatedText(value: unknown): value is TextPart {
  const { full_length, content } = (value ?? {}) as Partial<TextPart>;
  return full_length !== undefined && typeof content === 'string';
}

/** Only the length of structured output is recorded. */
function withoutText(message: OutputMessage): OutputMessage {
  return { ...message, parts: message.parts.filter((part) => part.type !== 'text') };
}

function textLength(output: readonly OutputMessage[]): number {
  const lengths = output.flatMap(({ parts }) => parts.map(lengthOf));
  return lengths.reduce((total, length) => total + length, 0);
}

function lengthOf(part: MessagePart): number {
  if (part.type !== 'text' || !('content' in part)) return 0;
  return part.full_length ?? part.content.length;
}
