import type { TokenUsage } from '../../types.js';
import {
  cut,
  type MediaPart,
  type Message,
  type MessagePart,
  TEXT_LENGTH,
  type ToolDefinition,
  textPart,
} from '../content.js';
import type { RequestFacts, ResponseFacts, StreamReader } from '../format.js';
import { asCount, asLabel, asList, asNumber, asObject, asText, type JsonObject } from '../json/json.js';
import { messageFacts, messageStream, type StreamedMessage } from '../stream/message-stream.js';
import { toolCall } from './openai-request.js';
import {
  base64Part,
  blobPart,
  boundedValue,
  defined,
  optionCount,
  roleOf,
  textsIn,
  tokenSum,
  unreadPart,
  uriPart,
} from './values.js';

const KNOWN_MEMBERS: ReadonlySet<string> = new Set(['messages', 'system', 'inferenceConfig', 'toolConfig']);
const READ_CONFIG: ReadonlySet<string> = new Set(['maxTokens', 'temperature', 'topP', 'stopSequences']);

/** The model and the operation are in the path. */
export function readRequest(value: unknown): RequestFacts {
  const body = asObject(value);
  const config = asObject(body?.['inferenceConfig']);
  const tools = asObject(body?.['toolConfig']);
  return {
    model: undefined,
    operation: undefined,
    parameters: defined({
      temperature: asNumber(config?.['temperature']),
      topP: asNumber(config?.['topP']),
      maxTokens: asCount(config?.['maxTokens']),
      stopSequences: textsIn(config?.['stopSequences']),
    }),
    outputType: undefined,
    systemInstructions: partsOf(body?.['system']),
    messages: asList(body?.['messages']).map(messageOf),
    toolDefinitions: asList(tools?.['tools']).flatMap(toolDefinition),
    toolChoice: toolChoice(asObject(tools?.['toolChoice'])),
    optionCount: optionCount(body, KNOWN_MEMBERS) + optionCount(config, READ_CONFIG),
  };
}

function toolDefinition(value: unknown): readonly ToolDefinition[] {
  const tool = asObject(asObject(value)?.['toolSpec']);
  const name = asLabel(tool?.['name']);
  if (name === undefined) return [];
  const description = asText(tool?.['description']);
  return [
    {
      type: 'function',
      name,
      ...defined({
        description: description && cut(description, TEXT_LENGTH),
        parameters: asObject(tool?.['inputSchema'])?.['json'],
      }),
    },
  ];
}

function toolChoice(choice: JsonObject | undefined): string | undefined {
  if (choice?.['tool'] !== undefined) return asLabel(asObject(choice['tool'])?.['name']);
  if (choice?.['any'] !== undefined) return 'required';
  return choice?.['auto'] === undefined ? undefined : 'auto';
}

export function readResponse(value: unknown): ResponseFacts {
  const body = asObject(value);
  const message = asObject(asObject(body?.['output'])?.['message']);
  const details = { finishReason: asLabel(body?.['stopReason']), usage: usageOf(asObject(body?.['usage'])) };
  return messageFacts(details, partsOf(message?.['content']));
}

/** Bedrock's input tokens exclude cached tokens; the GenAI conventions include them. */
function usageOf(usage: JsonObject | undefined): TokenUsage | undefined {
  if (usage === undefined) return undefined;
  const inputTokens = asCount(usage['inputTokens']);
  const cacheReadTokens = asCount(usage['cacheReadInputTokens']);
  const cacheCreationTokens = asCount(usage['cacheWriteInputTokens']);
  return {
    inputTokens:
      inputTokens === undefined ? undefined : tokenSum(inputTokens, cacheReadTokens, cacheCreationTokens),
    outputTokens: asCount(usage['outputTokens']),
    cacheReadTokens,
    cacheCreationTokens,
  };
}

export function openStream(): StreamReader {
  return messageStream(readEvent);
}

/** @param type the event type; `body` has the members of the event */
export function readEvent(message: StreamedMessage, type: string | undefined, body: JsonObject): void {
  const key = String(asCount(body['contentBlockIndex']) ?? 0);
  switch (type) {
    case 'contentBlockStart': {
      const call = asObject(asObject(body['start'])?.['toolUse']);
      if (call !== undefined) message.call(key, call['toolUseId'], call['name']);
      break;
    }
    case 'contentBlockDelta':
      readDelta(message, key, asObject(body['delta']) ?? {});
      break;
    case 'messageStop':
      message.note({ finishReason: asLabel(body['stopReason']) });
      break;
    case 'metadata':
      message.note({ usage: usageOf(asObject(body['usage'])) });
      break;
  }
}

function readDelta(message: StreamedMessage, key: string, delta: JsonObject): void {
  message.text('text', delta['text'], `text ${key}`);
  message.text('reasoning', asObject(delta['reasoningContent'])?.['text'], `thought ${key}`);
  message.callArguments(key, asObject(delta['toolUse'])?.['input']);
  if (delta['citation'] !== undefined) message.counts.sources += 1;
}

function messageOf(value: unknown): Message {
  const message = asObject(value);
  const parts = partsOf(message?.['content']);
  return { role: roleOf(message?.['role'], parts), parts };
}

/** Reads the content of a message or the system instructions: blocks with a single member. */
function partsOf(content: unknown): MessagePart[] {
  return asList(content).map((value) => {
    const block = asObject(value) ?? {};
    const result = asObject(block['toolResult']);
    return result === undefined ? innerPart(value, block) : toolResponse(result);
  });
}

/** A part that may be inside a tool result. Excludes nested results, which would need recursion. */
function innerPart(value: unknown, block: JsonObject): MessagePart {
  return knownPart(block) ?? unreadPart(Object.keys(block)[0], value);
}

function knownPart(block: JsonObject): MessagePart | undefined {
  const text = asText(block['text']) ?? asText(asObject(asObject(block['guardContent'])?.['text'])?.['text']);
  if (text !== undefined) return textPart('text', text);
  const thought = asObject(asObject(block['reasoningContent'])?.['reasoningText']);
  if (thought !== undefined) return textPart('reasoning', asText(thought['text']) ?? '');
  const call = asObject(block['toolUse']);
  if (call !== undefined) return toolCall(call['toolUseId'], call['name'], boundedValue(call['input']));
  for (const modality of ['image', 'document', 'video', 'audio']) {
    const media = asObject(block[modality]);
    if (media !== undefined) return mediaPart(modality, media);
  }
  return undefined;
}

function toolResponse(result: JsonObject): MessagePart {
  const content = asList(result['content']).map((value) => {
    const block = asObject(value) ?? {};
    return Object.hasOwn(block, 'json') ? boundedValue(block['json']) : innerPart(value, block);
  });
  const response = result['status'] === 'error' ? { is_error: true, content } : content;
  return { type: 'tool_call_response', ...defined({ id: asLabel(result['toolUseId']) }), response };
}

/** `format` is the subtype of the media type. */
function mediaPart(modality: string, media: JsonObject): MediaPart | undefined {
  const source = asObject(media['source']);
  const format = asLabel(media['format']);
  const type = modality === 'document' ? 'application' : modality;
  const mimeType = format === undefined ? undefined : `${type}/${format}`;
  const uri = asText(asObject(source?.['s3Location'])?.['uri']);
  const data = asText(source?.['bytes']);
  const text = asText(source?.['text']);
  if (uri !== undefined) return uriPart(uri, mimeType, modality);
  if (data !== undefined) return base64Part(data, mimeType, modality);
  return text === undefined ? undefined : blobPart(Buffer.byteLength(text), mimeType, modality);
}
