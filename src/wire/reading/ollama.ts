import { type Message, type MessagePart, textPart } from '../content.js';
import type { RequestFacts, RequestParameters, ResponseFacts, StreamReader } from '../format.js';
import { asCount, asLabel, asList, asNumber, asObject, asText, type JsonObject } from '../json/json.js';
import {
  type AnswerDetails,
  messageFacts,
  messageStream,
  type StreamedMessage,
} from '../stream/message-stream.js';
import { contentParts, nonEmptyText } from './openai-content.js';
import { chatToolCall, toolDefinitions } from './openai-request.js';
import { base64Part, boundedValue, defined, optionCount } from './values.js';

const KNOWN_MEMBERS: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'messages',
  'prompt',
  'suffix',
  'system',
  'images',
  'tools',
  'format',
  'options',
]);
const READ_OPTIONS: ReadonlySet<string> = new Set([
  'temperature',
  'top_p',
  'top_k',
  'num_predict',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'stop',
]);

export function readRequest(value: unknown): RequestFacts {
  const body = asObject(value) ?? {};
  const options = asObject(body['options']);
  const format = body['format'];
  return {
    model: asLabel(body['model']),
    operation: body['stream'] === false ? 'generate' : 'stream',
    // `think` may be `true` instead of a level.
    parameters: { ...parametersOf(options), ...defined({ reasoningLevel: asLabel(body['think']) }) },
    outputType: format === 'json' || asObject(format) !== undefined ? 'json' : undefined,
    systemInstructions: contentParts(body['system']),
    messages: body['messages'] === undefined ? promptOf(body) : messagesOf(body['messages']),
    toolDefinitions: toolDefinitions(body['tools']),
    toolChoice: undefined,
    optionCount: optionCount(body, KNOWN_MEMBERS) + optionCount(options, READ_OPTIONS),
  };
}

function parametersOf(options: JsonObject | undefined): RequestParameters {
  const stop = options?.['stop'];
  const stops = (typeof stop === 'string' ? [stop] : asList(stop)).filter((one) => typeof one === 'string');
  return defined({
    temperature: asNumber(options?.['temperature']),
    topP: asNumber(options?.['top_p']),
    topK: asNumber(options?.['top_k']),
    maxTokens: asCount(options?.['num_predict']),
    frequencyPenalty: asNumber(options?.['frequency_penalty']),
    presencePenalty: asNumber(options?.['presence_penalty']),
    seed: asNumber(options?.['seed']),
    stopSequences: stops.length === 0 ? undefined : stops,
  });
}

function promptOf(body: JsonObject): Message[] {
  const parts = [...contentParts(body['prompt']), ...contentParts(body['suffix']), ...imageParts(body)];
  return parts.length === 0 ? [] : [{ role: 'user', parts }];
}

function messagesOf(messages: unknown): Message[] {
  return asList(messages).flatMap((value) => {
    const message = asObject(value);
    if (message === undefined) return [];
    const role = asLabel(message['role']) ?? 'user';
    return role === 'tool' ? { role, parts: [toolResult(message)] } : { role, parts: partsOf(message) };
  });
}

/** Calls have no ids; results refer to them by name. */
function toolResult(message: JsonObject): MessagePart {
  const id = asLabel(message['tool_call_id']) ?? asLabel(message['tool_name']);
  return { type: 'tool_call_response', ...defined({ id, response: boundedValue(message['content']) }) };
}

function partsOf(message: JsonObject): MessagePart[] {
  return [
    nonEmptyText('reasoning', message['thinking'], textPart),
    ...contentParts(message['content']),
    ...imageParts(message),
    ...asList(message['tool_calls']).map(chatToolCall),
  ].filter((part) => part !== undefined);
}

function imageParts({ images }: JsonObject): MessagePart[] {
  return asList(images).flatMap((data) =>
    typeof data === 'string' ? base64Part(data, undefined, 'image') : [],
  );
}

export function readResponse(value: unknown): ResponseFacts {
  const body = asObject(value) ?? {};
  return messageFacts(detailsOf(body), partsOf(messageIn(body)));
}

/** `generate` has a text instead of a message. */
function messageIn(body: JsonObject): JsonObject {
  return asObject(body['message']) ?? { content: body['response'], thinking: body['thinking'] };
}

function detailsOf(body: JsonObject): AnswerDetails {
  const isLast = body['done'] === true;
  return {
    model: asLabel(body['model']),
    finishReason: isLast ? (asLabel(body['done_reason']) ?? 'stop') : undefined,
    usage: isLast
      ? { inputTokens: asCount(body['prompt_eval_count']), outputTokens: asCount(body['eval_count']) }
      : undefined,
  };
}

export function openStream(): StreamReader {
  return messageStream(readLine);
}

function readLine(message: StreamedMessage, _type: string | undefined, body: JsonObject): void {
  const piece = messageIn(body);
  message.text('reasoning', asText(piece['thinking']));
  message.text('text', asText(piece['content']));
  for (const value of asList(piece['tool_calls'])) {
    const call = chatToolCall(value);
    if (call !== undefined) message.push(call);
  }
  message.note(detailsOf(body));
}
