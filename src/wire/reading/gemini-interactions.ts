import type { TokenUsage } from '../../types.js';
import { type Message, type MessagePart, textPart } from '../content.js';
import type { RequestFacts, ResponseFacts, StreamReader } from '../format.js';
import { asCount, asLabel, asList, asObject, asText, type JsonObject } from '../json/json.js';
import {
  type AnswerDetails,
  messageFacts,
  messageStream,
  type StreamedMessage,
} from '../stream/message-stream.js';
import {
  functionArguments,
  requestParameters,
  toolCall,
  toolChoice,
  toolDefinitions,
  toolResponse,
} from './openai-request.js';
import {
  base64Part,
  listedModalityTokens,
  optionCount,
  serverToolCall,
  serverToolResponse,
  tokenSum,
  unreadPart,
  uriPart,
} from './values.js';

const KNOWN_MEMBERS: ReadonlySet<string> = new Set([
  'model',
  'agent',
  'stream',
  'input',
  'system_instruction',
  'tools',
  'generation_config',
  'response_format',
  'response_mime_type',
  'previous_interaction_id',
]);

export function readRequest(value: unknown): RequestFacts {
  const body = asObject(value) ?? {};
  const config = asObject(body['generation_config']) ?? {};
  const { system_instruction: system } = body;
  return {
    model: asLabel(body['model']) ?? asLabel(body['agent']),
    operation: body['stream'] === true ? 'stream' : 'generate',
    parameters: requestParameters({
      ...config,
      stop: config['stop_sequences'],
      reasoning_effort: config['thinking_level'],
      previous_response_id: body['previous_interaction_id'],
    }),
    outputType: asksForJson(body) ? 'json' : undefined,
    systemInstructions: typeof system === 'string' ? [textPart('text', system)] : [],
    messages: messagesOf(body['input']),
    toolDefinitions: toolDefinitions(body['tools']),
    toolChoice: toolChoice(config['tool_choice']),
    optionCount: optionCount(body, KNOWN_MEMBERS),
  };
}

function asksForJson(body: JsonObject): boolean {
  const formats = [body['response_format']].flat().map(asObject);
  const isSchema = formats.some(
    (format) => format?.['schema'] !== undefined || format?.['type'] === 'object',
  );
  return isSchema || body['response_mime_type'] === 'application/json';
}

/** The input: a text, user contents or the steps of an earlier interaction. */
function messagesOf(input: unknown): Message[] {
  if (typeof input === 'string') return [{ role: 'user', parts: [textPart('text', input)] }];
  const entries = (Array.isArray(input) ? input : [input]).map(asObject).filter((one) => one !== undefined);
  if (!entries.some(isStep)) {
    const parts = entries.map(contentPart);
    return parts.length === 0 ? [] : [{ role: 'user', parts }];
  }
  return entries.map((step) => ({ role: roleOf(step), parts: stepParts(step) }));
}

const STEP = /^(?:user_input|model_output|thought)$|_(?:call|result)$/;

function isStep({ type }: JsonObject): boolean {
  return typeof type === 'string' && STEP.test(type);
}

function roleOf({ type }: JsonObject): string {
  if (type === 'user_input' || !isStep({ type })) return 'user';
  return type === 'function_result' ? 'tool' : 'assistant';
}

function stepParts(step: JsonObject): MessagePart[] {
  switch (step['type']) {
    case 'user_input':
    case 'model_output':
      return contents(step['content']).map(contentPart);
    case 'thought':
      return contents(step['summary']).map((one) =>
        typeof one['text'] === 'string' ? textPart('reasoning', one['text']) : contentPart(one),
      );
    case 'function_call':
      return [toolCall(step['id'], step['name'], functionArguments(step['arguments']))];
    case 'function_result':
      return [toolResponse(step['call_id'], step['result'])];
    default:
      return [serverToolPart(step) ?? (isStep(step) ? unreadPart(step['type'], step) : contentPart(step))];
  }
}

/** Tools run by Google: `google_search_call`, `code_execution_result`, `mcp_server_tool_call`, …. */
function serverToolPart(step: JsonObject): MessagePart | undefined {
  const [, tool, kind] = SERVER_TOOL.exec(asText(step['type']) ?? '') ?? [];
  if (tool === undefined) return undefined;
  const { id, call_id: callId, name, server_name: server } = step;
  if (kind === 'call')
    return serverToolCall(id, name ?? tool, tool, { server_name: server, arguments: step['arguments'] });
  const failed = step['is_error'] === true;
  return serverToolResponse(callId, tool, { result: step['result'], ...(failed && { is_error: true }) });
}

