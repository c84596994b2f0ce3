import OpenAI from 'openai';
import { type ChatDebugOptions, withRun, withStep } from '../../src/index.js';
import { completion, openaiError } from '../support/openai-replies.js';
import type { ReceivedSpan } from '../support/otlp-receiver.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';

const SOON = { 'retry-after-ms': '1' };
const BROKEN = openaiError(500, null, 'server_error', 'Something broke', SOON);
const BUSY = openaiError(429, null, 'rate_limit_exceeded', 'Slow down', SOON);
const CLIENT = 3;
const UNSET = 0;
const ERROR = 2;

let recording: Recording;
afterEach(async () => {
  await recording.stop();
  jest.restoreAllMocks();
});

async function start(options: ChatDebugOptions): Promise<OpenAI> {
  recording = await startRecording({ capture: 'errors', ...options });
  return new OpenAI({
    apiKey: 'none',
    baseURL: `${recording.provider.url}/v1`,
    defaultQuery: { user: 'a person' },
    maxRetries: 2,
  });
}

async function turn(openai: OpenAI, ...replies: Reply[]): Promise<void> {
  recording.provider.reply(...replies);
  const messages = [{ role: 'user' as const, content: 'PRIVATE words' }];
  await withRun({ runId: 'r', chatId: 'c' }, async () => {
    await openai.chat.completions.create({ model: 'm', messages });
  }).catch(() => {});
}

const isAttempt = ({ attributes }: ReceivedSpan) => attributes['chatdebug.attempt.number'] !== undefined;
const isStep = ({ attributes }: ReceivedSpan) => attributes['chatdebug.step.number'] !== undefined;

async function written() {
  const spans = await recording.spans();
  const [step] = spans.filter(isStep);
  if (step === undefined) throw new Error('no step was written');
  const attempts = spans.filter(isAttempt);
  const number = ({ attributes }: ReceivedSpan) => Number(attributes['chatdebug.attempt.number']);
  return { spans, step, attempts: attempts.sort((a, b) => number(a) - number(b)) };
}

test('in errors capture each attempt is a client span below its step, by the HTTP conventions', async () => {
  await turn(await start({ attemptsAs: 'spans' }), BUSY, BROKEN, BROKEN);
  const { step, attempts, spans } = await written();
  expect(spans).toHaveLength(5);
  expect(attempts.map(({ name, kind, status, events }) => [name, kind, status, events])).toEqual(
    Array(3).fill(['POST', CLIENT, { code: ERROR }, []]),
  );
  const { port } = new URL(recording.provider.url);
  expect(attempts[1]?.attributes).toEqual({
    'chatdebug.run.id': 'r',
    'chatdebug.attempt.number': 2,
    'chatdebug.attempt.status': 'failed',
    'chatdebug.attempt.duration_ms': expect.any(Number),
    'chatdebug.attempt.request_id': expect.any(String),
    'chatdebug.attempt.retry_after_ms': 1,
    'http.request.method': 'POST',
    'http.request.resend_count': 1,
    'http.response.status_code': 500,
    'error.type': 'server_error',
    'server.address': '127.0.0.1',
    'server.port': Number(port),
    'url.full': `${recording.provider.url}/v1/chat/completions`,
    'url.path': '/v1/chat/completions',
  });
  expect(attempts.map(({ attributes }) => attributes['http.request.resend_count'])).toEqual([
    undefined,
    1,
    2,
  ]);
  expect(step.events.map(({ name }) => name)).toEqual([]);
  for (const { traceId, parentSpanId } of attempts)
    expect([traceId, parentSpanId]).toEqual([step.traceId, step.spanId]);
  const sent = recording.receiver.bodies.join();
  for (const word of ['PRIVATE', 'a person', 'a%20person', 'a+person', 'Something broke\\"'])
    expect(sent).not.toContain(word);
});

test('an attempt has the time of its exchange, within that of its step', async () => {
  await turn(await start({ attemptsAs: 'spans' }), BUSY, BROKEN, BROKEN);
  const { step, attempts } = await written();
  let last = step.startTimeUnixNano;
  for (const { startTimeUnixNano, endTimeUnixNano, attributes } of attempts) {
    expect(startTimeUnixNano).toBeGreaterThanOrEqual(last);
    const millis = Number(endTimeUnixNano - startTimeUnixNano) / 1e6;
    expect(Math.abs(millis - Number(attributes['chatdebug.attempt.duration_ms']))).toBeLessThan(1);
    last = endTimeUnixNano;
  }
  expect(step.endTimeUnixNano).toBeGreaterThanOrEqual(last);
});

test('count, last status and list of statuses are on the step in every form', async () => {
  for (const attemptsAs of ['events', 'spans', 'both'] as const) {
    await turn(await start({ attemptsAs }), BUSY, BROKEN, BROKEN);
    const { step, attempts } = await written();
    expect(step.attributes).toMatchObject({
      'chatdebug.step.attempt_count': 3,
      'chatdebug.step.attempt_status_codes': [429, 500, 500],
      'http.response.status_code': 500,
    });
    const events = step.events.filter(({ name }) => name === 'chatdebug.attempt');
    expect([events.length, attempts.length]).toEqual([
      attemptsAs === 'spans' ? 0 : 3,
      attemptsAs === 'events' ? 0 : 3,
    ]);
    await recording.stop();
  }
});

test('by default attempts are events', async () => {
  await turn(await start({}), BROKEN);
  expect((await written()).attempts).toEqual([]);
});

