import { type MediaPart, type MessagePart, type TextPart, textPart } from '../content.js';
import { asLabel, asList, asObject, asText, type JsonObject } from '../json/json.js';
import type { PartLimit, StreamedText } from '../stream/streamed-parts.js';
import { base64Part, blobPart, filePart, unreadPart, uriPart } from './values.js';

/** The parts of a streamed message in order: texts assembled from pieces, and complete parts. */
export class StreamedContent {
  readonly #room: PartLimit;
  readonly #parts: (() => MessagePart)[] = [];
  #key: string | undefined;
  #text: StreamedText | undefined;

  constructor(room: PartLimit) {
    this.#room = room;
  }

  /** @param key separates consecutive texts of one type. Default: they are joined */
  append(type: TextPart['type'], piece: string, key: string = type): void {
    if (key !== this.#key) this.#begin(type, key);
    this.#text?.append(piece);
  }

  push(parts: readonly MessagePart[]): void {
    this.#key = undefined;
    for (const part of this.#room.fitting(parts)) this.#parts.push(() => part);
  }

  parts(): MessagePart[] {
    return this.#parts.map((part) => part());
  }

  #begin(type: TextPart['type'], key: string): void {
    const text = this.#room.text();
    this.#key = key;
    this.#text = text;
    if (text !== undefined) this.#parts.push(() => text.part(type));
  }
}

/** Converts a text to a part. Determines how much of the text is kept. */
export type TextReader = (type: TextPart['type'], text: string) => TextPart;

type PartReader = (part: JsonObject, text: TextReader) => MessagePart | undefined;

/** Readers by part `type`: of Chat Completions, of Responses, and extensions of other providers. */
const READERS: ReadonlyMap<string, PartReader> = new Map<string, PartReader>([
  ['text', textIn('text')],
  ['input_text', textIn('text')],
  ['output_text', textIn('text')],
  ['reasoning_text', textIn('reasoning')],
  ['summary_text', textIn('reasoning')],
  ['refusal', (part, text) => nonEmptyText('refusal', part['refusal'], text)],
  ['thinking', (part, text) => nonEmptyText('reasoning', joinedText(part['thinking']), text)],
  ['image_url', mediaIn('image', 'image_url')],
  ['video_url', mediaIn('video', 'video_url')],
  ['audio_url', mediaIn('audio', 'audio_url')],
  ['document_url', mediaIn('document', 'document_url')],
  ['input_image', (part, text) => mediaIn('image', 'image_url')(part, text) ?? fileOf(part, 'image')],
  ['input_audio', (part, text) => inputAudio(asObject(part['input_audio'])) ?? audioContent(part, text)],
  ['output_audio', audioContent],
  ['audio', audioContent],
  ['file', (part) => fileOf(asObject(part['file']) ?? part)],
  ['input_file', (part) => fileOf(part)],
]);

/** Reads the content of a message: a text or a list of parts. Skips empty texts. */
export function contentParts(content: unknown, text: TextReader = textPart): MessagePart[] {
  if (typeof content === 'string') return content === '' ? [] : [text('text', content)];
  return asList(content).flatMap((part) => contentPart(part, text) ?? []);
}

/** Reads a part; `undefined` for an empty text or an invalid part. */
export function contentPart(value: unknown, text: TextReader = textPart): MessagePart | undefined {
  const part = asObject(value);
  if (part === undefined) return nonEmptyText('text', value, text);
  const reader = READERS.get(asText(part['type']) ?? '');
  return reader === undefined ? unreadPart(part['type'], part) : reader(part, text);
}

/** Returns a text as a part; `undefined` if it is empty or not a text. */
export function nonEmptyText(type: TextPart['type'], value: unknown, text: TextReader): TextPart | undefined {
  return typeof value === 'string' && value !== '' ? text(type, value) : undefined;
}

export function joinedText(value: unknown): string {
  if (typeof value === 'string') return value;
  return asList(value)
    .map((part) => asText(asObject(part)?.['text']) ?? '')
    .join('');
}

function textIn(type: TextPart['type']): PartReader {
  return (part, text) => nonEmptyText(type, part['text'], text);
}

/** Audio of the Realtime API: the transcript if known, else the size. */
function audioContent(part: JsonObject, text: TextReader): MessagePart | undefined {
  return nonEmptyText('text', part['transcript'], text) ?? audioBySize(part['audio']);
}

function mediaIn(modality: string, member: string): PartReader {
  return (part) => {
    const url = urlIn(part[member]);
    return url === undefined ? undefined : mediaByUrl(url, modality);
  };
}

/** `data:{media type}{parameters},{data}`. */
const DATA_URL = /^data:(?:([^;,]{1,255})?([^,]{0,255}),)?/i;

/** Media by its URL. The data of a `data:` URL is recorded by its size. */
export function mediaByUrl(url: string, modality?: string): MediaPart {
  const found = DATA_URL.exec(url);
  if (found === null) return uriPart(url, undefined, modality);
  const [head, mime, parameters] = found;
  const data = url.slice(head.length);
  return parameters?.endsWith(';base64')
    ? base64Part(data, mime, modality)
    : blobPart(Buffer.byteLength(data), mime, modality);
}

/**
 * A file, in Chat Completions below `file`, in Responses beside the type: by `file_id`, `file_url` or `file_data`,
 * which is a `data:` URL or base64. Returns `undefined` if it has none of them.
 */
function fileOf(file: JsonObject, modality?: string): MediaPart | undefined {
  const id = asLabel(file['file_id']);
  if (id !== undefined) return filePart(id, modality ?? 'document');
  const url = asText(file['file_url']);
  if (url !== undefined) return mediaByUrl(url, modality);
  const data = asText(file['file_data']);
  if (data === undefined) return undefined;
  return DATA_URL.test(data) ? mediaByUrl(data, modality) : base64Part(data, undefined, modality);
}

/** The URL of `image_url` and similar members: `{ url }`, or with Mistral and in Responses the URL itself. */
function urlIn(value: unknown): string | undefined {
  return asText(value) ?? asText(asObject(value)?.['url']);
}

/** `input_audio`: base64 data and a format such as `wav`. */
function inputAudio(audio: JsonObject | undefined): MediaPart | undefined {
  const data = asText(audio?.['data']);
  const format = asLabel(audio?.['format']);
  if (data === undefined) return undefined;
  return base64Part(data, format === undefined ? undefined : `audio/${format}`, 'audio');
}

const SIZE = /^\[(\d+) bytes\]$/;

/** Audio whose data is present or was replaced by its size. */
function audioBySize(audio: unknown): MediaPart | undefined {
  const data = asText(audio);
  if (data === undefined) return undefined;
  const size = SIZE.exec(data)?.[1];
  return size === undefined
    ? base64Part(data, undefined, 'audio')
    : blobPart(Number(size), undefined, 'audio');
}
