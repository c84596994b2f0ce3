import { awsChunk, awsEvent, awsException } from '../support/aws-event-stream.js';
import {
  asking,
  COMPLETED,
  CUT,
  ENDED_EARLY,
  type Expected,
  generic,
  JSON_TYPE,
  REFUSED,
  type Response,
  STOPPED,
  TALK,
  type Variant,
  variant,
} from './variant.js';

const INCOMPLETE: Expected = { status: 'error', errorType: 'IncompleteBodyError' };

const AWS = { 'content-type': 'application/vnd.amazon.eventstream' };

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
/** Flips one bit of this byte, counted from the end. */
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
  variant('Converse: a response', CONVERSE, converse('end_turn'), COMPLETED),
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
  inMessages('a stream with another type', [GOOD], COMPLETED, { headers: { 'content-type': JSON_TYPE } }),
  inMessages('text about errors', [START, delta(TALK), stop('end_turn')], COMPLETED),
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
    'an exception with type JSON',
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
  inMessages('cut after the last message', [GOOD], CUT, { end: 'cut' }),
  inMessages('cut inside a message', [START.subarray(0, -9)], CUT, { end: 'cut' }),
  inMessages('ends inside a message', [GOOD.subarray(0, -9)], INCOMPLETE),
  inMessages('ends inside a prelude', [GOOD, GOOD.subarray(0, 5)], INCOMPLETE),
  inMessages('a wrong checksum', [START, damaged(delta('.'), 20), stop('end_turn')], INCOMPLETE),
  inMessages('a wrong checksum of the prelude', [START, damaged(GOOD, GOOD.length - 9)], INCOMPLETE),
  inMessages('a wrong checksum in the first message', [damaged(GOOD, GOOD.length - 9)], INCOMPLETE),
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
      'Invoke: a response of Claude',
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
    invoked('invalid base64', [claude(...MESSAGE_START), awsEvent('chunk', { bytes: '%%%' })], ENDED_EARLY),
    variant(
      'Invoke: a response of another model',
      '/model/meta.llama3-70b-instruct-v1%3A0/invoke',
      { generation: 'Foxes.', stop_reason: 'stop' },
      COMPLETED,
    ),
    variant(
      'Invoke: a response of a model of unknown format',
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
      'a stream of a model of unknown format',
      [claude({ words: 'a' }, { words: 'b' }, { words: 'c', ...METRICS })],
      COMPLETED,
    ),
  ],
);

/** Responses and streams of Amazon Bedrock: Converse, and models of several vendors by Invoke. */
export const BEDROCK_VARIANTS: readonly Variant[] = [...BEDROCK, ...INVOKED];
