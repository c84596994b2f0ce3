import type { CaseResponse, ResponseEnd } from './format.js';
import type { RecordedAttempt, RecordedStep } from './kept-run.js';

const TEXT = 'synthesised ';
const JSON_TYPE = { 'content-type': 'application/json' };
const STREAM_TYPE = { 'content-type': 'text/event-stream' };

/**
 * Synthesises a response with the recorded status, error and end, for an attempt without a recorded body.
 *
 * @param isLast whether the error of the step is that of this attempt
 */
export function synthesisedResponse(
  attempt: RecordedAttempt,
  step: RecordedStep,
  isLast: boolean,
  end: ResponseEnd,
): CaseResponse {
  const { statusCode: status } = attempt;
  if (status === undefined) return { end };
  const message = (isLast ? step.detail : attempt.errorMessage) ?? attempt.errorMessage;
  const { headers, chunks } =
    status >= 400 ? failure(attempt, status, message) : successful(attempt, step, message, end);
  return { status, headers: { ...headers, ...knownHeaders(attempt) }, chunks, end };
}

interface Body {
  readonly headers: Readonly<Record<string, string>>;
  readonly chunks: readonly string[];
}

function failure({ path, errorType }: RecordedAttempt, status: number, message: string | undefined): Body {
  // Without a text, and for authentication errors, the detail is the code.
  if (message === undefined && /^\d{3}$/.test(errorType ?? '')) return { headers: {}, chunks: [] };
  const text = message ?? errorType ?? '';
  return {
    headers: JSON_TYPE,
    chunks: [JSON.stringify(bodyFormatOf(path).failure(status, errorType, text))],
  };
}

/** A response with a 2xx or 3xx status, whose body or end made it a failure. */
function successful(
  { path, errorType = '', status }: RecordedAttempt,
  { isStream, detail }: RecordedStep,
  message: string | undefined,
  end: ResponseEnd,
): Body {
  const format = bodyFormatOf(path);
  const stream = (...events: readonly string[]): Body => ({
    headers: STREAM_TYPE,
    chunks: [format.textEvent(TEXT), ...events],
  });
  const json = (body: unknown): Body => ({ headers: JSON_TYPE, chunks: [JSON.stringify(body)] });
  const partialResponse: Body = {
    headers: JSON_TYPE,
    chunks: [JSON.stringify(format.answer(TEXT, undefined)).slice(0, 20)],
  };
  if (status === 'completed')
    return isStream ? stream(format.finishEvent('stop')) : json(format.answer(TEXT, undefined));
  switch (errorType) {
    case 'WebPageError':
      return {
        headers: { 'content-type': 'text/html' },
        chunks: ['<html><title>synthesised</title></html>'],
      };
    case 'EmptyAnswerError':
      return /no choices/.test(detail ?? '') ? json({ choices: [] }) : { headers: JSON_TYPE, chunks: [] };
    case 'UnexpectedAnswerError':
      return { headers: { 'content-type': 'text/plain' }, chunks: ['synthesised'] };
    case 'IncompleteBodyError':
      return isStream ? { ...stream(), headers: JSON_TYPE } : partialResponse;
    case 'StreamEndedEarlyError':
      return stream();
  }
  if (end !== 'clean') return isStream ? stream() : partialResponse;
  const isContentFiltered = /^the provider refused the content|^the answer ended with the finish reason/.test(
    detail ?? '',
  );
  if (isContentFiltered)
    return isStream ? stream(format.finishEvent(errorType)) : json(format.answer(TEXT, errorType));
  const text = message ?? errorType;
  return isStream ? stream(format.errorEvent(errorType, text)) : json(format.failure(500, errorType, text));
}

function knownHeaders({ requestId, retryAfterMs }: RecordedAttempt): Readonly<Record<string, string>> {
  return {
    ...(requestId !== undefined && { 'x-request-id': requestId }),
    ...(retryAfterMs !== undefined && {
      'retry-after-ms': String(retryAfterMs),
      'retry-after': String(Math.ceil(retryAfterMs / 1_000)),
    }),
  };
}

