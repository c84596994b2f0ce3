import { channel } from 'node:diagnostics_channel';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { type Capture, ERROR_KINDS, withRun } from '../../src/index.js';
import {
  ATTR_CHATDEBUG_STREAM_BYTES,
  ATTR_CHATDEBUG_STREAM_CHUNKS,
  ATTR_CHATDEBUG_STREAM_LAST_EVENT,
} from '../../src/semconv.js';
import { anthropicErrorEvent, messageStream } from '../support/anthropic-replies.js';
import { number, text } from '../support/attributes.js';
import { completion, completionStream } from '../support/openai-replies.js';
import fc, { runs } from '../support/property.js';
import { type Recording, startRecording } from '../support/recording.js';
import type { SseReply } from '../support/reply.js';
import { sseText } from '../support/send-reply.js';
import { buildTree, type RunTree } from '../support/tree.js';

let recording: Recording;
beforeAll(async () => {
  recording = await startRecording({
    capture: 'errors',
    keepKinds: ERROR_KINDS,
    keepPerFingerprint: 1_000_000,
    keepPerMinute: 1_000_000,
  });
});
afterAll(() => recording.stop());

const { body: ANSWER } = completion('Hello.') as { readonly body: object };
const WHOLE = Buffer.from(JSON.stringify(ANSWER));
const IN_BODY = Buffer.from(JSON.stringify({ error: { message: 'Overloaded', type: 'server_error' } }));
const events = ({ events }: SseReply): string[] => events.map(sseText);
const DONE = 'data: [DONE]\n\n';
const CHAT = events(completionStream('Hello, how are you?'));
const MESSAGES = events(messageStream('Hello, how are you?'));
const STREAMS = [
  [...CHAT, DONE],
  MESSAGES,
  // Longer than a block of the evidence, and than what is judged within an event.
  [...events(completionStream('word '.repeat(400))), DONE],
  ['{"model":"m","response":"Hel","done":false}\n', '{"response":"lo","done":true,"done_reason":"stop"}\n'],
  CHAT.slice(0, -2),
  MESSAGES.slice(0, 4),
  [...CHAT.slice(0, 3), sseText({ data: { error: { message: 'Overloaded', type: 'server_error' } } })],
  [...MESSAGES.slice(0, 5), sseText(anthropicErrorEvent('overloaded_error', 'Overloaded'))],
].map((parts) => Buffer.from(parts.join('')));
const REQUEST = Buffer.from(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] }));

interface Event {
  readonly name: string;
  readonly message: object;
}

const ENCODERS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: gzipSync,
  br: brotliCompressSync,
  deflate: deflateSync,
  identity: (bytes) => bytes,
  unknown: (bytes) => bytes,
};

/** The bytes of one of these bodies, in a few chunks. */
const chunks = (name: string, bodies: readonly Buffer[]): fc.Arbitrary<Event[]> =>
  fc
    .tuple(fc.constantFrom(...bodies), fc.array(fc.nat(), { minLength: 1, maxLength: 3 }))
    .map(([body, cuts]) => {
      const places = [0, ...cuts.map((at) => at % (body.length + 1)).sort((a, b) => a - b), body.length];
      return places
        .map((from, index) => body.subarray(from, places[index + 1] ?? from))
        .filter(({ length }) => length > 0)
        .map((chunk) => ({ name, message: { chunk } }));
    });

const TYPES = [
  ...['application/json', 'Application/JSON; charset=utf-8', 'text/event-stream', 'text/event-stream', ''],
  ...['application/x-ndjson', 'text/plain', 'application/vnd.amazon.eventstream'],
];

/** @param encodings possible content encodings; `undefined` is none */
const headersWith = (...encodings: readonly (string | undefined)[]): fc.Arbitrary<Event[]> =>
  fc
    .record({
      statusCode: fc.constantFrom(200, 200, 200, 200, 103, 201, 204, 404, 500),
      type: fc.constantFrom(...TYPES),
      length: fc.constantFrom(undefined, undefined, WHOLE.length, IN_BODY.length, 1),
      encoding: fc.constantFrom(...encodings),
      areBytes: fc.boolean(),
    })
    .map(({ statusCode, type, length, encoding, areBytes }) => {
      const list = [
        ...(type === '' ? [] : ['Content-Type', type]),
        ...(length === undefined ? [] : ['content-length', String(length)]),
        ...(encoding === undefined ? [] : ['content-encoding', encoding]),
      ];
      const response = { statusCode, headers: areBytes ? list.map((text) => Buffer.from(text)) : list };
      return [{ name: 'headers', message: { response } }];
    });
const headers = headersWith(undefined, undefined, undefined, 'gzip');
const headersOfAnswer: fc.Arbitrary<Event[]> = fc.constant([
  {
    name: 'headers',
    message: { response: { statusCode: 200, headers: ['content-type', 'application/json'] } },
  },
]);

const ANSWERS = [WHOLE, WHOLE, IN_BODY, WHOLE.subarray(1), WHOLE.subarray(0, -1), ...STREAMS];
const answer: fc.Arbitrary<Event[]> = fc
  .tuple(headers, chunks('bodyChunkReceived', ANSWERS))
  .map((events) => events.flat());
