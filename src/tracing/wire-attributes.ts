import type { Attributes } from '@opentelemetry/api';
import { withoutTail } from '../redact/cut.js';
import * as semconv from '../semconv.js';
import type { WireFacts } from '../step/wire-facts.js';
import type { Message, MessagePart, OutputMessage, TextPart } from '../wire/content.js';
import type { RequestFacts, ResponseFacts, StreamFacts } from '../wire/format.js';
import { boundedJson } from '../wire/json/bounded-json.js';

/** Of the messages, tools or instructions of one request. */
const CONTENT_BYTES = 256 * 1024;

/** What the requests and answers of a step say (reference rows R16 and R17): full capture only. */
export function wireAttributes({ request, response, stream }: WireFacts, content: boolean): Attributes {
  return {
    ...(request && requestAttributes(request)),
    ...(content && request && requestContent(request)),
    ...(response && responseAttributes(response)),
    ...(content && response && responseContent(response, request?.outputType === 'json')),
    ...(stream && streamAttributes(stream)),
    ...(content && { [semconv.ATTR_CHATDEBUG_STREAM_LAST_ERROR]: stream?.lastError }),
  };
}

function requestAttributes(request: RequestFacts): Attributes {
  const { parameters } = request;
  return {
    [semconv.ATTR_GEN_AI_OUTPUT_TYPE]: request.outputType,
    [semconv.ATTR_GEN_AI_REQUEST_STREAM]: request.operation === 'stream' || undefined,
    [semconv.ATTR_GEN_AI_REQUEST_TEMPERATURE]: parameters.temperature,
    [semconv.ATTR_GEN_AI_REQUEST_TOP_P]: parameters.topP,
    [semconv.ATTR_GEN_AI_REQUEST_TOP_K]: parameters.topK,
    [semconv.ATTR_GEN_AI_REQUEST_MAX_TOKENS]: parameters.maxTokens,
    [semconv.ATTR_GEN_AI_REQUEST_FREQUENCY_PENALTY]: parameters.frequencyPenalty,
    [semconv.ATTR_GEN_AI_REQUEST_PRESENCE_PENALTY]: parameters.presencePenalty,
    [semconv.ATTR_GEN_AI_REQUEST_SEED]: parameters.seed,
    [semconv.ATTR_GEN_AI_REQUEST_CHOICE_COUNT]: parameters.choiceCount,
    [semconv.ATTR_GEN_AI_REQUEST_STOP_SEQUENCES]: parameters.stopSequences && [...parameters.stopSequences],
    [semconv.ATTR_CHATDEBUG_REQUEST_TOOL_CHOICE]: request.toolChoice,
    [semconv.ATTR_CHATDEBUG_REQUEST_OPTION_COUNT]: request.optionCount || undefined,
  };
}

function requestContent(request: RequestFacts): Attributes {
  const messages = listed(request.messages.map(redactable));
  return {
    [semconv.ATTR_GEN_AI_SYSTEM_INSTRUCTIONS]: listed(request.systemInstructions.map(withoutCutWord))?.json,
    [semconv.ATTR_GEN_AI_INPUT_MESSAGES]: messages?.json,
    [semconv.ATTR_CHATDEBUG_REQUEST_MESSAGES_LEFT_OUT]: messages?.leftOut || undefined,
    [semconv.ATTR_GEN_AI_TOOL_DEFINITIONS]: listed(request.toolDefinitions)?.json,
  };
}

function responseAttributes(response: ResponseFacts): Attributes {
  return {
    [semconv.ATTR_GEN_AI_RESPONSE_ID]: response.id,
    [semconv.ATTR_GEN_AI_RESPONSE_MODEL]: response.model,
    [semconv.ATTR_GEN_AI_RESPONSE_FINISH_REASONS]:
      response.finishReasons.length > 0 ? [...response.finishReasons] : undefined,
    [semconv.ATTR_CHATDEBUG_RESPONSE_WARNINGS]: response.warningCount || undefined,
  };
}

function responseContent({ output }: ResponseFacts, isStructured: boolean): Attributes {
  const messages = isStructured ? output.map(withoutText) : output;
  return {
    [semconv.ATTR_GEN_AI_OUTPUT_MESSAGES]: listed(messages.map(redactable))?.json,
    [semconv.ATTR_CHATDEBUG_RESPONSE_TEXT_LENGTH]: isStructured ? textLength(output) : undefined,
  };
}

function streamAttributes({ counts }: StreamFacts): Attributes {
  return {
    [semconv.ATTR_CHATDEBUG_STREAM_PARTS]: counts.parts,
    [semconv.ATTR_CHATDEBUG_STREAM_TEXT_DELTAS]: counts.textDeltas || undefined,
    [semconv.ATTR_CHATDEBUG_STREAM_REASONING_DELTAS]: counts.reasoningDeltas || undefined,
    [semconv.ATTR_CHATDEBUG_STREAM_TOOL_CALLS]: counts.toolCalls || undefined,
    [semconv.ATTR_CHATDEBUG_STREAM_SOURCES]: counts.sources || undefined,
    [semconv.ATTR_CHATDEBUG_STREAM_ERRORS]: counts.errors || undefined,
  };
}

function listed(list: readonly unknown[]): { readonly json: string; readonly leftOut: number } | undefined {
  return list.length === 0 ? undefined : boundedJson(list, CONTENT_BYTES);
}

/** With texts that the redactor can read to their ends. */
function redactable<T extends Message>(message: T): T {
  return { ...message, parts: message.parts.map(withoutCutWord) };
}

/** Half a key at the end of a text that was cut no longer looks like one. */
function withoutCutWord(part: MessagePart): MessagePart {
  if ('arguments' in part) return { ...part, arguments: uncut(part.arguments) };
  if ('response' in part) return { ...part, response: uncut(part.response) };
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
