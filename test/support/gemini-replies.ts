import type { ReplyHeaders } from './provider.js';
import type { JsonReply, SseReply } from './reply.js';

const ANSWER = { modelVersion: 'gemini-2.5-flash', responseId: 'gemini-1' };
const USAGE = {
  usageMetadata: { promptTokenCount: 20, candidatesTokenCount: 10, totalTokenCount: 30 },
};

/** `POST …:generateContent`. */
export function content(text: string): JsonReply {
  return {
    type: 'json',
    body: { candidates: [{ ...candidate(text), finishReason: 'STOP' }], ...USAGE, ...ANSWER },
  };
}

/** `POST …:streamGenerateContent?alt=sse`. Each word is an event. */
export function contentStream(text: string): SseReply {
  const pieces = text.match(/\S+\s*|\s+/g) ?? [];
  return {
    type: 'sse',
    done: false,
    events: [
      ...pieces.map((piece) => ({ data: { candidates: [candidate(piece)], ...ANSWER } })),
      { data: { candidates: [{ ...candidate(''), finishReason: 'STOP' }], ...USAGE, ...ANSWER } },
    ],
  };
}

/** An error response in the provider's format, e.g. `geminiError(500, 'INTERNAL', '…')`. */
export function geminiError(
  code: number,
  status: string,
  message: string,
  headers: ReplyHeaders = {},
): JsonReply {
  return { type: 'json', status: code, headers, body: { error: { code, message, status } } };
}

function candidate(text: string) {
  return { index: 0, content: { role: 'model', parts: [{ text }] } };
}
