import { cut, type MediaPart, TEXT_LENGTH } from '../content.js';
import { defined } from './defined.js';
import { asLabel } from './label.js';

/** Data in base64, ordinary or for URLs: the size is that of what they stand for. */
export function base64Part(data: string, mimeType: unknown, modality = modalityOf(mimeType)): MediaPart {
  return blobPart(Buffer.byteLength(data, 'base64'), mimeType, modality);
}

/** @param size in bytes */
export function blobPart(size: number, mimeType: unknown, modality = modalityOf(mimeType)): MediaPart {
  return { type: 'blob', modality, ...mime(mimeType), size };
}

export function uriPart(uri: string, mimeType: unknown, modality = modalityOf(mimeType)): MediaPart {
  return { type: 'uri', modality, ...mime(mimeType), uri: cut(uri, TEXT_LENGTH) };
}

export function filePart(fileId: string, modality: string): MediaPart {
  return { type: 'file', modality, file_id: fileId };
}

/** `image`, `audio` and `video` are the words of the conventions; whatever else a file holds is a `document`. */
function modalityOf(mimeType: unknown): string {
  const [kind = ''] = (asLabel(mimeType) ?? '').toLowerCase().split('/', 1);
  return ['image', 'audio', 'video'].includes(kind) ? kind : 'document';
}

function mime(mimeType: unknown) {
  return defined({ mime_type: asLabel(mimeType) });
}
