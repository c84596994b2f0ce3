import type { TokenUsage } from '../../types.js';
import { type Message, type MessagePart, textPart } from '../content.js';
import type { RequestFacts, ResponseFacts, StreamReader } from '../format.js';
import { asCount, asLabel, asList, asNumber, asObject, asText, type JsonObject } from '../json/json.js';
import { messageFacts, messageStream, type StreamedMessage } from '../stream/message-stream.js';
import { contentParts, nonEmptyText } from './openai-content.js';
import { asksForJson, chatToolCall, toolDefinitions, toolResponse } from './openai-request.js';
import { defined, optionCount, textsIn } from './values.js';

const KNOWN_MEMBERS: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'messages',
  'tools',
  'tool_choice',
  'response_format',
  'temperature',
  'p',
  'k',
  'max_tokens',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'stop_sequences',
]);

export function readRequest(value: unknown): RequestFacts {
  const body = asObject(value) ?? {};
  return {
    model: asLabel(body['model']),
    operation: body['stream'] === true ? 'stream' : 'generate',
    parameters: defined({
      temperature: asNumber(body['temperature']),
      topP: asNumber(body['p']),
      topK: asNumber(body['k']),
      maxTokens: asCount(body['max_tokens']),
      frequencyPenalty: asNumber(body['frequency_penalty']),
      presencePenalty: asNumber(body['presence_penalty']),
      seed: asNumber(body['seed']),
      stopSequences: textsIn(body['stop_sequences']),
    }),
    outputType: asksForJson(body['response_format']) ? 'json' : undefined,
    systemInstructions: [],
    messages: asList(body['messages']).flatMap((message) => messageOf(asObject(message)) ?? []),
    toolDefinitions: toolDefinitions(body['tools']),
    toolChoice: asText(body['tool_choice'])?.toLowerCase(),
    optionCount: optionCount(body, KNOWN_MEMBERS),
  };
}

function messageOf(message: JsonObject | undefined): Message | undefined {
  if (message === undefined) return undefined;
  const role = asLabel(message['role']) ?? 'user';
  if (role === 'tool') return { role, parts: [toolResponse(message['tool_call_id'], message['content'])] };
  return { role, parts: partsOf(message) };
}

/** The tool plan is the reasoning before tool calls. */
function partsOf(message: JsonObject): MessagePart[] {
  return [
    nonEmptyText('reasoning', message['tool_plan'], textPart),
    ...contentParts(message['content']),
    ...asList(message['tool_calls']).map(chatToolCall),
  ].filter((part) => part !== undefined);
}

export function readResponse(value: unknown): ResponseFacts {
  const body = asObject(value) ?? {};
  const details = {
    id: asLabel(body['id']),
    finishReason: asLabel(body['finish_reason']),
    usage: usageOf(asObject(body['usage'])),
  };
  return messageFacts(details, partsOf(asObject(body['message']) ?? {}));
}

/** The tokens of the model, else the billed tokens, which exclude Cohere's own prompts. */
function usageOf(usage: JsonObject | undefined): TokenUsage | undefined {
  const tokens = asObject(usage?.['tokens']) ?? asObject(usage?.['billed_units']);
  return (
    tokens && {
      inputTokens: asCount(tokens['input_tokens']),
      outputTokens: asCount(tokens['output_tokens']),
      cacheReadTokens: asCount(usage?.['cached_tokens']),
    }
  );
}

export function openStream(): StreamReader {
  return messageStream(readEvent);
}

function readEvent(message: StreamedMessage, type: string | undefined, body: JsonObject): void {
  const delta = asObject(body['delta']) ?? {};
  const said = asObject(delta['message']) ?? {};
  const content = asObject(said['content']) ?? {};
  const call = asObject(said['tool_calls']) ?? {};
  const called = asObject(call['function']) ?? {};
  const key = String(asCount(body['index']) ?? 0);
  switch (type) {
    case 'message-start':
      message.note({ id: asLabel(body['id']) });
      break;
    case 'content-start':
    case 'content-delta':
      message.text('reasoning', content['thinking'], `thought ${key}`);
      message.text('text', content['text'], `text ${key}`);
      break;
    case 'tool-plan-delta':
      message.text('reasoning', said['tool_plan'], 'plan');
      break;
    case 'tool-call-start':
      message.call(key, call['id'], called['name']);
      message.callArguments(key, called['arguments']);
      break;
    case 'tool-call-delta':
      message.callArguments(key, called['arguments']);
      break;
    case 'citation-start':
      message.counts.sources += 1;
      break;
    case 'message-end':
      message.note({
        finishReason: asLabel(delta['finish_reason']),
        usage: usageOf(asObject(delta['usage'])),
      });
      break;
  }
}
