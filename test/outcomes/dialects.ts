import { anthropicError, anthropicErrorEvent, message, messageStream } from '../support/anthropic-replies.js';
import { content, contentStream, geminiError } from '../support/gemini-replies.js';
import { completion, completionStream, openaiError } from '../support/openai-replies.js';
import { response, responseEvent, responseStream } from '../support/openai-responses-replies.js';
import type { Reply, ReplyHeaders, SseEvent } from '../support/provider.js';
import type { SseReply } from '../support/reply.js';

/** The responses of a provider in one wire format. */
export interface Dialect {
  readonly answer: Reply;
  readonly stream: SseReply;
  /** The number of text events of the stream, and of the events before them. */
  readonly beginning: number;
  failure(status: Status, headers?: ReplyHeaders): Reply;
  /** A server error in the middle of a stream. */
  readonly errorEvent: SseEvent;
}

export type Status = 400 | 401 | 429 | 500;

export const TEXT = 'one two three';
const MESSAGE = 'No luck today.';

const OPENAI_CODES = {
  400: [null, 'invalid_request_error'],
  401: ['invalid_api_key', 'invalid_request_error'],
  429: ['rate_limit_exceeded', 'requests'],
  500: [null, 'server_error'],
} as const;

const openaiFailure: Dialect['failure'] = (status, headers) => {
  const [code, type] = OPENAI_CODES[status];
  return openaiError(status, code, type, MESSAGE, headers);
};

export const OPENAI_CHAT: Dialect = {
  answer: completion(TEXT),
  stream: completionStream(TEXT),
  beginning: 4,
  failure: openaiFailure,
  errorEvent: { data: { error: { message: MESSAGE, type: 'server_error', param: null, code: null } } },
};

export const OPENAI_RESPONSES: Dialect = {
  answer: response(TEXT),
  stream: responseStream(TEXT),
  beginning: 7,
  failure: openaiFailure,
  errorEvent: responseEvent('error', 7, { code: 'server_error', message: MESSAGE, param: null }),
};

const ANTHROPIC_TYPES = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  429: 'rate_limit_error',
  500: 'api_error',
} as const;

export const ANTHROPIC: Dialect = {
  answer: message(TEXT),
  stream: messageStream(TEXT),
  beginning: 6,
  failure: (status, headers) => anthropicError(status, ANTHROPIC_TYPES[status], MESSAGE, headers),
  errorEvent: anthropicErrorEvent('api_error', MESSAGE),
};

const GEMINI_STATUSES = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
} as const;

export const GEMINI: Dialect = {
  answer: content(TEXT),
  stream: contentStream(TEXT),
  beginning: 3,
  failure: (status, headers) => geminiError(status, GEMINI_STATUSES[status], MESSAGE, headers),
  errorEvent: { data: { error: { code: 500, message: MESSAGE, status: 'INTERNAL' } } },
};
