import { cut, type MessagePart, TEXT_LENGTH, type ToolDefinition } from '../content.js';
import { boundedValue, cutText } from '../facts/bounded-value.js';
import { defined } from '../facts/defined.js';
import { asLabel } from '../facts/label.js';
import { asList, asObject, asText, type JsonObject, parsed } from '../json/json.js';
import { contentParts } from './content.js';

/** `tools` of both APIs: functions, custom tools, and built-in ones, which have no name but their type. */
export function toolDefinitions(tools: unknown): ToolDefinition[] {
  return asList(tools).flatMap((value) => {
    const tool = asObject(value);
    return tool === undefined ? [] : toolDefinition(tool);
  });
}

function toolDefinition(tool: JsonObject): ToolDefinition {
  const told = toldOf(tool);
  const type = asLabel(tool['type']) ?? 'function';
  const description = asText(told['description']);
  return {
    type,
    name: asLabel(told['name']) ?? asLabel(told['server_label']) ?? type,
    ...defined({
      description: description === undefined ? undefined : cut(description, TEXT_LENGTH),
      parameters: asObject(told['parameters']),
    }),
  };
}

/** `auto`, `none`, `required`, the name of the tool, or the type of a built-in one. */
export function toolChoice(value: unknown): string | undefined {
  const choice = asObject(value);
  if (choice === undefined) return asLabel(value);
  const allowed = asObject(choice['allowed_tools']) ?? choice;
  return asLabel(toldOf(choice)['name']) ?? asLabel(allowed['mode']) ?? asLabel(choice['type']);
}

/** An entry of `tool_calls`. */
export function chatToolCall(value: unknown): MessagePart | undefined {
  const call = asObject(value);
  if (call === undefined) return undefined;
  const custom = asObject(call['custom']);
  if (custom !== undefined) return toolCall(call['id'], custom['name'], customInput(custom['input']));
  const called = asObject(call['function']);
  return toolCall(call['id'], called?.['name'], functionArguments(called?.['arguments']));
}

/** @param given the arguments, bounded; left out where there are none */
export function toolCall(id: unknown, name: unknown, given: unknown): MessagePart {
  return {
    type: 'tool_call',
    ...defined({ id: asLabel(id) || undefined }),
    name: asLabel(name) ?? '',
    ...(given === undefined || given === '' ? {} : { arguments: given }),
  };
}

/** What a tool gave back: a text, or a list of parts where it is one. */
export function toolResponse(id: unknown, content: unknown): MessagePart {
  const response = Array.isArray(content) ? contentParts(content) : boundedValue(content);
  return { type: 'tool_call_response', ...defined({ id: asLabel(id), response }) };
}

/**
 * The arguments of a function, which are JSON as text, or with some providers JSON itself. Read where they are
 * short enough; models also write what is broken, or stop in the middle: that stays text.
 *
 * @param fullLength of the text, where not all of it is given
 */
export function functionArguments(given: unknown, fullLength?: number): unknown {
  if (typeof given !== 'string') return boundedValue(given);
  if (given.length > TEXT_LENGTH) return cutText(given, fullLength ?? given.length);
  return boundedValue(parsed(given)) ?? given;
}

/** The input of a custom tool, which is any text. */
export function customInput(given: unknown, fullLength?: number): unknown {
  const text = asText(given);
  if (text === undefined || text.length <= TEXT_LENGTH) return text;
  return cutText(text, fullLength ?? text.length);
}

/** What Chat Completions nests under the tool's type, and Responses has beside it. */
function toldOf(tool: JsonObject): JsonObject {
  return asObject(tool['function']) ?? asObject(tool['custom']) ?? tool;
}