const SERVER_TOOL = /^(\w+)_(call|result)$/;

function contents(value: unknown): JsonObject[] {
  if (typeof value === 'string') return [{ type: 'text', text: value }];
  return asList(value)
    .map(asObject)
    .filter((one) => one !== undefined);
}

function contentPart(content: JsonObject): MessagePart {
  const { type, text, data, uri, mime_type: mimeType } = content;
  if (typeof text === 'string') return textPart('text', text);
  const modality = asLabel(type);
  if (typeof data === 'string') return base64Part(data, mimeType, modality);
  return typeof uri === 'string' ? uriPart(uri, mimeType, modality) : unreadPart(type, content);
}

export function readResponse(value: unknown): ResponseFacts {
  const body = asObject(value) ?? {};
  const steps = contents(body['steps']).filter(
    ({ type }) => type !== 'user_input' && type !== 'function_result',
  );
  return messageFacts(detailsOf(body), steps.flatMap(stepParts));
}

/** The status of a completed interaction is its finish reason. */
function detailsOf(interaction: JsonObject): AnswerDetails {
  const status = asLabel(interaction['status']);
  const isPending = status === 'in_progress' || status === 'queued';
  return {
    id: asLabel(interaction['id']),
    model: asLabel(interaction['model']) ?? asLabel(interaction['agent']),
    finishReason: isPending ? undefined : status,
    usage: usageOf(asObject(interaction['usage'])),
  };
}

/** The output tokens exclude thoughts, and the input tokens exclude tool use. */
function usageOf(usage: JsonObject | undefined): TokenUsage | undefined {
  if (usage === undefined) return undefined;
  const thoughts = asCount(usage['total_thought_tokens']);
  return {
    inputTokens: tokenSum(asCount(usage['total_input_tokens']), asCount(usage['total_tool_use_tokens'])),
    outputTokens: tokenSum(asCount(usage['total_output_tokens']), thoughts),
    reasoningTokens: thoughts,
    cacheReadTokens: asCount(usage['total_cached_tokens']),
    ...listedModalityTokens(
      'InputTokens',
      [usage['input_tokens_by_modality'], usage['tool_use_tokens_by_modality']],
      'tokens',
    ),
    ...listedModalityTokens('OutputTokens', [usage['output_tokens_by_modality']], 'tokens'),
    ...listedModalityTokens('CacheReadTokens', [usage['cached_tokens_by_modality']], 'tokens'),
  };
}

export function openStream(): StreamReader {
  return messageStream((message, type, body) => readEvent(message, asText(body['event_type']) ?? type, body));
}

function readEvent(message: StreamedMessage, type: string | undefined, body: JsonObject): void {
  const key = String(asCount(body['index']) ?? 0);
  switch (type) {
    case 'interaction.created':
    case 'interaction.completed':
      message.note(detailsOf(asObject(body['interaction']) ?? {}));
      break;
    case 'interaction.status_update':
      message.note({ usage: usageOf(asObject(body['usage'])) });
      break;
    case 'step.start':
      readStart(message, key, asObject(body['step']) ?? {});
      break;
    case 'step.delta':
      readDelta(message, key, asObject(body['delta']) ?? {});
      break;
  }
}

/** A step may start with content. The arguments of a call follow. */
function readStart(message: StreamedMessage, key: string, step: JsonObject): void {
  if (step['type'] === 'function_call') message.call(key, step['id'], step['name']);
  else for (const part of stepParts(step)) if (!('content' in part)) message.push(part);
  for (const { text } of contents(step['content'])) message.text('text', text, `text ${key}`);
}

function readDelta(message: StreamedMessage, key: string, delta: JsonObject): void {
  switch (delta['type']) {
    case 'text':
      message.text('text', delta['text'], `text ${key}`);
      break;
    case 'thought_summary':
      message.text('reasoning', asObject(delta['content'])?.['text'], `thought ${key}`);
      break;
    case 'arguments_delta':
    case 'arguments':
      message.callArguments(key, delta['arguments']);
      break;
    case 'text_annotation':
      message.counts.sources += 1;
      break;
    case 'thought_signature':
      break;
    default:
      message.push(serverToolPart(delta) ?? contentPart(delta));
  }
}
