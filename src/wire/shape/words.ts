import { asObject } from '../json/json.js';

/**
 * The structure of a request as it was sent, including flaws. Unlike `RequestFacts`, it also represents invalid
 * parts. Contains the lengths of texts, never their content.
 */
export interface ShapedRequest {
  /** The system instructions, if they are not a message. */
  readonly system: readonly ShapedPart[];
  /** The messages, or the kind of the value if it is not a list. */
  readonly messages: readonly ShapedMessage[] | string;
  readonly tools: readonly ShapedTool[];
  /** The request asks for JSON. */
  readonly isStructured: boolean;
}

export interface ShapedMessage {
  /** The role, or the type of an item without a role. */
  readonly role: string;
  readonly parts: readonly ShapedPart[];
}

export interface ShapedPart {
  readonly type: string;
  /** The length of its text or data. */
  readonly size?: number | undefined;
  readonly name?: string | undefined;
  /** A tool call or its result; `id` is the provider's, `undefined` if absent. */
  readonly call?: { readonly is: 'call' | 'result'; readonly id: string | undefined } | undefined;
  readonly flaws?: readonly string[] | undefined;
}

export interface ShapedTool {
  readonly name: string;
  readonly flaws: readonly string[];
}

/** A type, a member name or another protocol word. */
const PROTOCOL_WORD = /^[a-z][a-zA-Z0-9_]{0,39}$/;
const TOOL_NAME = /^[A-Za-z0-9_.:-]{1,64}$/;
const MIME_TYPE = /^[a-z]{1,20}\/[a-z0-9.+-]{1,60}$/;
const DATA_URL = /^data:([^;,]{1,100})[;,]/;

/** The roles of all formats. Any other role may be content. */
const ROLES: ReadonlySet<unknown> = new Set([
  'assistant',
  'developer',
  'function',
  'model',
  'system',
  'tool',
  'user',
]);

/** The kind and length of a value: `text 12`, `list 3`, `null`, `missing`. */
export function valueKind(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (typeof value === 'string') return `text ${value.length}`;
  if (Array.isArray(value)) return `list ${value.length}`;
  return typeof value === 'object' ? `object ${Object.keys(value).length}` : typeof value;
}

export function roleWord(value: unknown): string {
  return ROLES.has(value) ? String(value) : `role: ${valueKind(value)}`;
}

/** Returns a type or member name if it is a protocol word, else the kind of the value. */
export function protocolWord(value: unknown): string {
  return typeof value === 'string' && PROTOCOL_WORD.test(value) ? value : `type: ${valueKind(value)}`;
}

/** Returns the name of a tool if it is an identifier, else the kind of the value. */
export function toolName(value: unknown): string {
  return typeof value === 'string' && TOOL_NAME.test(value) ? value : `name: ${valueKind(value)}`;
}

export function isToolName(value: unknown): boolean {
  return typeof value === 'string' && TOOL_NAME.test(value);
}

/** The media type or kind of data: `image/png`, `url`. */
export function mediaKind(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (MIME_TYPE.test(value)) return value;
  if (/^https?:/i.test(value)) return 'url';
  const [, type] = DATA_URL.exec(value) ?? [];
  return type !== undefined && MIME_TYPE.test(type) ? type : undefined;
}

export function idOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The length of all texts in a value at any depth, except the protocol words that name its parts. */
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
