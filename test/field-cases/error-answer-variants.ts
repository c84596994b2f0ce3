import {
  answer,
  CHAT,
  ERROR,
  GEMINI,
  generic,
  JSON_TYPE,
  MESSAGES,
  RESPONSES,
  response,
  STOPPED,
  type Variant,
  variant,
} from './variant.js';

/** Errors instead of a response. */
export const ENVELOPES: readonly Variant[] = [
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
  variant('after blank lines that keep the connection open', CHAT, {}, STOPPED, {
    chunks: [{ text: '\n', times: 40_000 }, JSON.stringify({ error: ERROR })],
  }),
  variant('after a byte order mark', CHAT, {}, STOPPED, {
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
  variant('a web page after a comment, with no type', CHAT, {}, generic(), {
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
