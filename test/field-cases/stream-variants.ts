import {
  CHAT,
  candidates,
  DONE,
  data,
  ERROR,
  GEMINI_LIST,
  GEMINI_STREAM,
  GOOD,
  generic,
  JSON_TYPE,
  MESSAGE_START,
  MESSAGES,
  named,
  piece,
  REFUSED,
  RESPONSES,
  response,
  START,
  STOPPED,
  type Variant,
  variant,
} from './variant.js';

/** Errors inside a stream, in all framings. */
export const FRAMES: readonly Variant[] = [
  variant('an error in the first event', CHAT, data({ error: ERROR }) + DONE, STOPPED),
  variant('an error in the middle', CHAT, START + data({ error: ERROR }) + GOOD, STOPPED),
  variant('an error after [DONE]', CHAT, GOOD + data({ error: ERROR }), STOPPED),
  variant('bare JSON before all events', CHAT, `${JSON.stringify({ error: ERROR })}\n\n${DONE}`, STOPPED),
  variant(
    'bare JSON between events',
    CHAT,
    `${START}${JSON.stringify({ error: ERROR })}\n\n${DONE}`,
    STOPPED,
  ),
  variant(
    'bare JSON on the line after an event',
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
    'pretty-printed data without blanks after the colons',
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
    'an incomplete line, then an error',
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
    'a web page after the events',
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
