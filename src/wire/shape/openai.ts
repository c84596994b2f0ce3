import { asList, asObject, type JsonObject } from '../json/json.js';
import { asksForJson } from '../reading/openai-request.js';
import {
  callPart,
  resultPart,
  shapedContent,
  shapedFunctions,
  shapedInput,
  shapedInstructions,
  shapedMessage,
  textPart,
  typedPart,
} from './parts.js';
import {
  charactersIn,
  protocolWord,
  roleWord,
  type ShapedMessage,
  type ShapedPart,
  type ShapedRequest,
  valueKind,
} from './words.js';

export function shapeOfResponses(body: JsonObject): ShapedRequest {
  const { instructions } = body;
  return {
    system: shapedInstructions(instructions),
    messages: shapedInput(body['input'], itemOf),
    tools: shapedFunctions(body['tools']),
    isStructured: asksForJson(asObject(body['text'])?.['format']),
  };
}

function itemOf(value: unknown): ShapedMessage {
  return shapedMessage(value, (item) => {
    const { type } = item;
    const isMessage = type === 'message' || (type === undefined && 'role' in item);
    if (isMessage) return { role: roleWord(item['role']), parts: shapedContent(item['content'], typedPart) };
    return { role: protocolWord(type), parts: [partOf(item)] };
  });
}

function partOf(item: JsonObject): ShapedPart {
  const id = item['call_id'];
  switch (item['type']) {
    case 'function_call':
      return callPart('call', id, item['name'], item['arguments'], 'text');
    case 'custom_tool_call':
      return callPart('call', id, item['name'], item['input'], 'any');
    case 'function_call_output':
    case 'custom_tool_call_output':
      return resultPart('result', id, item['output']);
    default:
      return { type: 'item', size: charactersIn(item), flaws: 'id' in item ? [] : ['no id'] };
  }
}

export function shapeOfCompletions({ prompt, suffix }: JsonObject): ShapedRequest {
  const prompts = promptMessages(prompt);
  const hasSuffix = suffix !== undefined && suffix !== null && typeof prompts !== 'string';
  return {
    system: [],
    messages: hasSuffix ? [...prompts, { role: 'suffix', parts: [textPart(suffix)] }] : prompts,
    tools: [],
    isStructured: false,
  };
}

/** A text, a list of texts, or token ids as one list or one list per prompt. */
function promptMessages(prompt: unknown): readonly ShapedMessage[] | string {
  if (typeof prompt === 'string') return [{ role: 'user', parts: [textPart(prompt)] }];
  if (!Array.isArray(prompt) || prompt.some((one) => typeof one === 'number')) return valueKind(prompt);
  return prompt.map((one) => ({
    role: 'user',
    parts: [typeof one === 'string' ? textPart(one) : { type: 'tokens', flaws: [valueKind(one)] }],
  }));
}

export function shapeOfChat(body: JsonObject): ShapedRequest {
  const messages = body['messages'];
  return {
    system: [],
    messages: Array.isArray(messages) ? messages.map(messageOf) : valueKind(messages),
    tools: shapedFunctions(body['tools'] ?? body['functions']),
    isStructured: asksForJson(body['response_format']),
  };
}

function messageOf(value: unknown): ShapedMessage {
  return shapedMessage(value, (message) => {
    const { role } = message;
    return {
      role: roleWord(role),
      parts: [...contentParts(message), ...callsIn(message), ...otherParts(message)],
    };
  });
}

function contentParts(message: JsonObject): ShapedPart[] {
  const { role, content } = message;
  if (role === 'tool') return [resultPart('result', message['tool_call_id'], content)];
  if (role === 'function') return [resultPart('result', message['name'], content)];
  // A message with tool calls, a refusal or audio may have no content.
  const isCall = ['tool_calls', 'function_call', 'refusal', 'audio'].some((name) => Boolean(message[name]));
  return (content ?? undefined) === undefined && isCall ? [] : shapedContent(content, typedPart);
}

function callsIn(message: JsonObject): ShapedPart[] {
  const calls = message['tool_calls'];
  const called = asObject(message['function_call']);
  if (called !== undefined) {
    return [callPart('call', called['name'], called['name'], called['arguments'], 'text')];
  }
  if (calls === undefined || calls === null) return [];
  if (!Array.isArray(calls)) return [{ type: 'tool_calls', flaws: [valueKind(calls)] }];
  return calls.length === 0 ? [{ type: 'tool_calls', flaws: ['empty list'] }] : calls.map(callOf);
}

function callOf(value: unknown): ShapedPart {
  const call = asObject(value);
  const custom = asObject(call?.['custom']);
  if (custom !== undefined) return callPart('call', call?.['id'], custom['name'], custom['input'], 'any');
  const called = asObject(call?.['function']);
  const part = callPart('call', call?.['id'], called?.['name'], called?.['arguments'], 'text');
  const hasType = call?.['type'] === 'function';
  return hasType ? part : { ...part, flaws: [...(part.flaws ?? []), `type: ${valueKind(call?.['type'])}`] };
}

/** A `name` must match a pattern, and some providers reject unknown members. */
function otherParts(message: JsonObject): ShapedPart[] {
  const { name } = message;
  const parts: ShapedPart[] = [];
  if (message['refusal']) parts.push(textPart(message['refusal'], 'refusal'));
  if (name !== undefined && !(typeof name === 'string' && /^[a-zA-Z0-9_-]{1,64}$/.test(name))) {
    parts.push({ type: 'name', flaws: [`invalid: ${valueKind(name)}`] });
  }
  if (message['role'] !== 'tool' && message['tool_call_id'] !== undefined) {
    parts.push({ type: 'tool_call_id', flaws: ['in a message that is not of a tool'] });
  }
  const others = Object.keys(message).filter((member) => !KNOWN.has(member));
  return [...parts, ...asList(others).map((member) => ({ type: `+${protocolWord(member)}` }))];
}

const KNOWN: ReadonlySet<string> = new Set([
  'role',
  'content',
  'name',
  'tool_calls',
  'tool_call_id',
  'function_call',
  'refusal',
  'audio',
]);
