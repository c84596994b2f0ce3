import type { FieldExchange } from './exchange.js';

/** An exchange and its expected recording: a status, or the kind of the error with parts of the rest. */
export interface Variant extends FieldExchange {
  readonly title: string;
  readonly expected: {
    readonly status: 'completed' | 'error' | 'interrupted';
    readonly kind?: string;
    readonly errorType?: string;
    readonly detail?: string;
  };
}

export type Response = Partial<FieldExchange['response']>;
export type Expected = Variant['expected'];

export const CHAT = '/v1/chat/completions';
export const RESPONSES = '/v1/responses';
export const MESSAGES = '/v1/messages';
export const GEMINI = '/v1beta/models/gemini-2.5-flash:generateContent';
export const GEMINI_STREAM = '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse';
export const GEMINI_LIST = '/v1beta/models/gemini-2.5-flash:streamGenerateContent';

export const JSON_TYPE = 'application/json';
export const SSE_TYPE = 'text/event-stream';

export const COMPLETED: Expected = { status: 'completed' };
export const generic = (rest: Partial<Expected> = {}): Expected => ({
  status: 'error',
  kind: 'generic',
  ...rest,
});
export const REFUSED: Expected = { status: 'error', kind: 'content_filter' };
export const ENDED_EARLY: Expected = { status: 'error', kind: 'timeout', errorType: 'StreamEndedEarlyError' };

/** The error of a cut connection. */
export const CUT: Expected = { status: 'error', kind: 'timeout' };

export function variant(
  title: string,
  path: string,
  body: string | object | readonly (string | Buffer | { text: string; times: number })[],
  expected: Expected,
  { headers, ...response }: Response & { headers?: Readonly<Record<string, string>> } = {},
): Variant {
  const isText = typeof body === 'string';
  const chunks = isText ? [body] : Array.isArray(body) ? body : [JSON.stringify(body)];
  const type = isText || Array.isArray(body) ? SSE_TYPE : JSON_TYPE;
  return {
    title,
    expected,
    request: {
      method: 'POST',
      path,
      headers: {
        'content-type': JSON_TYPE,
        ...(path.startsWith(MESSAGES) && { 'anthropic-version': '2023-06-01' }),
      },
      body: {
        model: 'm',
        messages: [{ role: 'user', content: 'How do foxes hunt?' }],
        input: 'x',
        stream: isText,
      },
    },
    response: {
      status: 200,
      headers: { 'content-type': type, ...headers },
      chunks,
      end: 'clean',
      ...response,
    },
  };
}

export const data = (value: unknown): string =>
  `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;
export const named = (event: string, value: unknown): string => `event: ${event}\n${data(value)}`;
export const piece = (content: string, finish: string | null = null): object => ({
  id: 'c-1',
  object: 'chat.completion.chunk',
  model: 'm',
  choices: [{ index: 0, delta: { content }, finish_reason: finish }],
});
export const START = data(piece('Foxes ')) + data(piece('pounce.'));
export const FINISH = data(piece('', 'stop'));
export const DONE = 'data: [DONE]\n\n';
export const GOOD = START + FINISH + DONE;
export const ERROR = { message: 'The engine stopped.', type: 'server_error', param: null, code: null };
export const STOPPED = generic({ detail: 'engine stopped' });
export const answer = (choice: object, rest: object = {}): object => ({
  id: 'c-1',
  object: 'chat.completion',
  choices: [
    { index: 0, message: { role: 'assistant', content: 'Foxes pounce.' }, finish_reason: 'stop', ...choice },
  ],
  ...rest,
});
export const response = (rest: object): object => ({
  id: 'r-1',
  object: 'response',
  status: 'completed',
  error: null,
  incomplete_details: null,
  output: [{ type: 'message', content: [{ type: 'output_text', text: 'Foxes pounce.' }] }],
  ...rest,
});
export const MESSAGE_START =
  named('message_start', {
    type: 'message_start',
    message: { id: 'm-1', type: 'message', content: [], stop_reason: null },
  }) +
  named('content_block_start', {
    type: 'content_block_start',
    index: 0,
    content_block: { type: 'text', text: '' },
  }) +
  named('content_block_delta', {
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'text_delta', text: 'Foxes' },
  });
export const messageDelta = (reason: string | null): string =>
  named('message_delta', {
    type: 'message_delta',
    delta: { stop_reason: reason, stop_sequence: null },
    usage: { output_tokens: 3 },
  });
export const MESSAGE_STOP = named('message_stop', { type: 'message_stop' });
export const candidates = (text: string, finishReason?: string): object => ({
  candidates: [
    { content: { parts: [{ text }], role: 'model' }, index: 0, ...(finishReason && { finishReason }) },
  ],
});
export const TALK =
  'The word error is in {"error": {"message": "x"}} and [DONE] and "finish_reason": "error".';

/** Errors in the body of a successful response without streaming. */

/** The same with another request. */
export function asking(body: object, variants: readonly Variant[]): readonly Variant[] {
  return variants.map((one) => ({ ...one, request: { ...one.request, body } }));
}
