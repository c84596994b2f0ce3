import type { MediaPart } from '../content.js';
import { asLabel } from '../facts/label.js';
import { base64Part, blobPart, filePart, uriPart } from '../facts/media.js';
import { asObject, asText, type JsonObject } from '../json/json.js';

const DATA_URL = /^data:([^;,]{0,255})[^,]{0,255},/i;
const WEB_URL = /^https?:\/\//i;

/**
 * A file, of which the data are measured only. Up to v3 its `data` are bytes, base64, or a URL as text or object;
 * in v4 an object that says which. `undefined` for what is none of them.
 */
export function mediaPart(data: unknown, mediaType: unknown): MediaPart | undefined {
  if (ArrayBuffer.isView(data)) return blobPart(data.byteLength, mediaType);
  if (typeof data === 'string') return textualData(data, mediaType);
  const given = asObject(data);
  if (given === undefined) return undefined;
  // By its member: a URL of another realm is no instance of ours.
  const href = asText(given['href']);
  return href === undefined ? taggedData(given, mediaType) : textualData(href, mediaType);
}

/** The media type may also be one half of one: `image`, `image/*`. */
function textualData(data: string, mediaType: unknown): MediaPart {
  if (WEB_URL.test(data)) return uriPart(data, mediaType);
  const [head = '', named] = DATA_URL.exec(data) ?? [];
  return base64Part(data.slice(head.length), named || mediaType);
}

function taggedData(given: JsonObject, mediaType: unknown): MediaPart | undefined {
  switch (given['type']) {
    case 'data':
      return mediaPart(given['data'], mediaType);
    case 'url':
      return mediaPart(given['url'], mediaType);
    case 'text':
      return blobPart(Buffer.byteLength(asText(given['text']) ?? ''), mediaType);
    case 'reference':
      return fileAt(given['reference']);
    default:
      return undefined;
  }
}

/** A file that the provider keeps: its id, or one id for each provider. */
export function fileAt(reference: unknown): MediaPart | undefined {
  const [id] = typeof reference === 'string' ? [reference] : Object.values(asObject(reference) ?? {});
  const label = asLabel(id);
  return label === undefined ? undefined : filePart(label, 'document');
}
