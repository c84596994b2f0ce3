import { asObject } from '../json/json.js';

/** A type, a member or a word of the protocol. */
const PROTOCOL_WORD = /^[a-z][a-zA-Z0-9_]{0,39}$/;
const TOOL_NAME = /^[A-Za-z0-9_.:-]{1,64}$/;
const MIME_TYPE = /^[a-z]{1,20}\/[a-z0-9.+-]{1,60}$/;
const DATA_URL = /^data:([^;,]{1,100})[;,]/;

/** The roles of all formats: any other text in its place may be anybody's words. */
const ROLES: ReadonlySet<unknown> = new Set([
  'assistant',
  'developer',
  'function',
  'model',
  'system',
  'tool',
  'user',
]);

/** What kind of value it is, with its length and no more: `text 12`, `list 3`, `null`, `missing`. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (typeof value === 'string') return `text ${value.length}`;
  if (Array.isArray(value)) return `list ${value.length}`;
  return typeof value === 'object' ? `object ${Object.keys(value).length}` : typeof value;
}

export function roleWord(value: unknown): string {
  return ROLES.has(value) ? String(value) : `role: ${kindOf(value)}`;
}

/** The type of a part, or the name of a member: of a word of the protocol itself, of any other value its kind. */
export function protocolWord(value: unknown): string {
  return typeof value === 'string' && PROTOCOL_WORD.test(value) ? value : `type: ${kindOf(value)}`;
}

/** The name of a tool where it is an identifier, else its kind. */
export function toolName(value: unknown): string {
  return typeof value === 'string' && TOOL_NAME.test(value) ? value : `name: ${kindOf(value)}`;
}

export function isToolName(value: unknown): boolean {
  return typeof value === 'string' && TOOL_NAME.test(value);
}

/** What data say of themselves: `image/png`, `url`. */
export function mediaWord(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (MIME_TYPE.test(value)) return value;
  if (/^https?:/i.test(value)) return 'url';
  const [, type] = DATA_URL.exec(value) ?? [];
  return type !== undefined && MIME_TYPE.test(type) ? type : undefined;
}

/** An id, where there is one. */
export function idOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Characters of all texts in a value, however deep, but for the words of the protocol that name its parts. */
export function charactersIn(value: unknown): number {
  let characters = 0;
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const one = waiting.pop();
    if (typeof one === 'string') characters += one.length;
    else if (Array.isArray(one)) for (const member of one) waiting.push(member);
    else {
      for (const [name, member] of Object.entries(asObject(one) ?? {})) {
        if (!PROTOCOL_MEMBERS.has(name)) waiting.push(member);
      }
    }
  }
  return characters;
}

const PROTOCOL_MEMBERS: ReadonlySet<string> = new Set([
  'type',
  'media_type',
  'mimeType',
  'mime_type',
  'cache_control',
]);
