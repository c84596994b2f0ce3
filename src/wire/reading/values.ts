import { detachedCopy } from '../../memoize.js';
import { base64Note, redactDataUrls } from '../../redact/replacements.js';
import type { TokenUsage } from '../../types.js';
import { cut, type MediaPart, type MessagePart, TEXT_LENGTH, textPart } from '../content.js';
import { asCount, asLabel, asObject, type JsonObject, jsonText } from '../json/json.js';

/** Returns an object of Google's API with member names in camel case. Requests may also use snake case. */
export function membersOf(value: unknown): JsonObject | undefined {
  const members = asObject(value);
  if (members === undefined || !Object.keys(members).some((name) => name.includes('_'))) return members;
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [camelCase(name), member]));
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Returns a list. The API also accepts a single member instead of a list. */
export function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return asObject(value) === undefined ? [] : [value];
}

/** The modalities with attributes in the GenAI conventions. */
type Modality = 'text' | 'audio' | 'image';

export type TokenKind = 'InputTokens' | 'OutputTokens' | 'CacheReadTokens';

/** The token counts by modality as members of a `TokenUsage`. Omits counts of 0. */
export function modalityTokens(
  kind: TokenKind,
  counts: Readonly<Partial<Record<Modality, unknown>>>,
): Partial<TokenUsage> {
  const counted = Object.entries(counts).flatMap(([modality, value]) => {
    const count = asCount(value);
    return count ? [[`${modality}${kind}`, count] as const] : [];
  });
  return Object.fromEntries(counted);
}

/**
 * The token counts of lists with an entry for each modality, as in Google's APIs.
 *
 * @param lists entries with the same modality are added
 * @param count the member with the count of an entry
 */
export function listedModalityTokens(
  kind: TokenKind,
  lists: readonly unknown[],
  count: 'tokenCount' | 'tokens',
): Partial<TokenUsage> {
  const entries = lists.flat().map(asObject);
  const countOf = (modality: Modality): number | undefined =>
    tokenSum(
      ...entries
        .filter((entry) => String(entry?.['modality']).toLowerCase() === modality)
        .map((entry) => asCount(entry?.[count])),
    );
  return modalityTokens(kind, { text: countOf('text'), audio: countOf('audio'), image: countOf('image') });
}

export function tokenSum(...counts: readonly (number | undefined)[]): number | undefined {
  const known = counts.filter((count) => count !== undefined);
  return known.length === 0 ? undefined : asCount(known.reduce((sum, count) => sum + count, 0));
}

/** The maximum length of an error body, in characters. The classifier reads no more. */
const ERROR_LENGTH = 65_536;

export function errorData(data: string): string {
  return data.length <= ERROR_LENGTH ? data : detachedCopy(cut(data, ERROR_LENGTH));
}

export function textsIn(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const texts = value.filter((item) => typeof item === 'string');
  return texts.length === 0 ? undefined : texts;
}

const MAX_DEPTH = 64;

/**
 * Copies a value as JSON would represent it, with sizes instead of file contents, since the caller may change it
 * later. Returns `undefined` if it cannot be serialized.
 */
