import { cut, type MessagePart, TEXT_LENGTH, type ToolDefinition } from '../content.js';
import type { RequestParameters } from '../format.js';
import { asLabel, asList, asNumber, asObject, asText, type JsonObject, parsed } from '../json/json.js';
import { contentParts } from './openai-content.js';
import { boundedValue, cutText, defined } from './values.js';

/** Reads `tools` of both APIs: functions, custom tools and built-in tools, which have only a type. */
export function toolDefinitions(tools: unknown): ToolDefinition[] {
  return asList(tools).flatMap((value) => {
    const tool = asObject(value);
    return tool === undefined ? [] : toolDefinition(tool);
  });
}

function toolDefinition(tool: JsonObject): ToolDefinition {
  const members = toolMembers(tool);
  const type = asLabel(tool['type']) ?? 'function';
  const description = asText(members['description']);
  return {
    type,
    name: asLabel(members['name']) ?? asLabel(members['server_label']) ?? type,
    ...defined({
      description: description === undefined ? undefined : cut(description, TEXT_LENGTH),
      parameters: asObject(members['parameters']),
    }),
  };
}

/** Returns `auto`, `none`, `required`, the name of a tool or the type of a built-in tool. */
export function toolChoice(value: unknown): string | undefined {
  const choice = asObject(value);
  if (choice === undefined) return asLabel(value);
  const allowed = asObject(choice['allowed_tools']) ?? choice;
  return asLabel(toolMembers(choice)['name']) ?? asLabel(allowed['mode']) ?? asLabel(choice['type']);
}

export function chatToolCall(value: unknown): MessagePart | undefined {
  const call = asObject(value);
  if (call === undefined) return undefined;
  const custom = asObject(call['custom']);
  if (custom !== undefined) return toolCall(call['id'], custom['name'], customInput(custom['input']));
  const called = asObject(call['function']);
  return toolCall(call['id'], called?.['name'], functionArguments(called?.['arguments']));
}

/** @param given the bounded arguments; omitted if `undefined` */
export function toolCall(id: unknown, name: unknown, given: unknown): MessagePart {
  return {
    type: 'tool_call',
    ...defined({ id: asLabel(id) || undefined }),
    name: asLabel(name) ?? '',
    ...(given === undefined || given === '' ? {} : { arguments: given }),
  };
}

/** Returns the part of a tool result: a text or a list of parts. */
export function toolResponse(id: unknown, content: unknown): MessagePart {
  const response = Array.isArray(content) ? contentParts(content) : boundedValue(content);
  return { type: 'tool_call_response', ...defined({ id: asLabel(id), response }) };
}

/**
 * Reads the arguments of a function: JSON text or, with some providers, parsed JSON. Parses the text if it is short
 * enough. Invalid or truncated JSON stays text.
 *
 * @param fullLength the length of the whole text, if `given` is truncated
 */
export function functionArguments(given: unknown, fullLength?: number): unknown {
  if (typeof given !== 'string') return boundedValue(given);
  if (given.length > TEXT_LENGTH) return cutText(given, fullLength ?? given.length);
  return boundedValue(parsed(given)) ?? given;
}

/** Reads the input of a custom tool, which is plain text. */
export function customInput(given: unknown, fullLength?: number): unknown {
  const text = asText(given);
  if (text === undefined || text.length <= TEXT_LENGTH) return text;
  return cutText(text, fullLength ?? text.length);
}

/** Chat Completions nests the definition below the tool's type; Responses does not. */
function toolMembers(tool: JsonObject): JsonObject {
  return asObject(tool['function']) ?? asObject(tool['custom']) ?? tool;
}

/** Reads `gen_ai.request.*` from the members of both APIs. Omits the default of one choice. */
export function requestParameters(body: JsonObject): RequestParameters {
  const choices = asNumber(body['n']);
  const stop = typeof body['stop'] === 'string' ? [body['stop']] : asList(body['stop']);
  return defined({
    temperature: asNumber(body['temperature']),
    topP: asNumber(body['top_p']),
    topK: asNumber(body['top_k']),
    maxTokens:
      asNumber(body['max_completion_tokens']) ??
      asNumber(body['max_output_tokens']) ??
      asNumber(body['max_tokens']),
    frequencyPenalty: asNumber(body['frequency_penalty']),
    presencePenalty: asNumber(body['presence_penalty']),
    seed: asNumber(body['seed']),
    choiceCount: choices === 1 ? undefined : choices,
    stopSequences: stop.length === 0 ? undefined : stop.filter((one) => typeof one === 'string'),
    reasoningLevel: asLabel(body['reasoning_effort']) ?? asLabel(asObject(body['reasoning'])?.['effort']),
    previousResponseId: asLabel(body['previous_response_id']),
    serviceTier: asLabel(body['service_tier']),
  });
}

export const PARAMETER_NAMES = [
  'temperature',
  'top_p',
  'top_k',
  'max_tokens',
  'max_completion_tokens',
  'max_output_tokens',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'n',
  'stop',
  'reasoning_effort',
  'previous_response_id',
  'service_tier',
] as const;

/** Whether `response_format`, or `text.format` in Responses, requests JSON, with or without a schema. */
export function asksForJson(format: unknown): boolean {
  const type = asObject(format)?.['type'];
  return type === 'json_schema' || type === 'json_object';
}