interface BodyFormat {
  failure(status: number, errorType: string | undefined, message: string): unknown;
  errorEvent(errorType: string | undefined, message: string): string;
  textEvent(text: string): string;
  answer(text: string, finishReason: string | undefined): unknown;
  finishEvent(finishReason: string): string;
}

const event = (data: unknown, name?: string): string =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;

/** An error type that is a number is the HTTP status. */
const word = (errorType: string | undefined): string | null =>
  errorType === undefined || /^(?:\d{3}|_OTHER)$/.test(errorType) ? null : errorType;

const openAiError = (errorType: string | undefined, message: string) => ({
  message,
  type: word(errorType) ?? 'server_error',
  param: null,
  code: word(errorType),
});

const OPENAI_CHAT: BodyFormat = {
  failure: (_, errorType, message) => ({ error: openAiError(errorType, message) }),
  errorEvent: (errorType, message) => event({ error: openAiError(errorType, message) }),
  textEvent: (content) =>
    event({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta: { content }, finish_reason: null }],
    }),
  answer: (content, finishReason = 'stop') => ({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: finishReason }],
  }),
  finishEvent: (finishReason) =>
    event({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta: {}, finish_reason: finishReason }],
    }),
};

const OPENAI_RESPONSES: BodyFormat = {
  failure: OPENAI_CHAT.failure,
  errorEvent: (errorType, message) =>
    event(
      { type: 'error', sequence_number: 1, code: word(errorType) ?? 'server_error', message, param: null },
      'error',
    ),
  textEvent: (delta) =>
    event(
      { type: 'response.output_text.delta', item_id: 'msg_1', output_index: 0, content_index: 0, delta },
      'response.output_text.delta',
    ),
  answer: (text, finishReason) => ({
    id: 'resp_1',
    object: 'response',
    ...(finishReason === undefined
      ? { status: 'completed' }
      : { status: 'incomplete', incomplete_details: { reason: finishReason } }),
    output: [
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text, annotations: [] }] },
    ],
  }),
  finishEvent: (reason) =>
    event(
      {
        type: 'response.incomplete',
        response: {
          id: 'resp_1',
          object: 'response',
          status: 'incomplete',
          incomplete_details: { reason },
          output: [],
        },
      },
      'response.incomplete',
    ),
};

const anthropicError = (errorType: string | undefined, message: string) => ({
  type: 'error',
  error: { type: word(errorType) ?? 'api_error', message },
});

const ANTHROPIC: BodyFormat = {
  failure: (_, errorType, message) => anthropicError(errorType, message),
  errorEvent: (errorType, message) => event(anthropicError(errorType, message), 'error'),
  textEvent: (text) =>
    event(
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
      'content_block_delta',
    ),
  answer: (text, finishReason = 'end_turn') => ({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    content: [{ type: 'text', text }],
    stop_reason: finishReason,
  }),
  finishEvent: (stop_reason) =>
    event({ type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: {} }, 'message_delta'),
};

const candidate = (text: string, finishReason?: string) => ({
  candidates: [
    { index: 0, content: { role: 'model', parts: [{ text }] }, ...(finishReason && { finishReason }) },
  ],
});

const GEMINI: BodyFormat = {
  failure: (code, errorType, message) => ({ error: { code, message, status: word(errorType) ?? 'UNKNOWN' } }),
  errorEvent: (errorType, message) =>
    event({ error: { code: 500, message, status: word(errorType) ?? 'INTERNAL' } }),
  textEvent: (text) => event(candidate(text)),
  answer: (text, finishReason = 'STOP') => candidate(text, finishReason),
  finishEvent: (finishReason) => event(candidate('', finishReason)),
};

/** By path. Other providers use the format of OpenAI's chat completions. */
const FORMATS: readonly (readonly [path: RegExp, format: BodyFormat])[] = [
  [/\/messages$|\/messages\?/, ANTHROPIC],
  [/:(?:stream)?generateContent/i, GEMINI],
  [/\/responses(?:$|[/?])/, OPENAI_RESPONSES],
];

function bodyFormatOf(path: string): BodyFormat {
  return FORMATS.find(([pattern]) => pattern.test(path))?.[1] ?? OPENAI_CHAT;
}
