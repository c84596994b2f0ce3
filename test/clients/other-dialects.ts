import { messageStream } from '../support/anthropic-replies.js';
import { awsChunk, awsEvent, awsException } from '../support/aws-event-stream.js';
import {
  type Asked,
  byPath,
  type Dialect,
  data,
  inBody,
  MESSAGE,
  modelOf,
  SSE,
  typed,
  words,
} from './dialect.js';
import { ANTHROPIC } from './openai-anthropic-google.js';

const AWS_ERRORS: Readonly<Record<number, string>> = {
  400: 'ValidationException',
  429: 'ThrottlingException',
  500: 'InternalServerException',
};
const BEDROCK = {
  streams: byPath,
  streamType: 'application/vnd.amazon.eventstream',
  error: () => ({ message: MESSAGE }),
  errorInStream: awsException('internalServerException', MESSAGE),
  requestIdHeader: 'x-amzn-requestid',
  headersOf: (status: number): Record<string, string> => {
    const type = AWS_ERRORS[status];
    return type === undefined ? {} : { 'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/` };
  },
};
const CONVERSE_USAGE = { inputTokens: 20, outputTokens: 10, totalTokens: 30 };
const CONVERSE: Dialect = {
  ...BEDROCK,
  path: /\/converse(-stream)?$/,
  answer: ({ text }) => ({
    output: { message: { role: 'assistant', content: [{ text }] } },
    stopReason: 'end_turn',
    usage: CONVERSE_USAGE,
    metrics: { latencyMs: 5 },
  }),
  stream: ({ text }) => [
    awsEvent('messageStart', { role: 'assistant' }),
    ...words(text).map((word) =>
      awsEvent('contentBlockDelta', { contentBlockIndex: 0, delta: { text: word } }),
    ),
    awsEvent('contentBlockStop', { contentBlockIndex: 0 }),
    awsEvent('messageStop', { stopReason: 'end_turn' }),
    awsEvent('metadata', { usage: CONVERSE_USAGE, metrics: { latencyMs: 5 } }),
  ],
};
const INVOKE: Dialect = {
  ...BEDROCK,
  path: /\/invoke(-with-response-stream)?$/,
  answer: ANTHROPIC.answer,
  stream: ({ text }) =>
    messageStream(text).events.map((event) => awsChunk(typeof event === 'string' ? event : event.data)),
};

const COHERE_USAGE = {
  billed_units: { input_tokens: 20, output_tokens: 10 },
  tokens: { input_tokens: 20, output_tokens: 10 },
};
const COHERE: Dialect = {
  path: /\/v2\/chat$/,
  streams: inBody,
  answer: ({ marker, text }) => ({
    id: marker,
    finish_reason: 'COMPLETE',
    message: { role: 'assistant', content: [{ type: 'text', text }] },
    usage: COHERE_USAGE,
  }),
  stream: ({ marker, text }) => [
    typed('message-start', {
      id: marker,
      delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } },
    }),
    typed('content-start', { index: 0, delta: { message: { content: { type: 'text', text: '' } } } }),
    ...words(text).map((word) =>
      typed('content-delta', { index: 0, delta: { message: { content: { text: word } } } }),
    ),
    typed('content-end', { index: 0 }),
    typed('message-end', { delta: { finish_reason: 'COMPLETE', usage: COHERE_USAGE } }),
  ],
  streamType: SSE,
  error: () => ({ id: 'e', message: MESSAGE }),
  errorInStream: typed('message-end', {
    delta: { finish_reason: 'ERROR', error: MESSAGE, usage: COHERE_USAGE },
  }),
  requestIdHeader: 'x-request-id',
};

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;
const ollama = (asked: Asked, text: string, last: boolean) => ({
  model: modelOf(asked),
  created_at: '2026-01-01T00:00:00Z',
  ...(asked.path.endsWith('/chat') ? { message: { role: 'assistant', content: text } } : { response: text }),
  done: last,
  ...(last ? { done_reason: 'stop', prompt_eval_count: 20, eval_count: 10 } : {}),
});
const OLLAMA: Dialect = {
  path: /\/api\/(chat|generate)$/,
  streams: ({ body }) => body['stream'] !== false,
  answer: (asked) => ollama(asked, asked.text, true),
  stream: (asked) => [
    ...words(asked.text).map((word) => line(ollama(asked, word, false))),
    line(ollama(asked, '', true)),
  ],
  streamType: 'application/x-ndjson',
  error: () => ({ error: MESSAGE }),
  errorInStream: line({ error: MESSAGE }),
  requestIdHeader: 'x-request-id',
};

