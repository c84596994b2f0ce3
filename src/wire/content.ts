import { withoutTail } from '../redact/cut.js';

/**
 * Messages in the shapes of the GenAI conventions (`gen_ai.input.messages`, `gen_ai.output.messages`,
 * `gen_ai.system_instructions`, `gen_ai.tool.definitions`), bounded as reference row R17 has it. What goes
 * beyond the conventions has names of its own: `full_length` and `size`.
 */

/** Of each text, in UTF-16 code units; the full length is noted beside it. */
export const TEXT_LENGTH = 10_000;

/** Of the text that a stream gives, per part, in bytes of UTF-8. */
export const STREAMED_TEXT_BYTES = 50_000;

export type MessagePart =
  | TextPart
  | { readonly type: 'tool_call'; readonly id?: string; readonly name: string; readonly arguments?: unknown }
  | { readonly type: 'tool_call_response'; readonly id?: string; readonly response?: unknown }
  | MediaPart
  /** A part of a type that this package does not know: its type and its size as JSON, never its content. */
  | { readonly type: string; readonly size?: number };

/** `reasoning` is what the model thought aloud, `refusal` why it would not answer. */
export interface TextPart {
  readonly type: 'text' | 'reasoning' | 'refusal';
  readonly content: string;
  /** The length of the whole text, where `content` is its beginning. */
  readonly full_length?: number;
}

/** Data are never recorded, only what they are and how many bytes. */
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
  /** `system`, `user`, `assistant`, `tool`, or the provider's own word. */
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
  /** The JSON schema of its arguments. */
  readonly parameters?: unknown;
}

/** A text as a part, cut where it is too long, never within a surrogate pair. */
export function textPart(type: TextPart['type'], text: string): TextPart {
  if (text.length <= TEXT_LENGTH) return { type, content: text };
  return { type, content: cut(text, TEXT_LENGTH), full_length: text.length };
}

/**
 * The beginning of a text that is yet to be redacted, `length` UTF-16 units at most: where it was cut up to the
 * last white space, since half a key no longer looks like one; never within a surrogate pair.
 */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return withoutTail(text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length));
}
