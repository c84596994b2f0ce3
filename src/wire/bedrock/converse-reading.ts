import type { TokenUsage } from '../../types.js';
import { cut, TEXT_LENGTH, type ToolDefinition } from '../content.js';
import { defined } from '../facts/defined.js';
import { asLabel } from '../facts/label.js';
import { optionCount } from '../facts/option-count.js';
import { textsIn } from '../facts/texts-in.js';
import { tokenSum } from '../facts/token-sum.js';
import type { RequestFacts, ResponseFacts, StreamReader } from '../format.js';
import { asCount, asList, asNumber, asObject, asText, type JsonObject } from '../json/json.js';
import { messageFacts, messageStream, type StreamedMessage } from '../stream/message-stream.js';
import { messageOf, partsOf } from './converse-parts.js';

const READ: ReadonlySet<string> = new Set(['messages', 'system', 'inferenceConfig', 'toolConfig']);
const READ_CONFIG: ReadonlySet<string> = new Set(['maxTokens', 'temperature', 'topP', 'stopSequences']);

/** The path names the model, and says whether the answer is to be a stream. */
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
    optionCount: optionCount(body, READ) + optionCount(config, READ_CONFIG),
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

/** Bedrock counts cached tokens beside the input; the conventions count them in. */
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

/** @param type names the event, whose members `body` has */
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
