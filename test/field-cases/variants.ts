import type { FieldExchange } from './exchange.js';

/** An exchange and what is to be recorded of it: a status, or the kind of the error with parts of the rest. */
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

const CHAT = '/v1/chat/completions';
const RESPONSES = '/v1/responses';
const MESSAGES = '/v1/messages';
const GEMINI = '/v1beta/models/gemini-2.5-flash:generateContent';
const GEMINI_STREAM = '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse';
const GEMINI_LIST = '/v1beta/models/gemini-2.5-flash:streamGenerateContent';

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
const piece = (content: string, finish: string | null = null): object => ({
  id: 'c-1',
  object: 'chat.completion.chunk',
  model: 'm',
  choices: [{ index: 0, delta: { content }, finish_reason: finish }],
});
const START = data(piece('Foxes ')) + data(piece('pounce.'));
const FINISH = data(piece('', 'stop'));
const DONE = 'data: [DONE]\n\n';
const GOOD = START + FINISH + DONE;
export const ERROR = { message: 'The engine stopped.', type: 'server_error', param: null, code: null };
export const STOPPED = generic({ detail: 'engine stopped' });
const answer = (choice: object, rest: object = {}): object => ({
  id: 'c-1',
  object: 'chat.completion',
  choices: [
    { index: 0, message: { role: 'assistant', content: 'Foxes pounce.' }, finish_reason: 'stop', ...choice },
  ],
  ...rest,
});
const response = (rest: object): object => ({
  id: 'r-1',
  object: 'response',
  status: 'completed',
  error: null,
  incomplete_details: null,
  output: [{ type: 'message', content: [{ type: 'output_text', text: 'Foxes pounce.' }] }],
  ...rest,
});
const MESSAGE_START =
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
const messageDelta = (reason: string | null): string =>
  named('message_delta', {
    type: 'message_delta',
    delta: { stop_reason: reason, stop_sequence: null },
    usage: { output_tokens: 3 },
  });
const MESSAGE_STOP = named('message_stop', { type: 'message_stop' });
const candidates = (text: string, finishReason?: string): object => ({
  candidates: [
    { content: { parts: [{ text }], role: 'model' }, index: 0, ...(finishReason && { finishReason }) },
  ],
});
export const TALK =
  'The word error is in {"error": {"message": "x"}} and [DONE] and "finish_reason": "error".';

