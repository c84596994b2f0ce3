import { type Message, type MessagePart, textPart } from '../content.js';
import type { RequestFacts, ResponseFacts, StreamReader } from '../format.js';
import { asLabel, asList, asObject, asText, type JsonObject } from '../json/json.js';
import { messageFacts, messageStream, type StreamedMessage } from '../stream/message-stream.js';
import { contentParts } from './openai-content.js';
import {
  asksForJson,
  functionArguments,
  requestParameters,
  toolCall,
  toolChoice,
  toolDefinitions,
  toolResponse,
} from './openai-request.js';
import { readUsage } from './openai-usage.js';
import { optionCount, unreadPart } from './values.js';

const KNOWN_MEMBERS: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'inputs',
  'instructions',
  'tools',
  'completion_args',
]);

export function readRequest(value: unknown): RequestFacts {
  const body = asObject(value) ?? {};
  const options = asObject(body['completion_args']) ?? {};
  return {
    model: asLabel(body['model']),
    operation: body['stream'] === true ? 'stream' : 'generate',
    parameters: requestParameters(options),
    outputType: asksForJson(options['response_format']) ? 'json' : undefined,
    systemInstructions: contentParts(body['instructions']),
    messages: messagesOf(body['inputs']),
    toolDefinitions: toolDefinitions(body['tools']),
    toolChoice: toolChoice(options['tool_choice']),
    optionCount: optionCount(body, KNOWN_MEMBERS),
  };
}

function messagesOf(inputs: unknown): Message[] {
  if (typeof inputs === 'string') return [{ role: 'user', parts: [textPart('text', inputs)] }];
  return asList(inputs).flatMap((value) => {
    const entry = asObject(value);
    if (entry === undefined) return [];
    const isResult = entry['type'] === 'function.result';
    return { role: isResult ? 'tool' : (asLabel(entry['role']) ?? 'assistant'), parts: entryParts(entry) };
  });
}

function entryParts(entry: JsonObject): MessagePart[] {
  const type = asText(entry['type']) ?? 'message.input';
  if (type.startsWith('message.')) return contentParts(entry['content']);
  if (type === 'function.call')
    return [toolCall(entry['tool_call_id'], entry['name'], functionArguments(entry['arguments']))];
  if (type === 'function.result') return [toolResponse(entry['tool_call_id'], entry['result'])];
  return [unreadPart(type, entry)];
}

export function readResponse(value: unknown): ResponseFacts {
  const body = asObject(value) ?? {};
  const entries = asList(body['outputs'])
    .map(asObject)
    .filter((entry) => entry !== undefined);
  const details = {
    id: asLabel(body['conversation_id']),
    model: entries.map((entry) => asLabel(entry['model'])).find((model) => model !== undefined),
    usage: readUsage(asObject(body['usage'])),
  };
  return messageFacts(details, entries.flatMap(entryParts));
}

export function openStream(): StreamReader {
  return messageStream(readEvent);
}

function readEvent(message: StreamedMessage, type: string | undefined, body: JsonObject): void {
  const key = asLabel(body['id']) ?? '';
  const { content } = body;
  switch (type) {
    case 'conversation.response.started':
      message.note({ id: asLabel(body['conversation_id']) });
      break;
    case 'message.output.delta':
      message.note({ model: asLabel(body['model']) });
      if (typeof content === 'string') message.text('text', content, `text ${key}`);
      else readChunk(message, asObject(content));
      break;
    case 'function.call.delta':
      message.call(key, body['tool_call_id'], body['name']);
      message.callArguments(key, body['arguments']);
      break;
    case 'conversation.response.done':
      message.note({ usage: readUsage(asObject(body['usage'])) });
      break;
  }
}

/** Reads a content chunk: a text, a reference or a file. */
function readChunk(message: StreamedMessage, chunk: JsonObject | undefined): void {
  if (chunk?.['type'] === 'tool_reference') message.counts.sources += 1;
  if (chunk?.['type'] === 'text') message.text('text', chunk['text']);
  else for (const part of contentParts([chunk])) message.push(part);
}
