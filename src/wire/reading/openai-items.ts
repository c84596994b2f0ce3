import { type Message, type MessagePart, textPart } from '../content.js';
import type { ResponseFacts } from '../format.js';
import { asLabel, asList, asObject, asText, type JsonObject } from '../json/json.js';
import { contentParts, type TextReader } from './openai-content.js';
import { customInput, functionArguments, toolCall, toolResponse } from './openai-request.js';
import { readUsage } from './openai-usage.js';
import { defined, serverToolCall, serverToolResponse, unreadPart } from './values.js';

/** Reads a response of the Responses API. It has a single choice, without a message if there is no output. */
export function readResponse(value: unknown, text?: TextReader): ResponseFacts {
  const body = asObject(value) ?? {};
  const reason = finishReason(body);
  const parts = outputParts(body['output'], text);
  return {
    id: asLabel(body['id']),
    model: asLabel(body['model']),
    finishReasons: reason === undefined ? [] : [reason],
    usage: readUsage(asObject(body['usage'])),
    serviceTier: asLabel(body['service_tier']),
    output: parts.length === 0 ? [] : [{ role: 'assistant', parts, ...defined({ finish_reason: reason }) }],
    warningCount: 0,
  };
}

/** Statuses that are not finish reasons. */
const UNFINISHED: ReadonlySet<unknown> = new Set(['queued', 'in_progress']);

/** The reason of an incomplete response, else its final status. */
function finishReason(body: JsonObject): string | undefined {
  const details = asObject(body['incomplete_details']) ?? asObject(body['status_details']);
  const reason = asLabel(details?.['reason']);
  if (reason) return reason;
  return UNFINISHED.has(body['status']) ? undefined : asLabel(body['status']);
}

/** Reads `input`: a text or a list of items, each recorded as a message. */
export function inputMessages(input: unknown): Message[] {
  if (typeof input === 'string') return [{ role: 'user', parts: contentParts(input) }];
  return asList(input).flatMap((value) => {
    const item = asObject(value);
    return item === undefined ? [] : { role: roleOf(item), parts: itemParts(item) };
  });
}

/** Reads `output`: its items are the parts of a single message. */
function outputParts(output: unknown, text?: TextReader): MessagePart[] {
  return asList(output).flatMap((value) => {
    const item = asObject(value);
    return item === undefined ? [] : itemParts(item, text);
  });
}

/**
 * Returns the parts of an item. Reasoning has a summary and, with open models, a text; encrypted content is never
 * read. A server tool call contains its result. Item references and unknown items have only type and size.
 */
export function itemParts(item: JsonObject, text: TextReader = textPart): MessagePart[] {
  const id = item['call_id'];
  const name = item['name'];
  switch (typeOf(item)) {
    case 'message':
      return contentParts(item['content'], text);
    case 'reasoning':
      return [...contentParts(item['summary'], text), ...contentParts(item['content'], text)];
    case 'function_call':
      return [toolCall(id, name, functionArguments(item['arguments']))];
    case 'custom_tool_call':
      return [toolCall(id, name, customInput(item['input']))];
    case 'function_call_output':
    case 'custom_tool_call_output':
      return [toolResponse(id, item['output'])];
    case 'compaction':
      return [{ type: 'compaction', ...defined({ id: asLabel(item['id']) }) }];
    default:
      return serverToolParts(item) ?? [unreadPart(item['type'], item)];
  }
}

/** Server tools by item type, with the members of their input and their result. */
const SERVER_TOOLS: ReadonlyMap<
  unknown,
  readonly [tool: string, given: readonly string[], result: readonly string[]]
> = new Map([
  ['web_search_call', ['web_search', ['action'], []]],
  ['file_search_call', ['file_search', ['queries'], ['results']]],
  ['code_interpreter_call', ['code_interpreter', ['code', 'container_id'], ['outputs']]],
  ['image_generation_call', ['image_generation', ['revised_prompt', 'size', 'quality', 'background'], []]],
  ['mcp_call', ['mcp', ['server_label', 'arguments'], ['output', 'error']]],
]);

function serverToolParts(item: JsonObject): MessagePart[] | undefined {
  const tool = SERVER_TOOLS.get(item['type']);
  if (tool === undefined) return undefined;
  const [type, given, result] = tool;
  const call = serverToolCall(item['id'], item['name'] ?? type, type, membersOf(item, given));
  const members = membersOf(item, result);
  return Object.keys(members).length === 0 ? [call] : [call, serverToolResponse(item['id'], type, members)];
}

/** Returns the present members, which may be `null` while the tool runs. Arguments are JSON text. */
function membersOf(item: JsonObject, names: readonly string[]): JsonObject {
  const members = names.map((name) => [name, item[name]] as const).filter(([, value]) => value != null);
  return Object.fromEntries(
    members.map(([name, value]) => [name, name === 'arguments' ? functionArguments(value) : value]),
  );
}

/** A message may lack its type. */
function typeOf(item: JsonObject): unknown {
  return item['type'] ?? (item['role'] === undefined ? undefined : 'message');
}

function roleOf(item: JsonObject): string {
  const isResponse = asText(item['type'])?.endsWith('_output') ?? false;
  return asLabel(item['role']) ?? (isResponse ? 'tool' : 'assistant');
}
