import { asList, asObject, type JsonObject } from '../json/json.js';
import { asksForJson } from '../openai/request.js';
import { callPart, resultPart, shapedContent, textPart, typedPart } from './parts.js';
import type { ShapedMessage, ShapedPart, ShapedRequest } from './shaped.js';
import { shapedFunctions } from './tools.js';
import { kindOf, protocolWord, roleWord } from './words.js';

export function shapeOfChat(body: JsonObject): ShapedRequest {
  const messages = body['messages'];
  return {
    system: [],
    messages: Array.isArray(messages) ? messages.map(messageOf) : kindOf(messages),
    tools: shapedFunctions(body['tools'] ?? body['functions']),
    isStructured: asksForJson(body['response_format']),
  };
}

function messageOf(value: unknown): ShapedMessage {
  const message = asObject(value);
  if (message === undefined) return { role: `no object: ${kindOf(value)}`, parts: [] };
  const { role } = message;
  return { role: roleWord(role), parts: [...saidIn(message), ...callsIn(message), ...restOf(message)] };
}

function saidIn(message: JsonObject): ShapedPart[] {
  const { role, content } = message;
  if (role === 'tool') return [resultPart('result', message['tool_call_id'], content)];
  if (role === 'function') return [resultPart('result', message['name'], content)];
  // A message that calls tools, refuses or speaks need not say anything.
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
  if (!Array.isArray(calls)) return [{ type: 'tool_calls', flaws: [kindOf(calls)] }];
  return calls.length === 0 ? [{ type: 'tool_calls', flaws: ['empty list'] }] : calls.map(callOf);
}

function callOf(value: unknown): ShapedPart {
  const call = asObject(value);
  const custom = asObject(call?.['custom']);
  if (custom !== undefined) return callPart('call', call?.['id'], custom['name'], custom['input'], 'any');
  const called = asObject(call?.['function']);
  const part = callPart('call', call?.['id'], called?.['name'], called?.['arguments'], 'text');
  const hasType = call?.['type'] === 'function';
  return hasType ? part : { ...part, flaws: [...(part.flaws ?? []), `type: ${kindOf(call?.['type'])}`] };
}

/** Names of people come with a pattern; and what a message has beyond what OpenAI takes, others refuse. */
function restOf(message: JsonObject): ShapedPart[] {
  const { name } = message;
  const parts: ShapedPart[] = [];
  if (message['refusal']) parts.push(textPart(message['refusal'], 'refusal'));
  if (name !== undefined && !(typeof name === 'string' && /^[a-zA-Z0-9_-]{1,64}$/.test(name))) {
    parts.push({ type: 'name', flaws: [`invalid: ${kindOf(name)}`] });
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