/** Compressed as its header says, and possibly cut. */
const compressedAnswer: fc.Arbitrary<Event[]> = fc
  .tuple(fc.constantFrom(...Object.keys(ENCODERS)), fc.constantFrom(0, 0, 0, 1, 9))
  .chain(([encoding, missing]) => {
    const bodies = ANSWERS.map((body) => ENCODERS[encoding]?.(body) ?? body);
    const cut = bodies.map((body) => body.subarray(0, body.length - missing));
    return fc.tuple(headersWith(encoding), chunks('bodyChunkReceived', cut));
  })
  .map((events) => events.flat());

const event = (name: string, message: object = {}): fc.Arbitrary<Event[]> => fc.constant([{ name, message }]);
const failure = event('error', { error: Object.assign(new Error('socket'), { code: 'UND_ERR_SOCKET' }) });
const abort = event('error', { error: new DOMException('Aborted', 'AbortError') });

/** The events of an exchange: those of one that goes well, or any others in any order. */
const exchange: fc.Arbitrary<Event[]> = fc
  .oneof(
    fc.tuple(
      chunks('bodyChunkSent', [REQUEST]),
      event('bodySent'),
      fc.oneof(answer, compressedAnswer),
      fc.oneof(event('trailers'), event('trailers'), failure, abort),
    ),
    fc.array(
      fc.oneof(
        chunks('bodyChunkSent', [REQUEST]),
        event('bodySent'),
        headers,
        chunks('bodyChunkReceived', [WHOLE, IN_BODY, ...STREAMS]),
        event('trailers'),
        failure,
        abort,
      ),
      { maxLength: 8 },
    ),
  )
  .map((events) => events.flat());

/** The same, and a page that shows calls in progress may be read in between. */
const watchedExchange = fc
  .tuple(exchange, fc.option(fc.nat()))
  .map(([events, at]) =>
    at === null ? events : events.toSpliced(at % (events.length + 1), 0, { name: 'watch', message: {} }),
  );

/** Publishes the events of one exchange, and an error at the end of those that would never end. */
function publish(events: readonly Event[]): void {
  const request = {
    ...{ method: 'POST', origin: 'http://provider.test', path: '/v1/chat/completions' },
    headers: ['content-type', 'application/json'],
  };
  for (const { name, message } of [
    { name: 'create', message: {} },
    ...events,
    { name: 'error', message: { error: new Error('end') } },
  ])
    if (name === 'watch') recording.handle.liveRuns();
    else channel(`undici:request:${name}`).publish({ ...message, request });
}

async function runOf(capture: Capture, events: readonly Event[]): Promise<RunTree | undefined> {
  const before = recording.receiver.spans.length;
  withRun({ capture }, () => publish(events));
  const [run] = buildTree((await recording.spans()).slice(before));
  return run;
}

const outcomeOf = (run: RunTree | undefined) =>
  run?.steps.map(({ span, status, error, attempts }) => ({
    status,
    error: [error?.kind, error?.type, error?.message],
    attempts: attempts.map(({ status, statusCode, errorType }) => ({ status, statusCode, errorType })),
    chunks: number(span, ATTR_CHATDEBUG_STREAM_CHUNKS),
    bytes: number(span, ATTR_CHATDEBUG_STREAM_BYTES),
    lastEvent: text(span, ATTR_CHATDEBUG_STREAM_LAST_EVENT),
  }));

test('whatever the order of its events, an exchange has the outcome that full capture records', async () => {
  await fc.assert(
    fc.asyncProperty(watchedExchange, async (events) => {
      const full = await runOf('full', events);
      const kept = await runOf('errors', events);
      const hasFailed = full?.steps.some(({ status }) => status === 'error');
      expect(outcomeOf(kept)).toEqual(hasFailed ? outcomeOf(full) : undefined);
    }),
    { numRuns: runs(500) },
  );
});

test('events after the end of a good exchange change nothing: it is one run, and nothing is held', async () => {
  const end = event('trailers');
  const good = fc
    .tuple(
      event('bodyChunkSent', { chunk: REQUEST }),
      headersOfAnswer,
      chunks('bodyChunkReceived', [WHOLE]),
      end,
    )
    .map((events) => events.flat());
  const late = fc
    .array(fc.oneof(chunks('bodyChunkSent', [REQUEST]), headers, chunks('bodyChunkReceived', [WHOLE]), end))
    .map((events) => events.flat());
  await fc.assert(
    fc.asyncProperty(good, late, async (events, more) => {
      const before = recording.handle.stats().runs;
      publish([...events, ...more]);
      const { bodyBytes, runs } = recording.handle.stats();
      expect(bodyBytes).toBe(0);
      expect({ ...runs, dropped: runs.dropped.no_evidence }).toEqual({
        ...before,
        started: before.started + 1,
        dropped: (before.dropped.no_evidence ?? 0) + 1,
      });
    }),
    { numRuns: runs(500) },
  );
});

test('an error in a successful answer is recorded with the times at which request and answer came', async () => {
  recording.provider.reply({ type: 'json', body: JSON.parse(IN_BODY.toString()), delayMillis: 100 });
  const url = `${recording.provider.url}/v1/chat/completions`;
  const before = recording.receiver.spans.length;
  await (await fetch(url, { method: 'POST', body: REQUEST })).arrayBuffer();
  const [run] = buildTree((await recording.spans()).slice(before));
  expect(run?.durationMillis).toBeGreaterThanOrEqual(99);
  expect(run?.steps[0]?.attempts[0]?.durationMillis).toBeGreaterThanOrEqual(99);
});
