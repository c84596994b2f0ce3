import { type MessagePart, type TextPart, textPart } from '../content.js';
import { unreadPart } from '../facts/bounded-value.js';
import { asList, asObject, asText, type JsonObject } from '../json/json.js';
import { fileOf, mediaAt, soundOf, urlIn } from './media.js';

/** How a text becomes a part, and with it how much of the text is kept. */
export type TextReader = (type: TextPart['type'], text: string) => TextPart;

type PartReader = (part: JsonObject, text: TextReader) => MessagePart | undefined;

/** By a part's `type`: those of Chat Completions, of Responses, and what others added to the former. */
const READERS: ReadonlyMap<string, PartReader> = new Map<string, PartReader>([
  ['text', textIn('text')],
  ['input_text', textIn('text')],
  ['output_text', textIn('text')],
  ['reasoning_text', textIn('reasoning')],
  ['summary_text', textIn('reasoning')],
  ['refusal', (part, text) => said('refusal', part['refusal'], text)],
  ['thinking', (part, text) => said('reasoning', joinedText(part['thinking']), text)],
  ['image_url', mediaIn('image', 'image_url')],
  ['video_url', mediaIn('video', 'video_url')],
  ['audio_url', mediaIn('audio', 'audio_url')],
  ['document_url', mediaIn('document', 'document_url')],
  ['input_image', (part, text) => mediaIn('image', 'image_url')(part, text) ?? fileOf(part, 'image')],
  ['input_audio', (part) => soundOf(asObject(part['input_audio']))],
  ['file', (part) => fileOf(asObject(part['file']) ?? part)],
  ['input_file', (part) => fileOf(part)],
]);

/** The content of a message: a text or a list of parts. An empty text is no part. */
export function contentParts(content: unknown, text: TextReader = textPart): MessagePart[] {
  if (typeof content === 'string') return content === '' ? [] : [text('text', content)];
  return asList(content).flatMap((part) => contentPart(part, text) ?? []);
}

/** One part of a content; `undefined` for an empty text and for what is no part. */
export function contentPart(value: unknown, text: TextReader = textPart): MessagePart | undefined {
  const part = asObject(value);
  if (part === undefined) return said('text', value, text);
  const reader = READERS.get(asText(part['type']) ?? '');
  return reader === undefined ? unreadPart(part['type'], part) : reader(part, text);
}

/** A text as a part; `undefined` where it is none, or empty. */
export function said(type: TextPart['type'], value: unknown, text: TextReader): TextPart | undefined {
  return typeof value === 'string' && value !== '' ? text(type, value) : undefined;
}

/** The texts of a list of parts as one. */
export function joinedText(value: unknown): string {
  if (typeof value === 'string') return value;
  return asList(value)
    .map((part) => asText(asObject(part)?.['text']) ?? '')
    .join('');
}

function textIn(type: TextPart['type']): PartReader {
  return (part, text) => said(type, part['text'], text);
}

function mediaIn(modality: string, member: string): PartReader {
  return (part) => {
    const url = urlIn(part[member]);
    return url === undefined ? undefined : mediaAt(url, modality);
  };
}
