import { type Message, type MessagePart, textPart } from '../content.js';
import { unreadPart } from '../facts/bounded-value.js';
import { asLabel } from '../facts/label.js';
import { asList, asObject, asText, type JsonObject } from '../json/json.js';
import { contentParts, type TextReader } from './content.js';
import { customInput, functionArguments, toolCall, toolResponse } from './tools.js';

/** `input` of a request: a text, or a list of items, each of them a message here. */
export function inputMessages(input: unknown): Message[] {
  if (typeof input === 'string') return [{ role: 'user', parts: contentParts(input) }];
  return asList(input).flatMap((value) => {
    const item = asObject(value);
    return item === undefined ? [] : { role: roleOf(item), parts: itemParts(item) };
  });
}

/** `output` of an answer: its items are the parts of one message. */
export function outputParts(output: unknown, text?: TextReader): MessagePart[] {
  return asList(output).flatMap((value) => {
    const item = asObject(value);
    return item === undefined ? [] : itemParts(item, text);
  });
}

/**
 * What an item holds. Of reasoning that is its summary and, with open models, its text; what is encrypted is
 * never read. Calls of built-in tools, and references to items, are told by type and size.
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
    default:
      return [unreadPart(item['type'], item)];
  }
}

/** A message may be without a type. */
function typeOf(item: JsonObject): unknown {
  return item['type'] ?? (item['role'] === undefined ? undefined : 'message');
}

function roleOf(item: JsonObject): string {
  const isResponse = asText(item['type'])?.endsWith('_output') ?? false;
  return asLabel(item['role']) ?? (isResponse ? 'tool' : 'assistant');
}
