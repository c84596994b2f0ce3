import { asList, asObject, type JsonObject, parsed } from '../json/json.js';
import { listOf, membersOf } from '../reading/values.js';
import {
  charactersIn,
  idOf,
  isToolName,
  mediaKind,
  protocolWord,
  roleWord,
  type ShapedMessage,
  type ShapedPart,
  type ShapedTool,
  toolName,
  valueKind,
} from './words.js';

/** `tools` and `functions` of OpenAI's APIs. Built-in tools have only a type. */
export function shapedFunctions(tools: unknown): ShapedTool[] {
  return shapedList(tools, (tool) => {
    const definition = asObject(tool['function']) ?? asObject(tool['custom']) ?? tool;
    const isBuiltIn = definition === tool && tool['type'] !== undefined && tool['type'] !== 'function';
    if (isBuiltIn && definition['name'] === undefined)
      return [{ name: protocolWord(tool['type']), flaws: [] }];
    const schema = definition['parameters'];
    const isStrict = definition['strict'] === true;
    return [
      shapedTool(definition['name'], schema === undefined ? [] : argumentSchemaFlaws(schema, isStrict)),
    ];
  });
}

/** `tools` of Anthropic. Tools of the application have a schema, server tools a dated type. */
export function shapedSchemas(tools: unknown): ShapedTool[] {
  return shapedList(tools, (tool) => {
    const isOwn = tool['type'] === undefined || tool['type'] === 'custom';
    return [
      shapedTool(
        tool['name'],
        isOwn ? argumentSchemaFlaws(tool['input_schema'], tool['strict'] === true) : [],
      ),
    ];
  });
}

/** Tools of Bedrock's Converse, each with a single member that is its type. */
export function shapedSpecifications(tools: unknown): ShapedTool[] {
  return shapedList(tools, (tool) => {
    const specification = asObject(tool['toolSpec']);
    if (specification === undefined)
      return Object.keys(tool).map((name) => ({ name: protocolWord(name), flaws: [] }));
    const schema = asObject(specification['inputSchema'])?.['json'];
    return [shapedTool(specification['name'], argumentSchemaFlaws(schema, false))];
  });
}

/** Tools of the AI SDK. Provider tools have an id instead of a schema. */
export function shapedModelTools(tools: unknown): ShapedTool[] {
  return shapedList(tools, (tool) => {
    const isOwn = tool['type'] === 'function';
    return [
      shapedTool(
        tool['name'],
        isOwn ? argumentSchemaFlaws(tool['inputSchema'], tool['strict'] === true) : [],
      ),
    ];
  });
}

/** `tools` of Gemini: lists of declarations, and members that enable built-in tools. */
export function shapedDeclarations(tools: unknown): ShapedTool[] {
  return shapedList(tools === undefined || Array.isArray(tools) ? tools : listOf(tools), (tool) =>
    Object.entries(membersOf(tool) ?? {}).flatMap(([name, value]) => {
      if (name !== 'functionDeclarations') return [{ name: protocolWord(name), flaws: [] }];
      return asList(value).map((declaration) => shapedTool(asObject(declaration)?.['name'], []));
    }),
  );
}

function shapedList(tools: unknown, each: (tool: JsonObject) => ShapedTool[]): ShapedTool[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) return [{ name: 'tools', flaws: [valueKind(tools)] }];
  if (tools.length === 0) return [{ name: 'tools', flaws: ['empty list'] }];
  const names = new Set<string>();
  return tools
    .flatMap((value) => {
      const tool = asObject(value);
      return tool === undefined ? [{ name: 'tool', flaws: [`no object: ${valueKind(value)}`] }] : each(tool);
    })
    .map((tool) => {
      const isRepeated = names.has(tool.name);
      names.add(tool.name);
      return isRepeated ? { ...tool, flaws: [...tool.flaws, 'name again'] } : tool;
    });
}

function shapedTool(name: unknown, flaws: readonly string[]): ShapedTool {
  return { name: toolName(name), flaws: isToolName(name) ? flaws : ['invalid name', ...flaws] };
}

/** System instructions that are a text; none if it is absent or `null`. */
export function shapedInstructions(text: unknown): ShapedPart[] {
  return text === undefined || text === null ? [] : [textPart(text)];
}

/** Messages given as a list, or as one text of the user; the kind of any other value. */
export function shapedInput(
  input: unknown,
  read: (value: unknown) => ShapedMessage,
): readonly ShapedMessage[] | string {
  if (typeof input === 'string') return [{ role: 'user', parts: [textPart(input)] }];
  return Array.isArray(input) ? input.map(read) : valueKind(input);
}

export function shapedMessage(value: unknown, read: (message: JsonObject) => ShapedMessage): ShapedMessage {
  const message = asObject(value);
  return message === undefined ? { role: `no object: ${valueKind(value)}`, parts: [] } : read(message);
}

export function contentMessage(value: unknown, part: (value: unknown) => ShapedPart): ShapedMessage {
  return shapedMessage(value, ({ role, content }) => ({
    role: roleWord(role),
    parts: shapedContent(content, part),
  }));
}

