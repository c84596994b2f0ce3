import { withoutTail } from '../redact/cut.js';
import * as semconv from '../semconv.js';
import type { WireFacts } from '../step/wire-facts.js';
import type { Message, MessagePart, OutputMessage, TextPart } from '../wire/content.js';
import type { RequestFacts, ResponseFacts, StreamFacts } from '../wire/format.js';
import { boundedJson } from '../wire/json/bounded-json.js';
import type { RedactedAttributes } from './redaction.js';

/** Of the messages, tools or instructions of one request. */
const CONTENT_BYTES = 256 * 1024;

/** What the requests and answers of a step say (reference rows R16 and R17): full capture only. */
export function addWire(
  written: RedactedAttributes,
  { request, response, stream }: WireFacts,
  content: boolean,
): void {
  if (request !== undefined) {
    addRequest(written, request);
    if (content) addRequestContent(written, request);
  }
  if (response !== undefined) {
    addResponse(written, response);
    if (content) addResponseContent(written, response, request?.outputType === 'json');
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

function addRequestContent(written: RedactedAttributes, request: RequestFacts): void {
  const messages = listed(request.messages.map(redactable));
  const instructions = listed(request.systemInstructions.map(withoutCutWord));
  written.add(semconv.ATTR_GEN_AI_SYSTEM_INSTRUCTIONS, instructions?.json);
  written.add(semconv.ATTR_GEN_AI_INPUT_MESSAGES, messages?.json);
  written.add(semconv.ATTR_CHATDEBUG_REQUEST_MESSAGES_LEFT_OUT, messages?.leftOut || undefined);
  written.add(semconv.ATTR_GEN_AI_TOOL_DEFINITIONS, listed(request.toolDefinitions)?.json);
}

function addResponse(written: RedactedAttributes, response: ResponseFacts): void {
  const { finishReasons } = response;
  written.add(semconv.ATTR_GEN_AI_RESPONSE_ID, response.id);
  written.add(semconv.ATTR_GEN_AI_RESPONSE_MODEL, response.model);
  if (finishReasons.length > 0) written.add(semconv.ATTR_GEN_AI_RESPONSE_FINISH_REASONS, [...finishReasons]);
  written.add(semconv.ATTR_CHATDEBUG_RESPONSE_WARNINGS, response.warningCount || undefined);
}

function addResponseContent(
  written: RedactedAttributes,
  { output }: ResponseFacts,
  isStructured: boolean,
): void {
  const messages = isStructured ? output.map(withoutText) : output;
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

/** With texts that the redactor can read to their ends. */
function redactable<T extends Message>(message: T): T {
  const parts = message.parts.map(withoutCutWord);
  return parts.every((part, index) => part === message.parts[index]) ? message : { ...message, parts };
}

/** Half a key at the end of a text that was cut no longer looks like one. */
function withoutCutWord(part: MessagePart): MessagePart {
  if ('arguments' in part && isCutText(part.arguments)) return { ...part, arguments: uncut(part.arguments) };
  if ('response' in part && isCutText(part.response)) return { ...part, response: uncut(part.response) };
  return uncut(part);
}

/** What a tool was given or gave back is a text part too where it was cut. */
function uncut<T>(value: T): T {
  return isCutText(value) ? { ...value, content: withoutTail(value.content) } : value;
}

function isCutText(value: unknown): value is TextPart {
  const { full_length, content } = (value ?? {}) as Partial<TextPart>;
  return full_length !== undefined && typeof content === 'string';
}

/** Structured output is data rather than words: of it only the length is recorded. */
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
