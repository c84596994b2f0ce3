import type { OutputMessage } from '../content.js';
import { defined } from '../facts/defined.js';
import { asLabel } from '../facts/label.js';
import { optionCount } from '../facts/option-count.js';
import type { RequestFacts, ResponseFacts, StreamReader } from '../format.js';
import { asList, asObject, type JsonObject } from '../json/json.js';
import { ChatStream } from './chat-stream.js';
import { contentParts } from './content.js';
import { chatMessage } from './message.js';
import { asksForJson, PARAMETER_NAMES, requestParameters } from './request.js';
import { toolChoice, toolDefinitions } from './tools.js';
import { readUsage, usageIn } from './usage.js';

const READ: ReadonlySet<string> = new Set([
  ...PARAMETER_NAMES,
  'model',
  'stream',
  'messages',
  'tools',
  'tool_choice',
  'functions',
  'function_call',
  'response_format',
  'modalities',
]);

export function readRequest(value: unknown): RequestFacts {
  const body = asObject(value) ?? {};
  return {
    model: asLabel(body['model']),
    operation: body['stream'] === true ? 'stream' : 'generate',
    parameters: requestParameters(body),
    outputType: outputType(body),
    systemInstructions: [],
    messages: asList(body['messages']).flatMap((message) => chatMessage(message, 'user') ?? []),
    toolDefinitions: toolDefinitions(body['tools'] ?? body['functions']),
    toolChoice: toolChoice(body['tool_choice'] ?? body['function_call']),
    optionCount: optionCount(body, READ),
  };
}

/** Of the words that the conventions have for `gen_ai.output.type`. */
function outputType(body: JsonObject): string | undefined {
  if (asksForJson(body['response_format'])) return 'json';
  const modalities = asList(body['modalities']);
  if (modalities.includes('audio')) return 'speech';
  return modalities.includes('image') ? 'image' : undefined;
}

export function readResponse(value: unknown): ResponseFacts {
  const body = asObject(value) ?? {};
  const choices = asList(body['choices'])
    .map(asObject)
    .filter((choice) => choice !== undefined);
  return {
    id: asLabel(body['id']),
    model: asLabel(body['model']),
    finishReasons: choices.flatMap((choice) => finishReason(choice) ?? []),
    usage: readUsage(usageIn(body)),
    output: choices.map(outputMessage),
    warningCount: 0,
  };
}

function outputMessage(choice: JsonObject): OutputMessage {
  const message = chatMessage(choice['message'], 'assistant') ?? {
    role: 'assistant',
    parts: contentParts(choice['text']),
  };
  return { ...message, ...defined({ finish_reason: finishReason(choice) }) };
}

function finishReason(choice: JsonObject): string | undefined {
  return asLabel(choice['finish_reason']) || undefined;
}

export function openStream(): StreamReader {
  return new ChatStream();
}