test('in full capture a span has headers, bodies and the whole URL, redacted, also for a successful attempt', async () => {
  const openai = await start({ capture: 'full', attemptsAs: 'spans' });
  await turn(openai, BROKEN, completion('An answer'));
  const { attempts } = await written();
  const url = `${recording.provider.url}/v1/chat/completions?user=a%20person`;
  expect(attempts.map(({ attributes }) => attributes['url.full'])).toEqual([url, url]);
  expect(attempts.map(({ status }) => status.code)).toEqual([ERROR, UNSET]);
  expect(attempts[0]?.attributes['chatdebug.attempt.error_message']).toBe('Something broke');
  expect(attempts[1]?.attributes).toMatchObject({
    'http.request.header.authorization': ['[REDACTED]'],
    'chatdebug.attempt.request_body': expect.stringContaining('PRIVATE words'),
    'chatdebug.attempt.response_body': expect.stringContaining('An answer'),
  });
  expect(attempts[1]?.attributes['error.type']).toBeUndefined();
});

test('in both forms, span and event of an attempt agree', async () => {
  const openai = await start({ capture: 'full', attemptsAs: 'both' });
  await turn(openai, BROKEN, completion('An answer'));
  const { step, attempts } = await written();
  expect(step.events.map(({ attributes }) => attributes)).toEqual(
    attempts.map(({ attributes: { 'chatdebug.run.id': _, ...rest } }) => rest),
  );
  expect(step.events.map(({ timeUnixNano }) => timeUnixNano)).toEqual(
    attempts.map(({ startTimeUnixNano }) => startTimeUnixNano),
  );
});

test('an attempt without a response is an error without a status, and an aborted one is not an error', async () => {
  const openai = await start({ capture: 'full', attemptsAs: 'spans' });
  await turn(openai, { type: 'cut', when: 'before-headers' });
  const cut = await written();
  expect(cut.attempts[0]).toMatchObject({
    status: { code: ERROR },
    attributes: { 'error.type': 'UND_ERR_SOCKET' },
  });
  expect(cut.step.attributes['chatdebug.step.attempt_status_codes']).toEqual([0, 0, 0]);
  await recording.stop();

  const again = await start({ capture: 'full', attemptsAs: 'spans' });
  const abort = new AbortController();
  recording.provider.reply({ type: 'hang', when: 'before-headers' });
  const call = withRun({}, async () => {
    await again.chat.completions.create({ model: 'm', messages: [] }, { signal: abort.signal });
  }).catch(() => {});
  await recording.provider.arrived();
  abort.abort();
  await call;
  const aborted = await written();
  expect(aborted.attempts[0]?.status).toEqual({ code: UNSET });
  expect(aborted.attempts[0]?.attributes['error.type']).toBeUndefined();
  expect(aborted.attempts[0]?.attributes['chatdebug.attempt.status']).toBe('interrupted');
});

test('an unknown HTTP method is _OTHER, and the span is called HTTP', async () => {
  await start({ capture: 'full', attemptsAs: 'both' });
  recording.provider.reply({ type: 'json', body: {} });
  await withRun({}, () =>
    withStep({}, async () => {
      await (await fetch(`${recording.provider.url}/x`, { method: 'PROPFIND' })).text();
    }),
  );
  const { step, attempts } = await written();
  const known = { 'http.request.method': '_OTHER', 'http.request.method_original': 'PROPFIND' };
  expect(attempts).toMatchObject([{ name: 'HTTP', attributes: known }]);
  expect(step.events).toMatchObject([{ attributes: known }]);
});

test('OTEL_SPAN_EVENT_COUNT_LIMIT bounds attempts as events, not as spans', async () => {
  jest.replaceProperty(process, 'env', { ...process.env, OTEL_SPAN_EVENT_COUNT_LIMIT: '3' });
  const many = () =>
    withRun({}, () =>
      withStep({}, async () => {
        for (let i = 0; i < 5; i++) await (await fetch(`${recording.provider.url}/x`)).text();
        throw new Error('unexpected');
      }),
    ).catch(() => {});
  for (const [attemptsAs, count, leftOut] of [
    ['events', 0, 3],
    ['spans', 5, undefined],
    ['both', 2, 3],
  ] as const) {
    await start({ attemptsAs });
    recording.provider.reply({ type: 'json', body: {} });
    await many();
    const { step, attempts } = await written();
    expect([attempts.length, step.attributes['chatdebug.step.attempts_left_out']]).toEqual([count, leftOut]);
    await recording.stop();
  }
});

test('the spans of more attempts than fit into their step as events are whole', async () => {
  const openai = await start({ capture: 'full', attemptsAs: 'both', maxBodyBytes: 100_000 });
  const long = { type: 'json' as const, status: 500, body: { error: { message: 'x'.repeat(99_000) } } };
  recording.provider.reply(long);
  await withRun({}, () =>
    withStep({}, async () => {
      for (let i = 0; i < 40; i++)
        await openai.chat.completions.create({ model: 'm', messages: [] }, { maxRetries: 0 }).catch(() => {});
    }),
  );
  const { step, attempts } = await written();
  expect(attempts).toHaveLength(40);
  for (const { attributes } of attempts) {
    expect(String(attributes['chatdebug.attempt.response_body']).length).toBeGreaterThan(99_000);
    expect(attributes['chatdebug.shortened']).toBeUndefined();
  }
  expect(step.events.some(({ attributes }) => attributes['chatdebug.shortened'] !== undefined)).toBe(true);
});