export function plainCopy(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return base64Note(value, false) ?? redactDataUrls(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value;
  if (depth === MAX_DEPTH) return undefined;
  if (ArrayBuffer.isView(value)) return `[binary, ${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map((item) => plainCopy(item, depth + 1));
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') return plainCopy(Reflect.apply(toJSON, value, ['']), depth + 1);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, plainCopy(member, depth + 1)]),
  );
}

/** Copies a tool input or result. A long one becomes a truncated text. */
export function boundedCopy(value: unknown): unknown {
  return boundedValue(plainCopy(value));
}

/**
 * Bounds a tool input or result. If its JSON exceeds `TEXT_LENGTH`, returns a text part with the beginning;
 * `undefined` if it is nested too deeply to be serialized.
 */
export function boundedValue(value: unknown): unknown {
  const text = typeof value === 'string' ? value : jsonText(value);
  if (text === undefined) return undefined;
  return text.length <= TEXT_LENGTH ? value : cutText(text, text.length);
}

/** Returns the beginning of a text longer than `TEXT_LENGTH` as a part. */
export function cutText(text: string, fullLength: number): MessagePart {
  const part = textPart('text', text);
  return { ...part, content: detachedCopy(part.content), full_length: fullLength };
}

/** An unread part, with its type and its size in bytes of JSON. */
export function unreadPart(type: unknown, value: unknown): MessagePart {
  const text = jsonText(value);
  const name = asLabel(type) ?? 'unknown';
  return text === undefined ? { type: name } : { type: name, size: Buffer.byteLength(text) };
}

export function optionCount(members: JsonObject | undefined, known: ReadonlySet<string>): number {
  return Object.keys(members ?? {}).filter((name) => !known.has(name)).length;
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

export function defined<T extends object>(members: T): Defined<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Defined<T>;
}

/** The members of a server tool call or result. Each member is bounded. */
type ServerToolDetails = Readonly<Record<string, unknown>>;

/**
 * Returns a `server_tool_call` part of the GenAI conventions: a tool that the provider runs.
 *
 * @param type the tool type, which determines the details
 */
export function serverToolCall(
  id: unknown,
  name: unknown,
  type: string,
  details: ServerToolDetails,
): MessagePart {
  return {
    type: 'server_tool_call',
    ...defined({ id: asLabel(id) || undefined }),
    name: asLabel(name) ?? type,
    server_tool_call: { type, ...bounded(details) },
  };
}

export function serverToolResponse(id: unknown, type: string, details: ServerToolDetails): MessagePart {
  return {
    type: 'server_tool_call_response',
    ...defined({ id: asLabel(id) || undefined }),
    server_tool_call_response: { type, ...bounded(details) },
  };
}

function bounded(details: ServerToolDetails): ServerToolDetails {
  return defined(
    Object.fromEntries(
      Object.entries(details).map(([name, value]) => [name, boundedValue(readable(plainCopy(value)))]),
    ),
  );
}

/** Omits encrypted content, which is most of a web search result. */
function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  const members = asObject(value);
  if (members === undefined) return value;
  const readableMembers = Object.entries(members).filter(([name]) => !name.startsWith('encrypted_'));
  return Object.fromEntries(readableMembers.map(([name, member]) => [name, readable(member)]));
}

/** Returns the role of a message. Some APIs send tool results as `user`: a message of only results gets `tool`. */
export function roleOf(given: unknown, parts: readonly MessagePart[]): string {
  const role = asLabel(given) ?? 'user';
  const isOfTool =
    role === 'user' && parts.length > 0 && parts.every(({ type }) => type === 'tool_call_response');
  return isOfTool ? 'tool' : role;
}

/** Returns a part for base64 or base64url data, with the decoded size. */
export function base64Part(data: string, mimeType: unknown, modality = modalityOf(mimeType)): MediaPart {
  return blobPart(Buffer.byteLength(data, 'base64'), mimeType, modality);
}

/** @param size the size in bytes */
export function blobPart(size: number, mimeType: unknown, modality = modalityOf(mimeType)): MediaPart {
  return { type: 'blob', modality, ...mime(mimeType), size };
}

export function uriPart(uri: string, mimeType: unknown, modality = modalityOf(mimeType)): MediaPart {
  return { type: 'uri', modality, ...mime(mimeType), uri: cut(uri, TEXT_LENGTH) };
}

export function filePart(fileId: string, modality: string): MediaPart {
  return { type: 'file', modality, file_id: fileId };
}

/** `image`, `audio` and `video` as in the GenAI conventions; other files are a `document`. */
function modalityOf(mimeType: unknown): string {
  const [kind = ''] = (asLabel(mimeType) ?? '').toLowerCase().split('/', 1);
  return ['image', 'audio', 'video'].includes(kind) ? kind : 'document';
}

function mime(mimeType: unknown) {
  return defined({ mime_type: asLabel(mimeType) });
}
