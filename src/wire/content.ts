import { withoutTail } from '../redact/cut.js';

/**
 * Messages in the form of the GenAI conventions (`gen_ai.input.messages`, `gen_ai.output.messages`,
 * `gen_ai.system_instructions`, `gen_ai.tool.definitions`), with bounded texts. `full_length` and `size` are
 * additions of this package.
 */

/** The maximum length of a text, in UTF-16 code units. Longer texts are truncated and get a `full_length`. */
export const TEXT_LENGTH = 10_000;

/** The maximum size of a streamed text, per part, in bytes of UTF-8. */
export const STREAMED_TEXT_BYTES = 50_000;

export type MessagePart =
  | TextPart
  | { readonly type: 'tool_call'; readonly id?: string; readonly name: string; readonly arguments?: unknown }
  | { readonly type: 'tool_call_response'; readonly id?: string; readonly response?: unknown }
  | {
      readonly type: 'server_tool_call';
      readonly id?: string;
      readonly name: string;
      readonly server_tool_call: Readonly<Record<string, unknown>>;
    }
  | {
      readonly type: 'server_tool_call_response';
      readonly id?: string;
      readonly server_tool_call_response: Readonly<Record<string, unknown>>;
    }
  | MediaPart
  /** A summary of the earlier conversation; without content if it is encrypted. */
  | {
      readonly type: 'compaction';
      readonly id?: string;
      readonly content?: string;
      readonly full_length?: number;
    }
  /** A part of an unknown type: the type and the size as JSON, never the content. */
  | { readonly type: string; readonly size?: number };

export interface TextPart {
  readonly type: 'text' | 'reasoning' | 'refusal';
  readonly content: string;
  /** The length of the original text, if `content` is truncated. */
  readonly full_length?: number;
}

/** A media part. Its data is never recorded, only its type and size. */
export type MediaPart =
  | { readonly type: 'blob'; readonly modality: string; readonly mime_type?: string; readonly size: number }
  | { readonly type: 'uri'; readonly modality: string; readonly mime_type?: string; readonly uri: string }
  | {
      readonly type: 'file';
      readonly modality: string;
      readonly mime_type?: string;
      readonly file_id: string;
    };

export interface Message {
  /** `system`, `user`, `assistant`, `tool` or a role of the provider. */
  readonly role: string;
  readonly parts: readonly MessagePart[];
}

export interface OutputMessage extends Message {
  readonly finish_reason?: string;
}

export interface ToolDefinition {
  readonly type: string;
  readonly name: string;
  readonly description?: string;
  /** The JSON schema of the arguments. */
  readonly parameters?: unknown;
}

/** Returns a text as a part, truncated to `TEXT_LENGTH`. */
export function textPart(type: TextPart['type'], text: string): TextPart {
  if (text.length <= TEXT_LENGTH) return { type, content: text };
  return { type, content: cut(text, TEXT_LENGTH), full_length: text.length };
}

/**
 * Truncates a text that is not redacted yet to at most `length` UTF-16 code units, at the last white space, since the
 * redactor would not recognise half a key. Does not split surrogate pairs.
 */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return withoutTail(text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length));
}
