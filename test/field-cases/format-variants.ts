import { awsChunk, awsEvent, awsException } from '../support/aws-event-stream.js';
import {
  COMPLETED,
  data,
  ENDED_EARLY,
  ERROR,
  type Expected,
  generic,
  JSON_TYPE,
  named,
  REFUSED,
  type Response,
  STOPPED,
  TALK,
  type Variant,
  variant,
} from './variants.js';

/** Of a connection that was cut. */
const CUT: Expected = { status: 'error', kind: 'timeout' };
const INCOMPLETE: Expected = { status: 'error', errorType: 'IncompleteBodyError' };

const NDJSON = { 'content-type': 'application/x-ndjson' };
const AWS = { 'content-type': 'application/vnd.amazon.eventstream' };

/** The same with another request. */
function asking(body: object, variants: readonly Variant[]): readonly Variant[] {
  return variants.map((one) => ({ ...one, request: { ...one.request, body } }));
}

const lines = (...values: readonly object[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('');
const line = (content: string, rest: object = { done: false }): object => ({
  model: 'm',
  created_at: '2026-01-01T00:00:00Z',
  message: { role: 'assistant', content },
  ...rest,
});
const LAST_LINE = line('', { done: true, done_reason: 'stop', prompt_eval_count: 3, eval_count: 2 });
const inLines = (title: string, text: string, expected: Expected, rest: Response = {}) =>
  variant(`Ollama: ${title}`, '/api/chat', text, expected, {
    ...rest,
    headers: { ...NDJSON, ...rest.headers },
  });

const OLLAMA: readonly Variant[] = [
  variant('Ollama: an answer', '/api/chat', line('Foxes.', { done: true, done_reason: 'stop' }), COMPLETED),
  variant('Ollama: an error in place of an answer', '/api/chat', { error: 'the engine stopped' }, STOPPED),
  variant('Ollama: one line in place of an answer', '/api/chat', line('Foxes'), ENDED_EARLY),
  inLines('a stream', lines(line('Foxes'), line(' pounce.'), LAST_LINE), COMPLETED),
  inLines('no line break at the end', lines(line('Foxes'), LAST_LINE).trimEnd(), COMPLETED),
  inLines('a stream as text', lines(line('Foxes'), line('.'), LAST_LINE), COMPLETED, {
    headers: { 'content-type': 'text/plain' },
  }),
  inLines('talk of errors', lines(line(TALK), LAST_LINE), COMPLETED),
  inLines('an error line', lines(line('Foxes'), { error: 'the engine stopped' }), STOPPED),
  inLines(
    'an error line without its break',
    lines(line('Foxes'), { error: 'the engine stopped' }).trimEnd(),
    STOPPED,
  ),
  inLines(
    'an error line in the middle',
    lines(line('Foxes'), { error: 'the engine stopped' }, LAST_LINE),
    STOPPED,
  ),
  inLines(
    'an error line far from the end',
    lines(line('a'), { error: 'the engine stopped' }, ...Array<object>(500).fill(line('b'))),
    STOPPED,
  ),
  inLines('no last line', lines(line('Foxes'), line(' pounce.')), ENDED_EARLY),
  inLines('cut', lines(line('Foxes'), line(' pounce.')), CUT, { end: 'cut' }),
  inLines('cut in a line', lines(line('Foxes'), line(' pounce.')).slice(0, -20), CUT, { end: 'cut' }),
  inLines('cut behind the last line', lines(line('Foxes'), LAST_LINE), COMPLETED, { end: 'cut' }),
  ...asking({ model: 'm', prompt: 'How do foxes hunt?' }, [
    variant('Ollama: generate', '/api/generate', { model: 'm', response: 'Foxes.', done: true }, COMPLETED),
    variant(
      'Ollama: generate, a stream',
      '/api/generate',
      lines({ model: 'm', response: 'Foxes', done: false }, { model: 'm', response: '', done: true }),
      COMPLETED,
      { headers: NDJSON },
    ),
    variant(
      'Ollama: generate, an error line',
      '/api/generate',
      lines({ model: 'm', response: 'Foxes', done: false }, { error: 'the engine stopped' }),
      STOPPED,
      { headers: NDJSON },
    ),
  ]),
];

const cohere = (finish_reason: string, rest: object = {}): object => ({
  id: 'c-1',
  finish_reason,
  message: { role: 'assistant', content: [{ type: 'text', text: 'Foxes pounce.' }] },
  usage: { tokens: { input_tokens: 3, output_tokens: 2 } },
  ...rest,
});
const COHERE_START =
  named('message-start', { type: 'message-start', id: 'c-1', delta: { message: { role: 'assistant' } } }) +
  named('content-delta', {
    type: 'content-delta',
    index: 0,
    delta: { message: { content: { text: 'Foxes' } } },
  });
const messageEnd = (finish_reason: string): string =>
  named('message-end', { type: 'message-end', delta: { finish_reason, usage: { tokens: {} } } });

const COHERE: readonly Variant[] = [
  variant('Cohere: an answer', '/v2/chat', cohere('COMPLETE'), COMPLETED),
  variant(
    'Cohere: an answer that calls a tool',
    '/v2/chat',
    cohere('TOOL_CALL', { message: { tool_calls: [] } }),
    COMPLETED,
  ),
  variant('Cohere: an error', '/v2/chat', { id: 'c-1', message: 'The engine stopped.' }, STOPPED),
  variant('Cohere: ERROR', '/v2/chat', cohere('ERROR'), generic({ errorType: 'ERROR' })),
  variant('Cohere: TIMEOUT', '/v2/chat', cohere('TIMEOUT'), { ...CUT, errorType: 'TIMEOUT' }),
  variant('Cohere: ERROR_TOXIC', '/v2/chat', cohere('ERROR_TOXIC'), { ...REFUSED, errorType: 'ERROR_TOXIC' }),
  variant('Cohere: a stream', '/v2/chat', COHERE_START + messageEnd('COMPLETE'), COMPLETED),
  variant('Cohere: MAX_TOKENS in a stream', '/v2/chat', COHERE_START + messageEnd('MAX_TOKENS'), COMPLETED),
  variant('Cohere: ERROR in a stream', '/v2/chat', COHERE_START + messageEnd('ERROR'), generic()),
  variant('Cohere: ERROR_TOXIC in a stream', '/v2/chat', COHERE_START + messageEnd('ERROR_TOXIC'), REFUSED),
  variant(
    'Cohere: an error event',
    '/v2/chat',
    COHERE_START + named('error', { message: 'The engine stopped.' }),
    STOPPED,
  ),
  variant('Cohere: no message-end', '/v2/chat', COHERE_START, ENDED_EARLY),
  variant('Cohere: cut', '/v2/chat', COHERE_START, CUT, { end: 'cut' }),
];

const choice = (text: string, finish_reason: string | null = null): object => ({
  id: 'cmpl-1',
  object: 'text_completion',
  model: 'm',
  choices: [{ index: 0, text, logprobs: null, finish_reason }],
});
const DONE = 'data: [DONE]\n\n';

const COMPLETIONS: readonly Variant[] = asking({ model: 'm', prompt: 'Foxes' }, [
  variant('Completions: an answer', '/v1/completions', choice(' pounce.', 'stop'), COMPLETED),
  variant('Completions: an error', '/v1/completions', { error: ERROR }, STOPPED),
  variant('Completions: refused', '/v1/completions', choice('', 'content_filter'), REFUSED),
  variant(
    'Completions: a stream',
    '/v1/completions',
    data(choice(' pounce')) + data(choice('.', 'stop')) + DONE,
    COMPLETED,
  ),
  variant(
    'Completions: an error in a stream',
    '/v1/completions',
    data(choice(' a')) + data({ error: ERROR }),
    STOPPED,
  ),
  variant('Completions: no finish reason', '/v1/completions', data(choice(' pounce')), ENDED_EARLY),
  variant('Completions: cut', '/v1/completions', data(choice(' pounce')), CUT, { end: 'cut' }),
  variant('Fill in the middle: an answer', '/v1/fim/completions', choice(' pounce.', 'stop'), COMPLETED),
]);

const AGENTS: readonly Variant[] = asking({ agent_id: 'a', messages: [] }, [
  variant(
    'Agents: no finish reason',
    '/v1/agents/completions',
    data({ object: 'chat.completion.chunk', choices: [{ delta: { content: 'Foxes' } }] }),
    ENDED_EARLY,
  ),
]);

const GATEWAY_PATH = '/v3/ai/language-model';
const generated = (finishReason: unknown): object => ({
  content: [{ type: 'text', text: 'Foxes pounce.' }],
  finishReason,
  usage: { inputTokens: { total: 3 }, outputTokens: { total: 2 } },
  warnings: [],
});
const unified = (word: string) => ({ unified: word, raw: word });
const PARTS =
  data({ type: 'stream-start', warnings: [] }) +
  data({ type: 'text-start', id: '0' }) +
  data({ type: 'text-delta', id: '0', delta: 'Foxes' });
const finish = (finishReason: unknown): string => data({ type: 'finish', finishReason, usage: {} });

const GATEWAY: readonly Variant[] = asking({ prompt: [{ role: 'user', content: [] }] }, [
  variant('AI Gateway: an answer', GATEWAY_PATH, generated(unified('stop')), COMPLETED),
  variant('AI Gateway: an answer of specification 2', '/v1/ai/language-model', generated('stop'), COMPLETED),
  variant('AI Gateway: another reason', GATEWAY_PATH, generated(unified('other')), COMPLETED),
  variant('AI Gateway: refused', GATEWAY_PATH, generated(unified('content-filter')), REFUSED),
  variant('AI Gateway: failed', GATEWAY_PATH, generated(unified('error')), generic()),
  variant('AI Gateway: an error', GATEWAY_PATH, { error: ERROR }, STOPPED),
  variant('AI Gateway: a stream', GATEWAY_PATH, PARTS + finish(unified('stop')), COMPLETED),
  variant(
    'AI Gateway: refused in a stream',
    GATEWAY_PATH,
    PARTS + finish(unified('content-filter')),
    REFUSED,
  ),
  variant('AI Gateway: an error part', GATEWAY_PATH, PARTS + data({ type: 'error', error: ERROR }), STOPPED),
  variant(
    'AI Gateway: an error part, then finish',
    GATEWAY_PATH,
    PARTS + data({ type: 'error', error: 'the engine stopped' }) + finish(unified('error')),
    STOPPED,
  ),
  variant('AI Gateway: no finish', GATEWAY_PATH, PARTS, ENDED_EARLY),
  variant('AI Gateway: cut', GATEWAY_PATH, PARTS, CUT, { end: 'cut' }),
]);

const OUTPUTS = [{ type: 'message.output', content: 'Foxes pounce.', role: 'assistant' }];
const DELTA = named('message.output.delta', { type: 'message.output.delta', id: 'm', content: 'Foxes' });

const CONVERSATIONS: readonly Variant[] = asking({ model: 'm', inputs: 'How do foxes hunt?' }, [
  variant(
    'Conversations: an answer',
    '/v1/conversations',
    { object: 'conversation.response', conversation_id: 'c', outputs: OUTPUTS, usage: {} },
    COMPLETED,
  ),
  variant(
    'Conversations: a stream',
    '/v1/conversations/c',
    DELTA + named('conversation.response.done', { type: 'conversation.response.done', usage: {} }),
    COMPLETED,
  ),
  variant(
    'Conversations: an error event',
    '/v1/conversations',
    DELTA +
      named('conversation.response.error', {
        type: 'conversation.response.error',
        message: 'The engine stopped.',
        code: 500,
      }),
    STOPPED,
  ),
  variant('Conversations: no end', '/v1/conversations', DELTA, ENDED_EARLY),
]);

const CONVERSE = '/model/anthropic.claude-sonnet-4%3A0/converse';
const CONVERSE_STREAM = `${CONVERSE}-stream`;
const converse = (stopReason: string): object => ({
  output: { message: { role: 'assistant', content: [{ text: 'Foxes pounce.' }] } },
  stopReason,
  usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 },
});
const delta = (text: string): Buffer =>
  awsEvent('contentBlockDelta', { contentBlockIndex: 0, delta: { text } });
const START = Buffer.concat([
  awsEvent('messageStart', { role: 'assistant' }),
  delta('Foxes'),
  delta(' pounce.'),
]);
const stop = (stopReason: string): Buffer =>
  Buffer.concat([
    awsEvent('contentBlockStop', { contentBlockIndex: 0 }),
    awsEvent('messageStop', { stopReason }),
    awsEvent('metadata', { usage: { inputTokens: 3, outputTokens: 2 }, metrics: { latencyMs: 5 } }),
  ]);
const GOOD = Buffer.concat([START, stop('end_turn')]);
/** With one bit of this byte, counted from the end, the other way round. */
const damaged = (message: Buffer, fromEnd: number): Buffer => {
  const copy = Buffer.from(message);
  const at = copy.length - fromEnd;
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
};
const inMessages = (title: string, chunks: readonly Buffer[], expected: Expected, rest: Response = {}) =>
  variant(`Converse: ${title}`, CONVERSE_STREAM, chunks, expected, {
    ...rest,
    headers: { ...AWS, ...rest.headers },
  });
const HUGE = delta(TALK + 'error '.repeat(2_700_000));

const BEDROCK: readonly Variant[] = [
  variant('Converse: an answer', CONVERSE, converse('end_turn'), COMPLETED),
  variant('Converse: guardrail_intervened', CONVERSE, converse('guardrail_intervened'), REFUSED),
  variant('Converse: content_filtered', CONVERSE, converse('content_filtered'), REFUSED),
  variant('Converse: malformed_tool_use', CONVERSE, converse('malformed_tool_use'), generic()),
  variant('Converse: an error', CONVERSE, { message: 'The engine stopped.' }, STOPPED),
  variant(
    'Converse: a refused request',
    CONVERSE,
    { message: 'Input is too long for requested model.' },
    { status: 'error', errorType: 'ValidationException' },
    {
      status: 400,
      headers: {
        'content-type': JSON_TYPE,
        'x-amzn-errortype': 'ValidationException:http://internal.amazon.com/coral/',
      },
    },
  ),
  inMessages('a stream', [GOOD], COMPLETED),
  inMessages('a stream under another type', [GOOD], COMPLETED, { headers: { 'content-type': JSON_TYPE } }),
  inMessages('talk of errors', [START, delta(TALK), stop('end_turn')], COMPLETED),
  inMessages('throttled', [START, awsException('throttlingException', 'Too many requests.')], {
    status: 'error',
    kind: 'rate_limit',
    errorType: 'throttlingException',
  }),
  inMessages(
    'an exception',
    [START, awsException('modelStreamErrorException', 'The engine stopped.')],
    generic({ errorType: 'modelStreamErrorException', detail: 'engine stopped' }),
  ),
  inMessages(
    'an exception first',
    [awsException('internalServerException', 'The engine stopped.')],
    generic({ errorType: 'internalServerException' }),
  ),
  inMessages(
    'an exception under JSON',
    [START, awsException('internalServerException', 'x')],
    generic({ errorType: 'internalServerException' }),
    { headers: { 'content-type': JSON_TYPE } },
  ),
  inMessages('unavailable', [START, awsException('serviceUnavailableException', 'Try later.')], {
    ...CUT,
    errorType: 'serviceUnavailableException',
  }),
  inMessages('guardrail_intervened in a stream', [START, stop('guardrail_intervened')], REFUSED),
  inMessages('no messageStop', [START], ENDED_EARLY),
  inMessages('no message at all', [], ENDED_EARLY),
  inMessages('cut', [START], CUT, { end: 'cut' }),
  // Clients read to the end of the connection, and throw.
  inMessages('cut behind the last message', [GOOD], CUT, { end: 'cut' }),
  inMessages('cut inside a message', [START.subarray(0, -9)], CUT, { end: 'cut' }),
  inMessages('ends inside a message', [GOOD.subarray(0, -9)], INCOMPLETE),
  inMessages('ends inside a prelude', [GOOD, GOOD.subarray(0, 5)], INCOMPLETE),
  inMessages('a wrong checksum', [START, damaged(delta('.'), 20), stop('end_turn')], INCOMPLETE),
  inMessages('a wrong checksum of the prelude', [START, damaged(GOOD, GOOD.length - 9)], INCOMPLETE),
  inMessages('a wrong checksum at the very first', [damaged(GOOD, GOOD.length - 9)], INCOMPLETE),
  inMessages(
    'an exception, then a wrong checksum',
    [START, awsException('throttlingException', 'x'), damaged(delta('.'), 20)],
    { status: 'error', kind: 'rate_limit' },
  ),
  inMessages('no event stream at all', [Buffer.alloc(4_000, 7)], INCOMPLETE),
  inMessages('a message of 16 MB', [START, HUGE, stop('end_turn')], COMPLETED, {
    headers: { 'content-length': String(GOOD.length + HUGE.length) },
  }),
  inMessages(
    'a long stream',
    [START, ...Array<Buffer>(3_000).fill(delta('word')), awsException('throttlingException', 'x')],
    { status: 'error', kind: 'rate_limit' },
  ),
];

const INVOKE = '/model/anthropic.claude-sonnet-4%3A0/invoke';
const INVOKE_STREAM = `${INVOKE}-with-response-stream`;
const claude = (...values: readonly object[]): Buffer => Buffer.concat(values.map(awsChunk));
const MESSAGE_START = [
  { type: 'message_start', message: { id: 'm', type: 'message', content: [], usage: {} } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Foxes' } },
];
const messageEnds = (stop_reason: string) => [
  { type: 'message_delta', delta: { stop_reason }, usage: { output_tokens: 3 } },
  { type: 'message_stop', 'amazon-bedrock-invocationMetrics': { inputTokenCount: 3, outputTokenCount: 2 } },
];
const invoked = (title: string, chunks: readonly Buffer[], expected: Expected, rest: Response = {}) =>
  variant(`Invoke: ${title}`, INVOKE_STREAM, chunks, expected, { ...rest, headers: AWS });
const METRICS = { 'amazon-bedrock-invocationMetrics': { inputTokenCount: 3, outputTokenCount: 2 } };

const INVOKED: readonly Variant[] = asking(
  { anthropic_version: 'bedrock-2023-05-31', max_tokens: 9, messages: [] },
  [
    variant(
      'Invoke: an answer of Claude',
      INVOKE,
      { type: 'message', content: [], stop_reason: 'end_turn' },
      COMPLETED,
    ),
    variant(
      'Invoke: a refusal of Claude',
      INVOKE,
      { type: 'message', content: [], stop_reason: 'refusal' },
      REFUSED,
    ),
    invoked('a stream of Claude', [claude(...MESSAGE_START, ...messageEnds('end_turn'))], COMPLETED),
    invoked('a refusal in a stream', [claude(...MESSAGE_START, ...messageEnds('refusal'))], REFUSED),
    invoked(
      'an error in a stream',
      [
        claude(...MESSAGE_START, {
          type: 'error',
          error: { type: 'overloaded_error', message: 'Overloaded' },
        }),
      ],
      { status: 'error', kind: 'overloaded' },
    ),
    invoked('an exception', [claude(...MESSAGE_START), awsException('modelTimeoutException', 'x')], {
      ...CUT,
      errorType: 'modelTimeoutException',
    }),
    invoked('no end', [claude(...MESSAGE_START)], ENDED_EARLY),
    invoked('cut', [claude(...MESSAGE_START)], CUT, { end: 'cut' }),
    invoked(
      'base64 that is none',
      [claude(...MESSAGE_START), awsEvent('chunk', { bytes: '%%%' })],
      ENDED_EARLY,
    ),
    variant(
      'Invoke: an answer of another model',
      '/model/meta.llama3-70b-instruct-v1%3A0/invoke',
      { generation: 'Foxes.', stop_reason: 'stop' },
      COMPLETED,
    ),
    variant(
      'Invoke: an answer of a model of unknown form',
      '/model/acme.own-v1/invoke',
      { words: ['Foxes.'] },
      COMPLETED,
    ),
    variant(
      'Invoke: content that Titan filtered',
      '/model/amazon.titan-text-express-v1/invoke',
      { results: [{ outputText: '', completionReason: 'CONTENT_FILTERED' }] },
      REFUSED,
    ),
    invoked(
      'a stream of a model of unknown form',
      [claude({ words: 'a' }, { words: 'b' }, { words: 'c', ...METRICS })],
      COMPLETED,
    ),
  ],
);

/** Of each format beside the older ones: answers, errors in each framing, refusals, and what ended too early. */
export const FORMAT_VARIANTS: readonly Variant[] = [
  ...OLLAMA,
  ...COHERE,
  ...COMPLETIONS,
  ...AGENTS,
  ...GATEWAY,
  ...CONVERSATIONS,
  ...BEDROCK,
  ...INVOKED,
];
