import { cut, TEXT_LENGTH, type ToolDefinition, textPart } from '../content.js';
import { defined } from '../facts/defined.js';
import { asLabel } from '../facts/label.js';
import { optionCount } from '../facts/option-count.js';
import { textsIn } from '../facts/texts-in.js';
import type { RequestFacts, RequestParameters } from '../format.js';
import { asCount, asList, asNumber, asText, type JsonObject } from '../json/json.js';
import { listOf, membersOf } from './members.js';
import { messageOf, partsOf } from './parts.js';

/** Members of a request, and of its `generationConfig`, that the facts come from. */
const READ: ReadonlySet<string> = new Set([
  'model',
  'contents',
  'systemInstruction',
  'generationConfig',
  'tools',
  'toolConfig',
]);
const READ_OF_CONFIG: ReadonlySet<string> = new Set([
  'temperature',
  'topP',
  'topK',
  'maxOutputTokens',
  'frequencyPenalty',
  'presencePenalty',
  'seed',
  'candidateCount',
  'stopSequences',
  'responseMimeType',
]);

export function readGeminiRequest(value: unknown): RequestFacts {
  const body = membersOf(value);
  const config = membersOf(body?.['generationConfig']);
  const system = body?.['systemInstruction'];
  return {
    model: asLabel(body?.['model']),
    operation: undefined,
    parameters: parametersOf(config),
    outputType: config?.['responseMimeType'] === 'application/json' ? 'json' : undefined,
    systemInstructions: typeof system === 'string' ? [textPart('text', system)] : partsOf(system),
    messages: listOf(body?.['contents']).map(messageOf),
    toolDefinitions: listOf(body?.['tools']).flatMap(toolDefinitions),
    toolChoice: toolChoice(membersOf(membersOf(body?.['toolConfig'])?.['functionCallingConfig'])),
    optionCount: optionCount(body, READ) + optionCount(config, READ_OF_CONFIG),
  };
}

function parametersOf(config: JsonObject | undefined): RequestParameters {
  const choiceCount = asCount(config?.['candidateCount']);
  return defined({
    temperature: asNumber(config?.['temperature']),
    topP: asNumber(config?.['topP']),
    topK: asNumber(config?.['topK']),
    maxTokens: asCount(config?.['maxOutputTokens']),
    frequencyPenalty: asNumber(config?.['frequencyPenalty']),
    presencePenalty: asNumber(config?.['presencePenalty']),
    seed: asNumber(config?.['seed']),
    choiceCount: choiceCount === 1 ? undefined : choiceCount,
    stopSequences: textsIn(config?.['stopSequences']),
  });
}

/** A tool is a list of functions, or one of the provider's own, which its name says: `googleSearch`. */
function toolDefinitions(value: unknown): readonly ToolDefinition[] {
  const tool = membersOf(value) ?? {};
  return Object.keys(tool).flatMap((name) => {
    if (name !== 'functionDeclarations')
      return [{ type: asLabel(name) ?? name, name: asLabel(name) ?? name }];
    return listOf(tool[name]).flatMap(functionDefinition);
  });
}

function functionDefinition(value: unknown): readonly ToolDefinition[] {
  const declaration = membersOf(value);
  const name = asLabel(declaration?.['name']);
  if (name === undefined) return [];
  const description = asText(declaration?.['description']);
  return [
    {
      type: 'function',
      name,
      ...defined({
        description: description && cut(description, TEXT_LENGTH),
        parameters: declaration?.['parameters'] ?? declaration?.['parametersJsonSchema'],
      }),
    },
  ];
}

function toolChoice(config: JsonObject | undefined): string | undefined {
  const allowed = asList(config?.['allowedFunctionNames']);
  switch (config?.['mode']) {
    case 'AUTO':
    case 'VALIDATED':
      return 'auto';
    case 'NONE':
      return 'none';
    case 'ANY':
      return (allowed.length === 1 ? asLabel(allowed[0]) : undefined) ?? 'required';
    default:
      return undefined;
  }
}
