import {
  answer,
  CHAT,
  COMPLETED,
  candidates,
  DONE,
  data,
  FINISH,
  GEMINI_LIST,
  GOOD,
  MESSAGE_START,
  MESSAGE_STOP,
  MESSAGES,
  messageDelta,
  named,
  piece,
  RESPONSES,
  response,
  SSE_TYPE,
  START,
  TALK,
  type Variant,
  variant,
} from './variant.js';

/** Complete responses and streams, some of which resemble errors. */
export const SUCCESSES: readonly Variant[] = [
  variant('error null beside choices', CHAT, answer({}, { error: null }), COMPLETED),
  variant('an empty error object beside choices', CHAT, answer({}, { error: {} }), COMPLETED),
  variant('text about errors', CHAT, answer({ message: { role: 'assistant', content: TALK } }), COMPLETED),
  variant(
    'a tool call about errors',
    CHAT,
    answer({
      message: { tool_calls: [{ function: { name: 'error', arguments: '{"error":{"code":1}}' } }] },
      finish_reason: 'tool_calls',
    }),
    COMPLETED,
  ),
  variant('a response truncated by its length limit', CHAT, answer({ finish_reason: 'length' }), COMPLETED),
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
    'a failed output item in a successful response',
    RESPONSES,
    response({ output: [{ type: 'mcp_call', error: { message: 'tool broke' } }] }),
    COMPLETED,
  ),
  variant('blank lines before a successful response', CHAT, {}, COMPLETED, {
    chunks: [{ text: '\n', times: 20_000 }, JSON.stringify(answer({}))],
  }),
  variant(
    'a successful response of 400 kB',
    CHAT,
    answer({ message: { content: 'error '.repeat(70_000) } }),
    COMPLETED,
  ),
  variant('a successful stream as text/plain', CHAT, GOOD, COMPLETED, {
    headers: { 'content-type': 'text/plain' },
  }),
  variant('a successful stream as octet-stream', CHAT, GOOD, COMPLETED, {
    headers: { 'content-type': 'application/octet-stream' },
  }),
  variant('a successful response as text/event-stream', CHAT, answer({}), COMPLETED, {
    headers: { 'content-type': SSE_TYPE },
  }),
  variant(
    'lines of JSON',
    CHAT,
    [piece('Foxes'), piece('', 'stop')].map((one) => `${JSON.stringify(one)}\n`).join(''),
    COMPLETED,
    { headers: { 'content-type': 'application/x-ndjson' } },
  ),
  variant('text about errors in a stream', CHAT, data(piece(TALK)) + START + FINISH + DONE, COMPLETED),
  variant(
    'a chunk with usage only',
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
    'a finish reason long before the end',
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