const GATEWAY_USAGE = {
  inputTokens: { total: 20, noCache: 20, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 10, text: 10, reasoning: 0 },
};
const FINISHED = { finishReason: { unified: 'stop', raw: 'stop' }, usage: GATEWAY_USAGE };
const GATEWAY: Dialect = {
  path: /\/ai\/language-model$/,
  streams: ({ headers }) => headers['ai-language-model-streaming'] === 'true',
  answer: ({ marker, text }) => ({
    content: [{ type: 'text', text }],
    ...FINISHED,
    response: { id: marker, timestamp: '2026-01-01T00:00:00.000Z' },
    warnings: [],
  }),
  stream: ({ text }) =>
    [
      { type: 'stream-start', warnings: [] },
      { type: 'text-start', id: 't' },
      ...words(text).map((delta) => ({ type: 'text-delta', id: 't', delta })),
      { type: 'text-end', id: 't' },
      { type: 'finish', ...FINISHED },
    ].map(data),
  streamType: SSE,
  error: (status) => ({
    error: { message: MESSAGE, type: status === 429 ? 'rate_limit_exceeded' : 'internal_server_error' },
  }),
  errorInStream: data({ type: 'error', error: { message: MESSAGE, type: 'internal_server_error' } }),
  requestIdHeader: 'x-request-id',
};

const CONVERSATION_USAGE = {
  prompt_tokens: 20,
  completion_tokens: 10,
  total_tokens: 30,
  connector_tokens: 0,
};
const CONVERSATIONS: Dialect = {
  path: /\/conversations$/,
  streams: inBody,
  answer: ({ marker, text, ...asked }) => ({
    object: 'conversation.response',
    conversation_id: `conv_${marker}`,
    outputs: [
      {
        type: 'message.output',
        id: 'msg_1',
        role: 'assistant',
        model: asked.body['model'],
        content: text,
      },
    ],
    usage: CONVERSATION_USAGE,
  }),
  stream: ({ marker, text, ...asked }) => [
    typed('conversation.response.started', {
      created_at: '2026-01-01T00:00:00Z',
      conversation_id: `conv_${marker}`,
    }),
    ...words(text).map((word) =>
      typed('message.output.delta', {
        output_index: 0,
        content_index: 0,
        id: 'msg_1',
        model: asked.body['model'],
        role: 'assistant',
        content: word,
      }),
    ),
    typed('conversation.response.done', { created_at: '2026-01-01T00:00:01Z', usage: CONVERSATION_USAGE }),
  ],
  streamType: SSE,
  error: (status) => ({ object: 'error', message: MESSAGE, type: 'error', code: String(status) }),
  errorInStream: typed('conversation.response.error', {
    created_at: '2026-01-01T00:00:01Z',
    message: MESSAGE,
    code: 500,
  }),
  requestIdHeader: 'x-request-id',
};

/** A stream has a request of its own, to the URL that the prediction names. */
const REPLICATE: Dialect = {
  path: /\/predictions$|\/v1\/files\/[\w-]+$/,
  streams: ({ method }) => method === 'GET',
  isSilent: true,
  answer: ({ marker, text, mode, path }) => ({
    id: marker,
    model: path.split('/').slice(3, 5).join('/'),
    version: 'hidden',
    input: {},
    logs: '',
    error: null,
    status: mode === 'stream' ? 'starting' : 'succeeded',
    output: mode === 'stream' ? null : words(text),
    created_at: '2026-01-01T00:00:00.000Z',
    urls: {
      get: `https://api.replicate.com/v1/predictions/${marker}`,
      cancel: `https://api.replicate.com/v1/predictions/${marker}/cancel`,
      stream: `https://stream.replicate.com/v1/files/${marker}`,
    },
    metrics: mode === 'stream' ? {} : { input_token_count: 20, output_token_count: 10 },
  }),
  stream: ({ text }) => [
    ...words(text).map((word) => `event: output\nid: 1:0\ndata: ${word}\n\n`),
    'event: done\nid: 1:1\ndata: {}\n\n',
  ],
  streamType: SSE,
  error: (status) => ({ title: 'Error', detail: MESSAGE, status }),
  errorInStream: `event: error\nid: 1:1\ndata: ${JSON.stringify({ detail: MESSAGE })}\n\n`,
  requestIdHeader: 'x-request-id',
  status: 201,
};

export const OTHER_PROVIDERS: readonly Dialect[] = [
  CONVERSE,
  INVOKE,
  COHERE,
  OLLAMA,
  GATEWAY,
  CONVERSATIONS,
  REPLICATE,
];
