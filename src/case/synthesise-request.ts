import { type Fields, fieldsOf, isFields, numberOf } from '../query/stored-span.js';
import { filler } from './filler.js';

/** A part of a message in the shape, such as `call #1 get_weather 18: no result`. */
interface Part {
  readonly type: string;
  readonly media: string | undefined;
  readonly number: string;
  readonly name: string;
  readonly size: number;
  readonly flaws: string;
}

const PART =
  /^(?<type>[^\s:#]+)(?: (?<media>[a-z]+\/[\w.+-]+|url))?(?: #(?<number>\d+))?(?: (?<name>[A-Za-z_][^\s:]*))?(?: (?<size>\d+))?(?:: (?<flaws>.*))?$/;

/**
 * Synthesises the body of a request from its shape, with filler as texts. Parameters keep their numbers, flags and
 * protocol values; what the shape does not contain is omitted.
 *
 * @param shape `chatdebug.request.shape`, as JSON
 * @param model the model, for formats with the model in the body
 */
export function synthesisedBody(
  shape: string | undefined,
  model: string | undefined,
  isStream: boolean,
): unknown {
  const fields = parsedFields(shape) ?? {};
  const format = String(fields['format'] ?? '');
  const rows = Array.isArray(fields['messages'])
    ? fields['messages'].filter(Array.isArray)
    : [['user', 'text 20']];
  const system = Array.isArray(fields['system']) ? fields['system'].map((one) => partOf(String(one))) : [];
  const tools = Array.isArray(fields['tools'])
    ? fields['tools'].map((one) => String(one).replace(/:.*/, ''))
    : [];
  const messages = rows.map(([role, ...parts]) => ({
    role: String(role),
    parts: parts.map((one) => partOf(String(one))),
  }));
  const parameters = parametersOf(fields['parameters']);
  const build = BUILDERS.find(([pattern]) => pattern.test(format))?.[1] ?? chat;
  const body = build({ messages, system, tools });
  const isModelInPath = /^(?:gemini-generate|bedrock|gemini-live)/.test(format);
  return {
    ...(model !== undefined && !isModelInPath && { model }),
    ...body,
    ...parameters,
    ...(isStream && !isModelInPath && { stream: true }),
  };
}

interface Message {
  readonly role: string;
  readonly parts: readonly Part[];
}

interface Shape {
  readonly messages: readonly Message[];
  readonly system: readonly Part[];
  readonly tools: readonly string[];
}

const BUILDERS: readonly (readonly [format: RegExp, build: (shape: Shape) => object])[] = [
  [/^anthropic/, anthropic],
  [/^gemini/, gemini],
  [/responses|realtime/, responses],
];

function chat({ messages, tools }: Shape): object {
  return {
    messages: messages.map(({ role, parts }) => {
      const calls = parts.filter(({ type }) => type === 'call');
      const [result] = parts.filter(({ type }) => type === 'result');
      if (role === 'function') return { role, name: idOf(result), content: textOf(result) };
      if (role === 'tool' || result !== undefined)
        return { role: 'tool', tool_call_id: idOf(result), content: textOf(result) };
      const said = parts.filter(({ type }) => type !== 'call' && !type.startsWith('+'));
      const isText = said.length === 1 && said[0]?.type === 'text';
      return {
        role,
        ...(said.length > 0 || calls.length === 0
          ? { content: isText ? textOf(said[0]) : said.map(chatPart) }
          : { content: null }),
        ...(calls.length > 0 && {
          tool_calls: calls.map((call) => ({
            id: idOf(call),
            type: 'function',
            function: { name: call.name, arguments: argumentsText(call) },
          })),
        }),
      };
    }),
    ...(tools.length > 0 && {
      tools: tools.map((name) => ({ type: 'function', function: { name, parameters: SCHEMA } })),
    }),
  };
}

function chatPart(part: Part): object {
  if (part.media === undefined) return { type: part.type, text: textOf(part) };
  return { type: part.type, [part.type]: { url: urlOf(part) } };
}

function anthropic({ messages, system, tools }: Shape): object {
  return {
    ...(system.length > 0 && { system: system.map(anthropicPart) }),
    messages: messages.map(({ role, parts }) => ({ role, content: parts.map(anthropicPart) })),
    ...(tools.length > 0 && { tools: tools.map((name) => ({ name, input_schema: SCHEMA })) }),
  };
}

function anthropicPart(part: Part): object {
  const isCached = part.flaws.includes('cache_control');
  return { ...anthropicContent(part), ...(isCached && { cache_control: { type: 'ephemeral' } }) };
}

function anthropicContent(part: Part): object {
  const { type, name, media, flaws } = part;
  if (type === 'call') return { type: 'tool_use', id: idOf(part), name, input: argumentsOf(part) };
  if (type === 'result') return { type: 'tool_result', tool_use_id: idOf(part), content: textOf(part) };
  if (type === 'thinking')
    return {
      type,
      thinking: textOf(part),
      ...(flaws.includes('no signature') ? {} : { signature: 'made up' }),
    };
  if (media === 'url') return { type, source: { type: 'url', url: urlOf(part) } };
  if (media !== undefined)
    return { type, source: { type: 'base64', media_type: media, data: 'A'.repeat(part.size) } };
  return { type, text: textOf(part) };
}

function gemini({ messages, system, tools }: Shape): object {
  const calls = messages.flatMap(({ parts }) => parts.filter(({ type }) => type === 'call'));
  // Calls have no ids: a result refers to its call by name.
  const nameOf = ({ number }: Part) => calls.find((call) => call.number === number)?.name ?? 'orphan';
  const geminiPart = (part: Part): object => {
    if (part.type === 'text') return { text: textOf(part) };
    if (part.type === 'call') return { functionCall: { name: part.name, args: argumentsOf(part) } };
    if (part.type === 'result')
      return { functionResponse: { name: nameOf(part), response: { text: textOf(part) } } };
    if (part.media === undefined) return { [part.type]: { text: textOf(part) } };
    return { [part.type]: { mimeType: part.media, data: 'A'.repeat(part.size) } };
  };
  return {
    ...(system.length > 0 && { systemInstruction: { parts: system.map(geminiPart) } }),
    contents: messages.map(({ role, parts }) => ({ role, parts: parts.map(geminiPart) })),
    ...(tools.length > 0 && { tools: [{ functionDeclarations: tools.map((name) => ({ name })) }] }),
  };
}

function responses({ messages, system, tools }: Shape): object {
  return {
    ...(system.length > 0 && { instructions: system.map(textOf).join('') }),
    input: messages.map(responsesItem),
    ...(tools.length > 0 && { tools: tools.map((name) => ({ type: 'function', name, parameters: SCHEMA })) }),
  };
}

function responsesItem({ role, parts }: Message): object {
  const [first] = parts;
  const isText = parts.length === 1 && first?.type === 'text';
  switch (first?.type) {
    case 'call': {
      const call = { type: role, call_id: idOf(first), name: first.name };
      return role === 'function_call'
        ? { ...call, arguments: argumentsText(first) }
        : { ...call, input: textOf(first) };
    }
    case 'result':
      return { type: role, call_id: idOf(first), output: textOf(first) };
    case 'item': {
      const id = first.flaws.includes('no id') ? {} : { id: 'x' };
      return { type: role, ...id, text: filler(Math.max(0, first.size - Object.keys(id).length)) };
    }
    default:
      return { role, content: isText ? textOf(first) : parts.map(responsesPart) };
  }
}

function responsesPart(part: Part): object {
  if (part.media === undefined) return { type: part.type, text: textOf(part) };
  return { type: part.type, [part.type.replace(/^input_/, '').concat('_url')]: urlOf(part) };
}

const SCHEMA = { type: 'object', properties: {} };

function partOf(text: string): Part {
  const { type = 'text', media, number = '', name = '', size, flaws = '' } = PART.exec(text)?.groups ?? {};
  return { type, media, number, name, size: Number(size ?? 0), flaws };
}

/** A call and its result have the same number. Without a number, the id matches no other. */
function idOf(part: Part | undefined): string {
  return part === undefined || part.number === '' ? 'call_orphan' : `call_${part.number}`;
}

function textOf(part: Part | undefined): string {
  if (part === undefined) return '';
  return /\bblank\b/.test(part.flaws) ? ' '.repeat(part.size) : filler(part.size);
}

function urlOf({ media, size }: Part): string {
  const start = media === 'url' ? 'https://example.com/' : `data:${media};base64,`;
  return start + 'A'.repeat(Math.max(0, size - start.length));
}

/** An object with about the recorded length as JSON. */
function argumentsOf({ size }: Part): object {
  return size < SHORTEST.length ? {} : { a: filler(size - SHORTEST.length) };
}

const SHORTEST = '{"a":""}';

function argumentsText(part: Part): string {
  return part.flaws.includes('arguments:') ? filler(part.size) : JSON.stringify(argumentsOf(part));
}

/** Omits values of which the shape contains only the type. */
function parametersOf(value: unknown): Fields {
  if (!isFields(value)) return {};
  const kept = Object.entries(value).flatMap(([name, one]): [string, unknown][] => {
    if (isFields(one)) return [[name, parametersOf(one)]];
    const isKind = typeof one === 'string' && /^(?:text|list|object|number|missing)(?: \d+)?\b/.test(one);
    return isKind || name === 'stream' || numberOf(name) !== undefined ? [] : [[name, one]];
  });
  return Object.fromEntries(kept);
}

function parsedFields(json: string | undefined): Fields | undefined {
  try {
    return fieldsOf([JSON.parse(json ?? '')])[0];
  } catch {
    return undefined;
  }
}
