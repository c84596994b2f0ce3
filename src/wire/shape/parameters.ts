import { asObject, type JsonObject } from '../json/json.js';
import { strictFlaws } from './schema.js';
import { kindOf, protocolWord, toolName } from './words.js';

/** Members that hold what the rest of the shape tells. */
const STRUCTURE: ReadonlySet<string> = new Set([
  'contents',
  'functions',
  'input',
  'inputs',
  'inputText',
  'instructions',
  'messages',
  'model',
  'system',
  'system_instruction',
  'systemInstruction',
  'tools',
]);

/** Objects whose members are parameters too. */
const NESTED: ReadonlySet<string> = new Set([
  'allowed_tools',
  'completion_args',
  'format',
  'function_calling_config',
  'functionCallingConfig',
  'generation_config',
  'generationConfig',
  'inferenceConfig',
  'json_schema',
  'options',
  'output_config',
  'output_format',
  'reasoning',
  'response_format',
  'responseFormat',
  'stream_options',
  'text',
  'thinking',
  'thinking_config',
  'thinkingConfig',
  'tool_choice',
  'tool_config',
  'toolChoice',
  'toolConfig',
]);

/** Parameters that take one of a few words of the protocol. */
const CHOICES: ReadonlySet<string> = new Set([
  'effort',
  'function_call',
  'mode',
  'modality',
  'reasoning_effort',
  'response_mime_type',
  'responseMimeType',
  'service_tier',
  'summary',
  'tool_choice',
  'truncation',
  'type',
  'verbosity',
]);

/** Parameters that take a number; of any other member the number might be somebody's. */
const NUMBERS: ReadonlySet<string> = new Set([
  'budget_tokens',
  'candidate_count',
  'candidateCount',
  'frequency_penalty',
  'frequencyPenalty',
  'k',
  'logprobs',
  'max_completion_tokens',
  'max_output_tokens',
  'max_tokens',
  'maxOutputTokens',
  'maxTokens',
  'n',
  'num_ctx',
  'num_predict',
  'p',
  'presence_penalty',
  'presencePenalty',
  'seed',
  'temperature',
  'thinking_budget',
  'thinkingBudget',
  'top_k',
  'top_logprobs',
  'top_p',
  'topK',
  'topP',
]);

const CHOICE = /^[a-zA-Z][a-zA-Z0-9_/-]{0,29}$/;
const MAX_MEMBERS = 40;
const MAX_DEPTH = 3;

/** A number as it is, a word of the protocol, a flag, else what kind of value it is. */
export type ShapedParameter = number | boolean | string | null | { readonly [name: string]: ShapedParameter };

/**
 * The parameters of a request, those that nobody knows included: their names, and of their values the numbers,
 * flags and choices of the protocol.
 */
export function shapedParameters(body: JsonObject, depth = 1): Readonly<Record<string, ShapedParameter>> {
  const members = Object.entries(body).filter(([name]) => depth > 1 || !STRUCTURE.has(name));
  const shaped = members
    .slice(0, MAX_MEMBERS)
    .map(([name, value]) => [protocolWord(name), shapedParameter(name, value, depth)] as const);
  return Object.fromEntries(shaped);
}

function shapedParameter(name: string, value: unknown, depth: number): ShapedParameter {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return NUMBERS.has(name) ? value : 'number';
  if (name === 'name' && depth > 1) return toolName(value);
  if (typeof value === 'string') return CHOICES.has(name) && CHOICE.test(value) ? value : kindOf(value);
  const members = asObject(value);
  if (name === 'schema' && depth > 1) return [kindOf(value), ...strictFlaws(value)].join(', ');
  const isNested = members !== undefined && NESTED.has(name) && depth < MAX_DEPTH;
  return isNested ? shapedParameters(members, depth + 1) : kindOf(value);
}
