import { cut, TEXT_LENGTH, type ToolDefinition } from '../content.js';
import { defined } from '../facts/defined.js';
import { asLabel } from '../facts/label.js';
import { optionCount } from '../facts/option-count.js';
import { textsIn } from '../facts/texts-in.js';
import type { RequestFacts, RequestParameters } from '../format.js';
import { asCount, asList, asNumber, asObject, asText, type JsonObject } from '../json/json.js';
import { messageOf, partsOf } from './parts.js';

/** Members of a request that the facts come from. */
const READ: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'system',
  'messages',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'tools',
  'tool_choice',
  'output_format',
  'output_config',
]);

export function readAnthropicRequest(value: unknown): RequestFacts {
  const body = asObject(value);
  return {
    model: asLabel(body?.['model']),
    operation: body && (body['stream'] === true ? 'stream' : 'generate'),
    parameters: parametersOf(body),
    outputType: outputType(body),
    systemInstructions: partsOf(body?.['system']),
    messages: asList(body?.['messages']).map(messageOf),
    toolDefinitions: asList(body?.['tools']).flatMap(toolDefinition),
    toolChoice: toolChoice(asObject(body?.['tool_choice'])),
    optionCount: optionCount(body, READ),
  };
}

function parametersOf(body: JsonObject | undefined): RequestParameters {
  return defined({
    temperature: asNumber(body?.['temperature']),
    topP: asNumber(body?.['top_p']),
    topK: asNumber(body?.['top_k']),
    maxTokens: asCount(body?.['max_tokens']),
    stopSequences: textsIn(body?.['stop_sequences']),
  });
}

/** Structured output was asked for by `output_format`, and is now by `output_config`. */
function outputType(body: JsonObject | undefined): string | undefined {
  const format = asObject(asObject(body?.['output_config'])?.['format']) ?? asObject(body?.['output_format']);
  return format?.['type'] === 'json_schema' ? 'json' : undefined;
}

/** Tools of the application have no type, or `custom`; those of the provider a dated one. */
function toolDefinition(value: unknown): readonly ToolDefinition[] {
  const tool = asObject(value);
  const type = asLabel(tool?.['type']) ?? 'custom';
  const name = asLabel(tool?.['name']) ?? asLabel(tool?.['mcp_server_name']) ?? asLabel(tool?.['type']);
  if (name === undefined) return [];
  const description = asText(tool?.['description']);
  return [
    {
      type: type === 'custom' ? 'function' : type,
      name,
      ...defined({
        description: description && cut(description, TEXT_LENGTH),
        parameters: tool?.['input_schema'],
      }),
    },
  ];
}

function toolChoice(choice: JsonObject | undefined): string | undefined {
  switch (choice?.['type']) {
    case 'auto':
      return 'auto';
    case 'none':
      return 'none';
    case 'any':
      return 'required';
    case 'tool':
      return asLabel(choice['name']);
    default:
      return undefined;
  }
}
