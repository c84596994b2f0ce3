import { asObject, type JsonObject, parsed } from '../json/json.js';
import type { ShapedPart } from './shaped.js';
import { charactersIn, idOf, isToolName, kindOf, mediaWord, protocolWord, toolName } from './words.js';

/** The parts of a content, which is a text or a list; a fault in its place is a part that says so. */
export function shapedContent(content: unknown, part: (value: unknown) => ShapedPart): ShapedPart[] {
  if (typeof content === 'string') return [textPart(content)];
  if (!Array.isArray(content)) return [{ type: 'content', flaws: [kindOf(content)] }];
  return content.length === 0 ? [{ type: 'content', flaws: ['empty list'] }] : content.map(part);
}

/** @param type by default `text` */
export function textPart(text: unknown, type = 'text'): ShapedPart {
  if (typeof text !== 'string') return { type, flaws: [`text: ${kindOf(text)}`] };
  const isBlank = text.trim() === '';
  return { type, size: text.length, flaws: isBlank ? [text === '' ? 'empty' : 'blank'] : [] };
}

/** Any part with a `type`: its size, and what its data say of themselves. */
export function typedPart(value: unknown): ShapedPart {
  const part = asObject(value);
  if (part === undefined) return { type: 'part', flaws: [`no object: ${kindOf(value)}`] };
  const type = protocolWord(part['type']);
  if ('text' in part) return withCache(part, textPart(part['text'], type));
  return withCache(part, { type: withMedia(type, part), size: charactersIn(part) });
}

/** Anthropic takes four of them at most. */
export function withCache(part: JsonObject, shaped: ShapedPart): ShapedPart {
  return part['cache_control'] === undefined
    ? shaped
    : { ...shaped, flaws: [...(shaped.flaws ?? []), 'cache_control'] };
}

/** A call of a tool, its arguments as a text of JSON or as an object. */
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

/** What a tool gave back; `content` is measured, and each part of a list is told with it. */
export function resultPart(type: string, id: unknown, content: unknown): ShapedPart {
  const isTextOrList = typeof content === 'string' || Array.isArray(content);
  return {
    type,
    size: charactersIn(content),
    call: { is: 'result', id: idOf(id) },
    flaws: isTextOrList ? [] : [`content: ${kindOf(content)}`],
  };
}

function argumentFlaws(given: unknown, takes: 'text' | 'object' | 'any'): string[] {
  if (takes === 'any') return [];
  if (takes === 'object') return asObject(given) === undefined ? [`arguments: ${kindOf(given)}`] : [];
  if (typeof given !== 'string') return [`arguments: ${kindOf(given)}`];
  return asObject(parsed(given)) === undefined ? ['arguments: no JSON object'] : [];
}

/** Data stand under one of few members, or a level below. */
function withMedia(type: string, part: JsonObject): string {
  for (const value of Object.values(part)) {
    const members = asObject(value);
    const word =
      mediaWord(value) ??
      mediaWord(members?.['media_type']) ??
      mediaWord(members?.['url']) ??
      mediaWord(members?.['file_data']);
    if (word !== undefined) return `${type} ${word}`;
  }
  return type;
}
