import type { ReplyHeaders, SseEvent } from './provider.js';
import type { JsonReply, SseReply } from './reply.js';

const MODEL = 'claude-sonnet-4-5-20250929';
const REQUEST_ID = { 'request-id': 'req_1' };

/** `POST /v1/messages` without `stream`. */
export function message(text: string): JsonReply {
  return {
    type: 'json',
    headers: REQUEST_ID,
    body: {
      ...head(),
      content: [{ type: 'text', text, citations: null }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 20, output_tokens: 10 },
    },
  };
}

/** The same with `stream`. Each word is an event. */
export function messageStream(text: string): SseReply {
  const pieces = text.match(/\S+\s*|\s+/g) ?? [];
  return {
    type: 'sse',
    headers: REQUEST_ID,
    done: false,
    events: [
      event('message_start', { message: { ...head(), usage: { input_tokens: 20, output_tokens: 1 } } }),
      event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      event('ping'),
      ...pieces.map((piece) =>
        event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: piece } }),
      ),
      event('content_block_stop', { index: 0 }),
      event('message_delta', {
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { output_tokens: 10 },
      }),
      event('message_stop'),
    ],
  };
}

/** An error response in the provider's format, e.g. `anthropicError(500, 'api_error', '…')`. */
export function anthropicError(
  status: number,
  type: string,
  text: string,
  headers: ReplyHeaders = {},
): JsonReply {
  const body = { type: 'error', error: { type, message: text }, request_id: 'req_error_1' };
  return { type: 'json', status, headers: { 'request-id': 'req_error_1', ...headers }, body };
}

/** The same in the middle of a stream. */
export function anthropicErrorEvent(type: string, text: string): SseEvent {
  return event('error', { error: { type, message: text } });
}

function event(type: string, fields: object = {}): SseEvent {
  return { event: type, data: { type, ...fields } };
}

function head() {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: MODEL,
    content: [] as unknown[],
    stop_reason: null as string | null,
    stop_sequence: null,
  };
}
