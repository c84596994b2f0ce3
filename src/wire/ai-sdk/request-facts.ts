import type { StepOperation } from '../../types.js';
import { cut, type Message, TEXT_LENGTH, type ToolDefinition, textPart } from '../content.js';
import { defined } from '../facts/defined.js';
import { asLabel } from '../facts/label.js';
import { textsIn } from '../facts/texts-in.js';
import type { RequestFacts, RequestParameters } from '../format.js';
import { asCount, asList, asNumber, asObject, asText, type JsonObject } from '../json/json.js';
import { partOf } from './parts.js';
import { plainCopy } from './plain-copy.js';

/** Options of a call that the facts come from, or that are about the call rather than for the model. */
const READ: ReadonlySet<string> = new Set([
  'prompt',
  'maxOutputTokens',
  'temperature',
  'stopSequences',
  'topP',
  'topK',
  'presencePenalty',
  'frequencyPenalty',
  'responseFormat',
  'seed',
  'tools',
  'toolChoice',
  'providerOptions',
  'abortSignal',
  'headers',
  'includeRawChunks',
]);

/**
 * What the options of a call say (reference row R17), as they are at this moment: a model may change them.
 *
 * @param value `LanguageModelV2CallOptions`, or those of v3 or v4
 * @param model what the model is called
 */
export function requestFacts(value: unknown, operation: StepOperation, model: unknown): RequestFacts {
  const options = asObject(value) ?? {};
  const prompt = asList(options['prompt']).map(asObject);
  const instructions = prompt.findIndex((message) => message?.['role'] !== 'system');
  const first = instructions < 0 ? prompt.length : instructions;
  return {
    model: asLabel(model),
    operation,
    parameters: parametersOf(options),
    outputType: asObject(options['responseFormat'])?.['type'] === 'json' ? 'json' : undefined,
    systemInstructions: prompt.slice(0, first).flatMap((message) => partsOf(message?.['content'])),
    messages: prompt.slice(first).map(messageOf),
    toolDefinitions: asList(options['tools']).flatMap(toolDefinition),
    toolChoice: toolChoice(asObject(options['toolChoice'])),
    optionCount: optionCount(options),
  };
}

function parametersOf(options: JsonObject): RequestParameters {
  return defined({
    temperature: asNumber(options['temperature']),
    topP: asNumber(options['topP']),
    topK: asNumber(options['topK']),
    maxTokens: asCount(options['maxOutputTokens']),
    frequencyPenalty: asNumber(options['frequencyPenalty']),
    presencePenalty: asNumber(options['presencePenalty']),
    seed: asNumber(options['seed']),
    stopSequences: textsIn(options['stopSequences']),
  });
}

function messageOf(message: JsonObject | undefined): Message {
  return { role: asLabel(message?.['role']) ?? 'user', parts: partsOf(message?.['content']) };
}

/** A system message has a text, every other a list. */
function partsOf(content: unknown): Message['parts'] {
  return typeof content === 'string' ? [textPart('text', content)] : asList(content).map(partOf);
}

/** Those of the provider have an id (`openai.web_search`) where those of the application have a schema. */
function toolDefinition(value: unknown): readonly ToolDefinition[] {
  const tool = asObject(value);
  const name = asLabel(tool?.['name']);
  if (tool === undefined || name === undefined) return [];
  const description = asText(tool['description']);
  return [
    {
      type: asLabel(tool['id']) ?? asLabel(tool['type']) ?? 'function',
      name,
      ...defined({
        description: description && cut(description, TEXT_LENGTH),
        parameters: plainCopy(tool['inputSchema']),
      }),
    },
  ];
}

function toolChoice(choice: JsonObject | undefined): string | undefined {
  return asLabel(choice?.['type'] === 'tool' ? choice['toolName'] : choice?.['type']);
}

/** Those for one provider alone, and those that are newer than this list. */
function optionCount(options: JsonObject): number {
  const ofProviders = Object.values(asObject(options['providerOptions']) ?? {});
  const others = Object.keys(options).filter((name) => !READ.has(name) && options[name] !== undefined);
  return ofProviders.reduce<number>(
    (count, members) => count + Object.keys(asObject(members) ?? {}).length,
    others.length,
  );
}