/** Errors in the body of a successful response in one piece. */
const ENVELOPES: readonly Variant[] = [
  variant(
    'OpenAI, nested code',
    CHAT,
    { error: ERROR },
    generic({ errorType: 'server_error', detail: 'engine stopped' }),
  ),
  variant(
    'Azure API Management',
    CHAT,
    { statusCode: 500, message: 'The backend broke.', activityId: 'a-1' },
    generic({ detail: 'backend broke' }),
  ),
  variant(
    'Cloudflare',
    CHAT,
    {
      success: false,
      errors: [{ code: 7009, message: 'Upstream model broke.' }],
      messages: [],
      result: null,
    },
    generic({ detail: 'Upstream model broke' }),
  ),
  variant(
    'LiteLLM',
    CHAT,
    { error: { message: 'litellm.APIError: it broke', type: 'None', param: 'None', code: '500' } },
    generic({ detail: 'it broke' }),
  ),
  variant(
    'OpenRouter, rate limit of the provider behind it',
    CHAT,
    {
      error: { code: 429, message: 'Provider returned error', metadata: { raw: 'slow down' } },
      user_id: 'u',
    },
    { status: 'error', kind: 'rate_limit' },
  ),
  variant(
    'vLLM before 0.10',
    CHAT,
    { object: 'error', message: 'The engine is dead.', type: 'InternalServerError', param: null, code: 500 },
    generic({ detail: 'engine is dead' }),
  ),
  variant(
    'Ollama',
    CHAT,
    { error: 'llama runner process has terminated: exit status 2' },
    generic({ detail: 'llama runner' }),
  ),
  variant(
    'Mistral',
    CHAT,
    { object: 'error', message: 'Service broke.', type: 'internal_server_error', code: '1000' },
    generic({ detail: 'Service broke' }),
  ),
  variant(
    'xAI',
    CHAT,
    { code: 'The system broke', error: 'The model failed to answer' },
    generic({ detail: 'failed to answer' }),
  ),
  variant(
    'Together',
    CHAT,
    { id: 'x', error: { message: 'Model broke', type: 'server_error', param: null, code: null } },
    generic({ detail: 'Model broke' }),
  ),
  variant('FastAPI, a text', CHAT, { detail: 'Worker crashed' }, generic({ detail: 'Worker crashed' })),
  variant(
    'FastAPI, a list',
    CHAT,
    { detail: [{ loc: ['body'], msg: 'field is odd', type: 'value' }] },
    generic({ detail: 'field is odd' }),
  ),
  variant('a list of errors', CHAT, [{ error: ERROR }] as unknown as object, STOPPED, {
    headers: { 'content-type': JSON_TYPE },
    chunks: [JSON.stringify([{ error: ERROR }])],
  }),
  variant(
    'an API gateway',
    CHAT,
    { message: 'Internal server error' },
    generic({ detail: 'Internal server error' }),
  ),
  variant(
    'problem details',
    CHAT,
    { type: 'about:blank', title: 'Broken', status: 500, detail: 'It broke.' },
    generic(),
  ),
  variant('a code and a message', CHAT, { code: 50_001, msg: 'engine stopped', data: null }, STOPPED),
  variant('pretty-printed', CHAT, {}, STOPPED, { chunks: [JSON.stringify({ error: ERROR }, null, 2)] }),
  variant('behind blank lines that keep the connection open', CHAT, {}, STOPPED, {
    chunks: [{ text: '\n', times: 40_000 }, JSON.stringify({ error: ERROR })],
  }),
  variant('behind a byte order mark', CHAT, {}, STOPPED, {
    chunks: [`\uFEFF${JSON.stringify({ error: ERROR })}`],
  }),
  variant('with the type text/plain', CHAT, { error: ERROR }, STOPPED, {
    headers: { 'content-type': 'text/plain' },
  }),
  variant('with no type', CHAT, { error: ERROR }, STOPPED, {
    headers: {},
    chunks: [JSON.stringify({ error: ERROR })],
  }),
  variant(
    'Gemini',
    GEMINI,
    { error: { code: 500, message: 'An internal error has occurred.', status: 'INTERNAL' } },
    generic({ errorType: 'INTERNAL' }),
  ),
  variant(
    'Anthropic, overloaded',
    MESSAGES,
    { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    { status: 'error', kind: 'overloaded' },
  ),
  variant('an error beside good choices', CHAT, answer({}, { error: ERROR }), STOPPED),
  variant(
    'a second choice that failed',
    CHAT,
    answer(
      {},
      {
        choices: [
          { index: 0, message: {}, finish_reason: 'stop' },
          { index: 1, error: ERROR },
        ],
      },
    ),
    STOPPED,
  ),
  variant('choices null', CHAT, answer({}, { choices: null }), generic()),
  variant('no choices member', CHAT, { id: 'c', object: 'chat.completion', usage: {} }, generic()),
  variant('no candidates', GEMINI, { candidates: [], usageMetadata: { promptTokenCount: 1 } }, generic()),
  variant('blank', CHAT, {}, generic(), { chunks: ['  \n\n'] }),
  variant(
    'a web page in capitals, as an event stream',
    CHAT,
    '<HTML><HEAD><TITLE>502</TITLE></HEAD></HTML>',
    generic(),
  ),
  variant('a web page behind a comment, with no type', CHAT, {}, generic(), {
    headers: {},
    chunks: ['\n <!DOCTYPE html>\n<html></html>'],
  }),
  variant('a sentence', CHAT, {}, generic(), {
    headers: { 'content-type': 'text/plain' },
    chunks: ['Welcome to the gateway.'],
  }),
  variant('JSON that ends in the middle', CHAT, {}, generic({ errorType: 'IncompleteBodyError' }), {
    chunks: ['{"id":"c","choices":[{"message":{"content":"Fo'],
  }),
  variant(
    'a failed response without an error',
    RESPONSES,
    response({ status: 'failed', output: [] }),
    generic(),
  ),
  variant(
    'a failed response, rate limit',
    RESPONSES,
    response({ status: 'failed', error: { code: 'rate_limit_exceeded', message: 'Slow down.' } }),
    { status: 'error', kind: 'rate_limit' },
  ),
];

const SUCCESSES: readonly Variant[] = [
  variant('error null beside choices', CHAT, answer({}, { error: null }), COMPLETED),
  variant('an empty error object beside choices', CHAT, answer({}, { error: {} }), COMPLETED),
  variant('talk of errors', CHAT, answer({ message: { role: 'assistant', content: TALK } }), COMPLETED),
  variant(
    'a tool call about errors',
    CHAT,
    answer({
      message: { tool_calls: [{ function: { name: 'error', arguments: '{"error":{"code":1}}' } }] },
      finish_reason: 'tool_calls',
    }),
    COMPLETED,
  ),
  variant('an answer that was cut by its length', CHAT, answer({ finish_reason: 'length' }), COMPLETED),
  variant(
    'an Anthropic message without content',
    MESSAGES,
    { type: 'message', content: [], stop_reason: 'end_turn' },
    COMPLETED,
  ),
  variant(
    'a tool result of Anthropic with an error',
    MESSAGES,
    {
      type: 'message',
      content: [
        {
          type: 'web_search_tool_result',
          content: { type: 'web_search_tool_result_error', error_code: 'unavailable' },
        },
      ],
      stop_reason: 'end_turn',
    },
    COMPLETED,
  ),
  variant('a queued response', RESPONSES, response({ status: 'queued', output: [] }), COMPLETED),
  variant(
    'an output item that failed in a good response',
    RESPONSES,
    response({ output: [{ type: 'mcp_call', error: { message: 'tool broke' } }] }),
    COMPLETED,
  ),
  variant('blank lines in front of a good answer', CHAT, {}, COMPLETED, {
    chunks: [{ text: '\n', times: 20_000 }, JSON.stringify(answer({}))],
  }),
  variant(
    'a good answer of 400 kB',
    CHAT,
    answer({ message: { content: 'error '.repeat(70_000) } }),
    COMPLETED,
  ),
  variant('a good stream as text/plain', CHAT, GOOD, COMPLETED, {
    headers: { 'content-type': 'text/plain' },
  }),
  variant('a good stream as octet-stream', CHAT, GOOD, COMPLETED, {
    headers: { 'content-type': 'application/octet-stream' },
  }),
  variant('a good answer as text/event-stream', CHAT, answer({}), COMPLETED, {
    headers: { 'content-type': SSE_TYPE },
  }),
  variant(
    'lines of JSON',
    CHAT,
    [piece('Foxes'), piece('', 'stop')].map((one) => `${JSON.stringify(one)}\n`).join(''),
    COMPLETED,
    { headers: { 'content-type': 'application/x-ndjson' } },
  ),
  variant('talk of errors in a stream', CHAT, data(piece(TALK)) + START + FINISH + DONE, COMPLETED),
  variant(
    'a chunk of nothing but usage',
    CHAT,
    START + FINISH + data({ choices: [], usage: { total_tokens: 3 } }) + DONE,
    COMPLETED,
  ),
  variant(
    'comments and pings',
    CHAT,
    `: hi\n\n${START}event: ping\ndata: {}\n\n: error\n\n${FINISH}${DONE}`,
    COMPLETED,
  ),
  variant(
    'a finish far in front of the end',
    CHAT,
    [START, FINISH, { text: ': keep-alive\n\n', times: 5_000 }],
    COMPLETED,
  ),
  variant('[DONE] without a finish reason', CHAT, START + DONE, COMPLETED),
  variant('CR as the line break', CHAT, GOOD.replaceAll('\n', '\r'), COMPLETED),
  variant(
    'CRLF and no blank line at the end',
    CHAT,
    (START + FINISH).replaceAll('\n', '\r\n').trimEnd(),
    COMPLETED,
  ),
  variant('a retry field and ids', CHAT, `retry: 10\nid: 1\n${GOOD}`, COMPLETED),
  variant(
    'an event of 5 MB',
    CHAT,
    [
      START,
      { text: data(piece('error '.repeat(1_000))).slice(0, -2), times: 1 },
      '\n\n',
      `data: {"choices":[{"delta":{"content":"`,
      { text: 'error ', times: 900_000 },
      '"}}]}\n\n',
      FINISH,
    ],
    COMPLETED,
  ),
  variant(
    'a completed response of 300 kB',
    RESPONSES,
    named('response.created', { type: 'response.created', response: response({ status: 'in_progress' }) }) +
      named('response.completed', {
        type: 'response.completed',
        response: response({ output: [{ type: 'message', content: 'x'.repeat(300_000) }] }),
      }),
    COMPLETED,
  ),
  variant(
    'a tool of a response that failed',
    RESPONSES,
    named('response.mcp_call.failed', { type: 'response.mcp_call.failed', item_id: 'i' }) +
      named('response.completed', { type: 'response.completed', response: response({}) }),
    COMPLETED,
  ),
  variant('a paused turn', MESSAGES, MESSAGE_START + messageDelta('pause_turn') + MESSAGE_STOP, COMPLETED),
  variant('Gemini, a list', GEMINI_LIST, {}, COMPLETED, {
    chunks: [
      `[${JSON.stringify(candidates('Foxes'))}\n,\r\n${JSON.stringify(candidates('.', 'STOP'), null, 2)}]`,
    ],
  }),
  variant('Gemini, a list of 400 kB', GEMINI_LIST, {}, COMPLETED, {
    chunks: [
      '[',
      { text: `${JSON.stringify(candidates('error '.repeat(100)))},\n`, times: 600 },
      `${JSON.stringify(candidates('.', 'MAX_TOKENS'))}]`,
    ],
  }),
];

const FRAMES: readonly Variant[] = [
  variant('an error in the first event', CHAT, data({ error: ERROR }) + DONE, STOPPED),
  variant('an error in the middle', CHAT, START + data({ error: ERROR }) + GOOD, STOPPED),
  variant('an error behind [DONE]', CHAT, GOOD + data({ error: ERROR }), STOPPED),
  variant(
    'bare JSON in front of all events',
    CHAT,
    `${JSON.stringify({ error: ERROR })}\n\n${DONE}`,
    STOPPED,
  ),
  variant(
    'bare JSON between events',
    CHAT,
    `${START}${JSON.stringify({ error: ERROR })}\n\n${DONE}`,
    STOPPED,
  ),
  variant(
    'bare JSON on the line behind an event',
    CHAT,
    `${START.trimEnd()}\n${JSON.stringify({ error: ERROR })}`,
    STOPPED,
  ),
  variant(
    'bare JSON over several lines, at the end',
    CHAT,
    START + JSON.stringify({ error: ERROR }, null, 2),
    STOPPED,
  ),
  variant(
    'pretty-printed data',
    CHAT,
    `${START}${JSON.stringify({ error: ERROR }, null, 2).replace(/^/gm, 'data: ')}\n\n`,
    STOPPED,
  ),
  variant(
    'pretty-printed data without blanks behind the colons',
    CHAT,
    `${START}${JSON.stringify({ error: ERROR }, null, 1).replace(/^/gm, 'data:')}\n\n`,
    STOPPED,
  ),
  variant('the field error with a sentence', CHAT, `${START}error: the engine stopped\n\n`, STOPPED),
  variant(
    'the field error with an object in it',
    CHAT,
    `${START}error:{"error":${JSON.stringify(ERROR)}}\n\n`,
    STOPPED,
  ),
  variant('a list with an error', CHAT, START + data([{ error: ERROR }]), STOPPED),
  variant(
    'x_groq.error as an object',
    CHAT,
    START + data({ ...piece(''), x_groq: { error: ERROR } }) + DONE,
    STOPPED,
  ),
  variant(
    'an error in a choice',
    CHAT,
    START +
      data({ ...piece(''), choices: [{ index: 0, delta: {}, error: ERROR, finish_reason: 'error' }] }) +
      DONE,
    STOPPED,
  ),
  variant(
    'an error beside a chunk',
    CHAT,
    START + data({ ...piece('', 'error'), error: ERROR }) + DONE,
    STOPPED,
  ),
  variant('an error object without its wrapper', CHAT, START + data(ERROR) + DONE, STOPPED),
  variant(
    'an event called error with a sentence',
    CHAT,
    START + named('error', 'the engine stopped'),
    STOPPED,
  ),
  variant(
    'an event called error with an object without a type',
    CHAT,
    START + named('error', { message: 'the engine stopped' }),
    STOPPED,
  ),
  variant(
    'two objects on one line',
    CHAT,
    START + data(JSON.stringify(piece('x')) + JSON.stringify({ error: ERROR })),
    STOPPED,
  ),
  variant('a sentence in capitals', CHAT, START + data('ERROR: the engine stopped'), STOPPED),
  variant(
    'a line that breaks off, then an error',
    CHAT,
    `${START}data: {"id":"c","choices":[{"delta":{"content":"Fo\n${data({ error: ERROR })}`,
    STOPPED,
  ),
  variant(
    'an error that the connection cuts',
    CHAT,
    `${START}data: {"error":{"message":"The engine stopped.","type":"serv`,
    STOPPED,
    { end: 'cut' },
  ),
  variant(
    'an error longer than any bound',
    CHAT,
    [
      START,
      'data: {"error":{"message":"The engine stopped. ',
      { text: 'x', times: 300_000 },
      '"}}\n\n',
      DONE,
    ],
    STOPPED,
  ),
  variant(
    'invalid UTF-8 in an error',
    CHAT,
    START + data({ error: { ...ERROR, message: 'The engine stopped. \uFFFD' } }),
    STOPPED,
  ),
  variant(
    'a status and a message at the end',
    CHAT,
    START + data({ status: 500, message: 'The engine stopped.' }),
    STOPPED,
  ),
  variant('a detail at the end', CHAT, START + data({ detail: 'The engine stopped.' }) + DONE, STOPPED),
  variant(
    'a web page behind the events',
    CHAT,
    `${START}<html><head><title>504</title></head></html>`,
    generic(),
  ),
  variant(
    'an error line of NDJSON',
    CHAT,
    `${JSON.stringify(piece('Foxes'))}\n${JSON.stringify({ error: 'the engine stopped' })}\n`,
    STOPPED,
    { headers: { 'content-type': 'application/x-ndjson' } },
  ),
  variant('an error in a stream as JSON, compressed', CHAT, START + data({ error: ERROR }), STOPPED, {
    headers: { 'content-type': JSON_TYPE, 'content-encoding': 'gzip' },
  }),
  variant(
    'Responses: an error event',
    RESPONSES,
    named('error', {
      type: 'error',
      code: 'server_error',
      message: 'The engine stopped.',
      param: null,
      sequence_number: 3,
    }),
    generic({ errorType: 'server_error' }),
  ),
  variant(
    'Responses: an error in an error',
    RESPONSES,
    named('error', { sequence_number: 2, error: ERROR, type: 'error' }),
    STOPPED,
  ),
  variant(
    'Responses: failed, no event line, type last',
    RESPONSES,
    data({
      response: response({
        status: 'failed',
        error: { code: 'server_error', message: 'The engine stopped.' },
      }),
      type: 'response.failed',
    }),
    STOPPED,
  ),
  variant(
    'Responses: incomplete for the filter',
    RESPONSES,
    named('response.incomplete', {
      type: 'response.incomplete',
      response: response({ status: 'incomplete', incomplete_details: { reason: 'content_filter' } }),
    }),
    REFUSED,
  ),
  variant(
    'Anthropic: an error without its event line',
    MESSAGES,
    MESSAGE_START + data({ type: 'error', error: { type: 'api_error', message: 'The engine stopped.' } }),
    generic({ errorType: 'api_error' }),
  ),
  variant(
    'Anthropic: type not first',
    MESSAGES,
    MESSAGE_START +
      named('error', {
        request_id: 'r',
        error: { message: 'Overloaded', type: 'overloaded_error' },
        type: 'error',
      }),
    { status: 'error', kind: 'overloaded' },
  ),
  variant(
    'an Anthropic error in a chat stream',
    CHAT,
    START + named('error', { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }),
    { status: 'error', kind: 'overloaded' },
  ),
  variant(
    'Gemini: data with an error',
    GEMINI_STREAM,
    data(candidates('Foxes')) +
      data({ error: { code: 500, message: 'The engine stopped.', status: 'INTERNAL' } }),
    generic({ errorType: 'INTERNAL' }),
  ),
  variant('Gemini: the last element of a list', GEMINI_LIST, {}, generic({ errorType: 'INTERNAL' }), {
    chunks: [
      `[${JSON.stringify(candidates('Foxes'))}\n,\n${JSON.stringify({ error: { code: 500, message: 'x', status: 'INTERNAL' } }, null, 2)}\n]`,
    ],
  }),
  variant('Gemini: an error in a long list', GEMINI_LIST, {}, generic({ errorType: 'INTERNAL' }), {
    chunks: [
      '[',
      { text: `${JSON.stringify(candidates('word '.repeat(100)))},\n`, times: 600 },
      `${JSON.stringify({ error: { code: 500, message: 'x', status: 'INTERNAL' } })}]`,
    ],
  }),
];

const ENDS: readonly Variant[] = [
  variant('finish_reason null throughout', CHAT, START, ENDED_EARLY),
  variant(
    'finish_reason empty, CRLF',
    CHAT,
    (data(piece('Foxes', '')) + data(piece('.', ''))).replaceAll('\n', '\r\n'),
    ENDED_EARLY,
  ),
  variant('only comments', CHAT, ': wait\n\n: wait\n\n', ENDED_EARLY),
  variant('a million bytes of keep-alives', CHAT, [{ text: ': keep-alive\n\n', times: 80_000 }], ENDED_EARLY),
  variant(
    'half an event at the end',
    CHAT,
    `${START}data: {"id":"c","choices":[{"delta":{},"finish_reason":"stop"`,
    ENDED_EARLY,
  ),
  variant('Anthropic without a stop reason', MESSAGES, MESSAGE_START + messageDelta(null), ENDED_EARLY),
  variant('Anthropic: message_stop alone', MESSAGES, MESSAGE_START + MESSAGE_STOP, COMPLETED),
  variant('Gemini without a finish reason', GEMINI_STREAM, data(candidates('Foxes')), ENDED_EARLY),
  variant(
    'Responses without a last event',
    RESPONSES,
    named('response.created', { type: 'response.created', response: response({ status: 'in_progress' }) }),
    ENDED_EARLY,
  ),
  variant('one chunk in place of an answer', CHAT, piece('Foxes'), ENDED_EARLY),
  variant(
    'cut in one piece',
    CHAT,
    {},
    { status: 'error', kind: 'timeout' },
    { chunks: ['{"id":"c","choices":[{"mess'], end: 'cut' },
  ),
];

const CUTS: readonly Variant[] = [
  variant('cut behind [DONE]', CHAT, GOOD, COMPLETED, { end: 'cut' }),
  variant(
    'cut behind message_stop',
    MESSAGES,
    MESSAGE_START + messageDelta('end_turn') + MESSAGE_STOP,
    COMPLETED,
    { end: 'cut' },
  ),
  variant(
    'cut behind the finish reason',
    CHAT,
    START + FINISH,
    { status: 'error', kind: 'timeout' },
    { end: 'cut' },
  ),
];

const REASONS: readonly Variant[] = [
  variant('content_filter in one piece', CHAT, answer({ finish_reason: 'content_filter' }), REFUSED),
  variant(
    'content_filter behind good text, no [DONE]',
    CHAT,
    START + data(piece('', 'content_filter')),
    REFUSED,
  ),
  variant(
    'refusal in one piece',
    MESSAGES,
    { type: 'message', content: [{ type: 'text', text: 'No.' }], stop_reason: 'refusal' },
    REFUSED,
  ),
  ...['PROHIBITED_CONTENT', 'BLOCKLIST', 'SPII', 'IMAGE_SAFETY'].map((reason) =>
    variant(
      `Gemini: ${reason}`,
      GEMINI,
      { candidates: [{ finishReason: reason, index: 0 }] },
      { ...REFUSED, errorType: reason },
    ),
  ),
  variant(
    'Gemini: SAFETY in a stream',
    GEMINI_STREAM,
    data(candidates('Foxes')) + data(candidates('', 'SAFETY')),
    REFUSED,
  ),
  variant(
    'Gemini: a blocked prompt in a stream',
    GEMINI_STREAM,
    data({ promptFeedback: { blockReason: 'BLOCKLIST' } }),
    REFUSED,
  ),
  variant(
    'Gemini: UNEXPECTED_TOOL_CALL',
    GEMINI,
    { candidates: [{ finishReason: 'UNEXPECTED_TOOL_CALL', index: 0 }] },
    generic({ errorType: 'UNEXPECTED_TOOL_CALL' }),
  ),
  variant(
    'Gemini: MALFORMED_FUNCTION_CALL in a stream',
    GEMINI_STREAM,
    data(candidates('', 'MALFORMED_FUNCTION_CALL')),
    generic(),
  ),
  variant('finish_reason error in one piece', CHAT, answer({ finish_reason: 'error' }), generic()),
];

export const VARIANTS: readonly Variant[] = [
  ...ENVELOPES,
  ...SUCCESSES,
  ...FRAMES,
  ...ENDS,
  ...CUTS,
  ...REASONS,
];
