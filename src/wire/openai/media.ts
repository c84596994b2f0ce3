import type { MediaPart } from '../content.js';
import { asLabel } from '../facts/label.js';
import { base64Part, blobPart, filePart, uriPart } from '../facts/media.js';
import { asObject, asText, type JsonObject } from '../json/json.js';

/** `data:{media type}{parameters},{data}`. */
const DATA_URL = /^data:(?:([^;,]{1,255})?([^,]{0,255}),)?/i;

/** An image, a sound, a film or a document by its URL; the data within a `data:` URL are measured only. */
export function mediaAt(url: string, modality?: string): MediaPart {
  const found = DATA_URL.exec(url);
  if (found === null) return uriPart(url, undefined, modality);
  const [head, mime, parameters] = found;
  const data = url.slice(head.length);
  return parameters?.endsWith(';base64')
    ? base64Part(data, mime, modality)
    : blobPart(Buffer.byteLength(data), mime, modality);
}

/**
 * A file as Chat Completions has it under `file`, and Responses beside the type: by `file_id`, `file_url` or
 * `file_data`, the last a `data:` URL or base64 alone; `undefined` where it has none of them.
 */
export function fileOf(file: JsonObject, modality?: string): MediaPart | undefined {
  const id = asLabel(file['file_id']);
  if (id !== undefined) return filePart(id, modality ?? 'document');
  const url = asText(file['file_url']);
  if (url !== undefined) return mediaAt(url, modality);
  const data = asText(file['file_data']);
  if (data === undefined) return undefined;
  return DATA_URL.test(data) ? mediaAt(data, modality) : base64Part(data, undefined, modality);
}

/** `{ url }` as `image_url` and the like have it; with Mistral, and in Responses, they are the URL itself. */
export function urlIn(value: unknown): string | undefined {
  return asText(value) ?? asText(asObject(value)?.['url']);
}

/** `input_audio`: base64 and the end of its media type, such as `wav`. */
export function soundOf(audio: JsonObject | undefined): MediaPart | undefined {
  const data = asText(audio?.['data']);
  const format = asLabel(audio?.['format']);
  if (data === undefined) return undefined;
  return base64Part(data, format === undefined ? undefined : `audio/${format}`, 'audio');
}
