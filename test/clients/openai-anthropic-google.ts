import { anthropicErrorEvent, message, messageStream } from '../support/anthropic-replies.js';
import { content, contentStream } from '../support/gemini-replies.js';
import { completion, completionStream } from '../support/openai-replies.js';
import { response, responseEvent, responseStream } from '../support/openai-responses-replies.js';
import { sseText } from '../support/send-reply.js';
import {
  type Asked,
  byPath,
  type Dialect,
  data,
  inBody,
  MESSAGE,
  modelOf,
  named,
  pieces,
  SSE,
  whole,
  words,
} from './dialect.js';

const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  429: 'rate_limit_error',
  500: 'server_error',
};
export const openaiError = (status: number) => ({
  error: { message: MESSAGE, type: TYPES[status], param: null, code: null },
});
const OPENAI = {
  streamType: SSE,
  streams: inBody,
  error: openaiError,
  errorInStream: data(openaiError(500)),
  requestIdHeader: 'x-request-id',
};

const CHAT: Dialect = {
  ...OPENAI,
  path: /\/(chat|fim|agents)\/completions$/,
  answer: (asked) => whole(completion(asked.text, { id: asked.marker, model: modelOf(asked) })),
  stream: (asked) => {
    const { text, body, marker: id } = asked;
    const all = pieces(completionStream(text, { id, model: modelOf(asked) }));
    if (body['stream_options'] !== undefined) return all;
    // Without `include_usage`, usage is beside the finish reason and absent before.
    const usage = '"usage":{"prompt_tokens":20,"completion_tokens":10,"total_tokens":30}';
    const finish = all.length - 3;
    return [...all.slice(0, finish + 1), ...all.slice(finish + 2)].map((piece, index) =>
      piece.replace(',"usage":null', index === finish ? `,${usage}` : ''),
    );
  },
};

const textCompletion = ({ marker, ...asked }: Asked, text: string, last: boolean) => ({
  id: marker,
  object: 'text_completion',
  created: 1_764_000_000,
  model: modelOf({ marker, ...asked }),
  choices: [{ index: 0, text, logprobs: null, finish_reason: last ? 'stop' : null }],
  ...(last ? { usage: { prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 } } : {}),
});
const COMPLETIONS: Dialect = {
  ...OPENAI,
  path: /\/v1\/completions$/,
  answer: (asked) => textCompletion(asked, asked.text, true),
  stream: (asked) => [
    ...words(asked.text).map((word) => data(textCompletion(asked, word, false))),
    data(textCompletion(asked, '', true)),
    'data: [DONE]\n\n',
  ],
};

/** A call with `background` is queued, and completed at the second poll. */
const RESPONSES: Dialect = {
  ...OPENAI,
  path: /\/responses(\/resp_[\w-]+)?$/,
  answer: ({ text, body, method, marker, request }) => {
    const done = { ...(whole(response(text)) as object), id: `resp_${marker}` };
    const queued = method === 'POST' ? body['background'] === true : request < 2;
    return queued ? { ...done, status: 'queued', output: [], usage: null } : done;
  },
  stream: ({ text }) => pieces(responseStream(text)),
  errorInStream: sseText(responseEvent('error', 5, { code: 'server_error', message: MESSAGE, param: null })),
};

const anthropicError = (status: number) => ({
  type: 'error',
  error: { type: status === 500 ? 'api_error' : TYPES[status], message: MESSAGE },
});
export const ANTHROPIC: Dialect = {
  path: /\/messages$|:(streamR|r)awPredict$/,
  streams: (asked) => inBody(asked) || byPath(asked),
  answer: ({ text }) => ({ ...(whole(message(text)) as object), content: [{ type: 'text', text }] }),
  stream: ({ text }) => pieces(messageStream(text)),
  streamType: SSE,
  error: anthropicError,
  errorInStream: sseText(anthropicErrorEvent('api_error', MESSAGE)),
  requestIdHeader: 'request-id',
};

const GOOGLE_STATUS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
};
const googleError = (code: number) => ({ error: { code, message: MESSAGE, status: GOOGLE_STATUS[code] } });
const GEMINI: Dialect = {
  path: /:(streamG|g)enerateContent$/,
  streams: byPath,
  answer: ({ text }) => whole(content(text)),
  stream: ({ text }) => pieces(contentStream(text)),
  streamType: SSE,
  error: googleError,
  errorInStream: data(googleError(500)),
  requestIdHeader: 'x-request-id',
};

const interaction = ({ marker, ...asked }: Asked, status: string) => ({
  id: `v1_${marker}`,
  object: 'interaction',
  model: modelOf({ marker, ...asked }),
  status,
});
const INTERACTION_USAGE = { total_input_tokens: 20, total_output_tokens: 10, total_tokens: 30 };
const INTERACTIONS: Dialect = {
  path: /\/interactions$/,
  streams: inBody,
  answer: (asked) => ({
    ...interaction(asked, 'completed'),
    role: 'model',
    steps: [{ type: 'model_output', content: [{ type: 'text', text: asked.text }] }],
    usage: INTERACTION_USAGE,
  }),
  stream: (asked) => {
    const event = (event_type: string, rest: object) => named(event_type, { event_type, ...rest });
    return [
      event('interaction.created', { interaction: interaction(asked, 'in_progress') }),
      event('step.start', { index: 0, step: { type: 'model_output' } }),
      ...words(asked.text).map((text) => event('step.delta', { index: 0, delta: { type: 'text', text } })),
      event('step.stop', { index: 0 }),
      event('interaction.completed', {
        interaction: { ...interaction(asked, 'completed'), usage: INTERACTION_USAGE },
      }),
      named('done', '[DONE]'),
    ];
  },
  streamType: SSE,
  error: googleError,
  errorInStream: named('error', { event_type: 'error', error: { code: 'internal', message: MESSAGE } }),
  requestIdHeader: 'x-request-id',
};

export const LARGE_PROVIDERS: readonly Dialect[] = [
  CHAT,
  COMPLETIONS,
  RESPONSES,
  ANTHROPIC,
  GEMINI,
  INTERACTIONS,
];
