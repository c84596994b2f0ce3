import { asObject, type JsonObject } from '../json/json.js';
import { strictFlaws } from './parts.js';
import { protocolWord, type ShapedMessage, type ShapedPart, toolName, valueKind } from './words.js';

interface Call {
  readonly number: number;
  /** The index of its message. */
  readonly at: number;
  isAnswered: boolean;
}

export interface NumberedPart extends ShapedPart {
  readonly number?: number;
}

export interface NumberedMessage {
  readonly role: string;
  readonly parts: readonly NumberedPart[];
}

/**
 * Numbers tool calls and their results instead of showing ids. Adds flaws for a call without a result, a result
 * without an earlier call, and a duplicate id.
 */
export function numberCalls(messages: readonly ShapedMessage[]): NumberedMessage[] {
  const calls = new Map<string, Call>();
  const ids = new Set(messages.flatMap(({ parts }) => parts.map((part) => idOfCall(part))));
  let number = 0;
  const numbered = messages.map(({ role, parts }, at) => ({
    role,
    parts: parts.map((part): NumberedPart => {
      const { call } = part;
      if (call === undefined) return part;
      if (call.id === undefined) return withFlaw(part, 'no id');
      const known = calls.get(call.id);
      if (call.is === 'call') {
        if (known !== undefined) return withFlaw({ ...part, number: known.number }, 'id again');
        number += 1;
        calls.set(call.id, { number, at, isAnswered: false });
        return { ...part, number };
      }
      if (known === undefined) {
        return withFlaw(part, ids.has(call.id) ? 'before its call' : 'no call has its id');
      }
      const isAgain = known.isAnswered;
      known.isAnswered = true;
      const answer = { ...part, number: known.number };
      if (isAgain) return withFlaw(answer, 'result again');
      return isDirect(messages, known.at, at) ? answer : withFlaw(answer, 'other messages between');
    }),
  }));
  const open = new Set([...calls.values()].filter(({ isAnswered }) => !isAnswered).map((one) => one.number));
  return numbered.map(({ role, parts }) => ({
    role,
    parts: parts.map((part) => (isOpen(part, open) ? withFlaw(part, 'no result') : part)),
  }));
}

function idOfCall({ call }: ShapedPart): string | undefined {
  return call?.is === 'call' ? call.id : undefined;
}

function isOpen({ call, number }: NumberedPart, open: ReadonlySet<number>): boolean {
  return call?.is === 'call' && number !== undefined && open.has(number);
}

function withFlaw(part: NumberedPart, flaw: string): NumberedPart {
  return { ...part, flaws: [...(part.flaws ?? []), flaw] };
}

/** Whether only tool calls and results are between a call and its result. */
function isDirect(messages: readonly ShapedMessage[], from: number, to: number): boolean {
  return messages
    .slice(from + 1, to)
    .every(({ parts }) => parts.length > 0 && parts.every(({ call }) => call !== undefined));
}

/** Members that other parts of the shape represent. */
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

/** Objects whose members are parameters. */
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

/** Numeric parameters. The number of any other member may be personal data. */
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

/** A number, a protocol word, a boolean, else the kind of the value. */
type ShapedParameter = number | boolean | string | null | { readonly [name: string]: ShapedParameter };

/**
 * The parameters of a request, including unknown ones: their names and, for known ones, numbers, booleans and
 * protocol words.
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
  if (typeof value === 'string') return CHOICES.has(name) && CHOICE.test(value) ? value : valueKind(value);
  const members = asObject(value);
  if (name === 'schema' && depth > 1) return [valueKind(value), ...strictFlaws(value)].join(', ');
  const isNested = members !== undefined && NESTED.has(name) && depth < MAX_DEPTH;
  return isNested ? shapedParameters(members, depth + 1) : valueKind(value);
}