/** The parts of a content: a text or a list. Anything else is one part with a flaw. */
export function shapedContent(content: unknown, part: (value: unknown) => ShapedPart): ShapedPart[] {
  if (typeof content === 'string') return [textPart(content)];
  if (!Array.isArray(content)) return [{ type: 'content', flaws: [valueKind(content)] }];
  return content.length === 0 ? [{ type: 'content', flaws: ['empty list'] }] : content.map(part);
}

/** @param type default: `text` */
export function textPart(text: unknown, type = 'text'): ShapedPart {
  if (typeof text !== 'string') return { type, flaws: [`text: ${valueKind(text)}`] };
  const isBlank = text.trim() === '';
  return { type, size: text.length, flaws: isBlank ? [text === '' ? 'empty' : 'blank'] : [] };
}

/** A part with a `type`: its size and media type. */
export function typedPart(value: unknown): ShapedPart {
  const part = asObject(value);
  if (part === undefined) return { type: 'part', flaws: [`no object: ${valueKind(value)}`] };
  const type = protocolWord(part['type']);
  if ('text' in part) return withCache(part, textPart(part['text'], type));
  return withCache(part, { type: withMedia(type, part), size: charactersIn(part) });
}

/** Marks a cache breakpoint. Anthropic accepts at most four. */
export function withCache(part: JsonObject, shaped: ShapedPart): ShapedPart {
  return part['cache_control'] === undefined
    ? shaped
    : { ...shaped, flaws: [...(shaped.flaws ?? []), 'cache_control'] };
}

/** A tool call with its arguments as JSON text or an object. */
export function callPart(
  type: string,
  id: unknown,
  name: unknown,
  given: unknown,
  takes: 'text' | 'object' | 'any',
): ShapedPart {
  return {
    type,
    name: toolName(name),
    size: typeof given === 'string' ? given.length : (JSON.stringify(given)?.length ?? 0),
    call: { is: 'call', id: idOf(id) },
    flaws: [...(isToolName(name) ? [] : ['invalid name']), ...argumentFlaws(given, takes)],
  };
}

/** A tool result, with the size of `content` and the types of its parts. */
export function resultPart(type: string, id: unknown, content: unknown): ShapedPart {
  const isTextOrList = typeof content === 'string' || Array.isArray(content);
  return {
    type,
    size: charactersIn(content),
    call: { is: 'result', id: idOf(id) },
    flaws: isTextOrList ? [] : [`content: ${valueKind(content)}`],
  };
}

function argumentFlaws(given: unknown, takes: 'text' | 'object' | 'any'): string[] {
  if (takes === 'any') return [];
  if (takes === 'object') return asObject(given) === undefined ? [`arguments: ${valueKind(given)}`] : [];
  if (typeof given !== 'string') return [`arguments: ${valueKind(given)}`];
  return asObject(parsed(given)) === undefined ? ['arguments: no JSON object'] : [];
}

/** Appends the media type, which is in the part or one level below. */
function withMedia(type: string, part: JsonObject): string {
  for (const value of Object.values(part)) {
    const members = asObject(value);
    const word =
      mediaKind(value) ??
      mediaKind(members?.['media_type']) ??
      mediaKind(members?.['url']) ??
      mediaKind(members?.['file_data']);
    if (word !== undefined) return `${type} ${word}`;
  }
  return type;
}

const TYPES: ReadonlySet<unknown> = new Set([
  'array',
  'boolean',
  'integer',
  'null',
  'number',
  'object',
  'string',
]);
const MAX_SCHEMAS = 1_000;

/** Flaws of the schema of a tool's arguments, which must be an object. */
function argumentSchemaFlaws(schema: unknown, isStrict: boolean): string[] {
  const type = asObject(schema)?.['type'];
  if (asObject(schema) === undefined) return [`schema: ${valueKind(schema)}`];
  if (type !== 'object') return [`schema of type: ${TYPES.has(type) ? type : valueKind(type)}`];
  return isStrict ? strictFlaws(schema) : [];
}

/** Flaws of a strict schema, whose objects must require all members and allow no others. */
export function strictFlaws(schema: unknown): string[] {
  const flaws = new Set<string>();
  const waiting: unknown[] = [schema];
  for (let seen = 0; waiting.length > 0 && seen < MAX_SCHEMAS; seen += 1) {
    const one = asObject(waiting.pop());
    if (one === undefined) continue;
    const properties = asObject(one['properties']);
    if (one['type'] === 'object' || properties !== undefined) {
      if (one['additionalProperties'] !== false) flaws.add('additionalProperties is not false');
      const required = new Set(asList(one['required']));
      if (Object.keys(properties ?? {}).some((name) => !required.has(name))) flaws.add('not all required');
    }
    for (const inner of [one['items'], ...asList(one['anyOf'])]) waiting.push(inner);
    for (const members of [properties, asObject(one['$defs'])]) waiting.push(...Object.values(members ?? {}));
  }
  return [...flaws];
}
