import { once } from 'node:events';
import { request } from 'node:http';
import { withRun, withStep } from '../../src/index.js';
import { completion, completionStream, openaiError } from '../support/openai-replies.js';
import type { Reply } from '../support/provider.js';
import { BROKEN, failingCalls, question } from './failing-calls.js';

/** A cut stream counts as a timeout. */
const KINDS = ['generic', 'timeout'] as const;

const { start, ask, stream, failing, attempts } = failingCalls();

test('the failing step of a kept run has the content of full capture', async () => {
  const written = [];
  for (const options of [{ capture: 'full' as const }, { failureContent: true }]) {
    const recording = await start(options);
    await failing(BROKEN);
    const [step] = (await recording.stop())[0]?.steps ?? [];
    written.push(step);
    const { attributes } = step?.span ?? {};
    expect(attributes).toMatchObject({ 'chatdebug.capture': 'full' });
    expect(attributes?.['gen_ai.input.messages']).toContain('ASKED');
    expect(step?.attempts[0]?.event.attributes['http.request.header.authorization']).toEqual(['[REDACTED]']);
  }
  const [full, failure] = written;
  const known = (step: typeof full) => Object.keys(step?.span.attributes ?? {});
  const more = ['chatdebug.kept.represents', 'chatdebug.request.shape'];
  expect(known(failure).sort()).toEqual([...new Set([...known(full), ...more])].sort());
  expect(failure?.attempts[0]?.requestBody).toBe(full?.attempts[0]?.requestBody);
  expect(failure?.attempts[0]?.responseBody).toBe(full?.attempts[0]?.responseBody);
  const names = (step: typeof full) => Object.keys(step?.attempts[0]?.event.attributes ?? {}).sort();
  expect(names(failure)).toEqual(names(full));
});

test('the run and earlier steps stay as in errors mode', async () => {
  const recording = await start({ failureContent: true, retain: 'run' });
  recording.provider.reply(completion('FINE'), openaiError(429, null, 'rate_limit', 'RATE LIMIT'), BROKEN);
  await withRun({ chatId: 'c', firstMessage: 'FIRST' }, async () => {
    await ask('GOOD');
    await ask('LIMITED').catch(() => {});
    await ask();
  }).catch(() => {});
  const [run] = await recording.stop();
  expect(run).toMatchObject({ capture: 'errors', steps: [{}, {}, {}] });
  expect(run?.steps.map(({ span }) => span.attributes['chatdebug.capture'])).toEqual([
    'errors',
    'errors',
    'full',
  ]);
  const sent = JSON.stringify(recording.receiver.spans, (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  expect(sent).toContain('ASKED');
  for (const word of ['GOOD', 'FINE', 'LIMITED', 'FIRST']) expect(sent).not.toContain(word);
});

test.each([
  ['a retry that also fails', [BROKEN, BROKEN], 2],
  ['a connection that is cut before the headers', [{ type: 'cut', when: 'before-headers' }], 1],
] as const)('%s: every attempt of the step has its bodies', async (_, replies, count) => {
  await start({ failureContent: true, keepKinds: KINDS }, count - 1);
  await failing(...replies);
  const written = await attempts();
  expect(written).toHaveLength(count);
  for (const { requestBody } of written) expect(requestBody).toContain('ASKED');
});

test('a call over node:http has the same', async () => {
  const recording = await start({ failureContent: true });
  recording.provider.reply(BROKEN);
  const sent = request(`${recording.provider.url}/v1/chat/completions`, { method: 'POST' });
  sent.end(JSON.stringify(question('ASKED')));
  const [response] = await once(sent, 'response');
  response.resume();
  await once(response, 'close');
  expect(await attempts()).toMatchObject([
    { requestBody: expect.stringContaining('ASKED'), responseBody: expect.stringContaining('ANSWERED') },
  ]);
});

describe('a cut stream', () => {
  const texts = (count: number) => Array.from({ length: count }, (_, i) => `<${i}>`);
  const cut = (count: number): Reply => ({ ...completionStream(texts(count)), cutAfter: count });

  test('is whole within the bound, with its messages', async () => {
    const recording = await start({ failureContent: true, keepKinds: KINDS });
    recording.provider.reply(cut(20));
    await withRun({}, () => stream()).catch(() => {});
    const [step] = (await recording.stop())[0]?.steps ?? [];
    expect(step?.span.attributes['gen_ai.output.messages']).toContain(texts(18).join(''));
    expect(step?.attempts[0]?.responseBody).toContain('<17>');
  });

  test('has its beginning and its end beyond the bound, in whole events, with the omitted length', async () => {
    const recording = await start({ failureContent: true, failureContentBytes: 8_192, keepKinds: KINDS });
    recording.provider.reply(cut(1_000));
    await withRun({}, () => stream()).catch(() => {});
    const [step] = (await recording.stop())[0]?.steps ?? [];
    const body = step?.attempts[0]?.responseBody ?? '';
    const [head = '', left, tail = ''] = body.split(/^: (\d+) bytes left out$/m);
    const size = step?.attempts[0]?.event.attributes['chatdebug.attempt.response_body_size'];
    expect(Number(left) + Buffer.byteLength(head + tail)).toBeGreaterThan(Number(size) - 10);
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(8_192);
    const timing = JSON.parse(String(step?.attempts[0]?.event.attributes['chatdebug.attempt.chunk_timing']));
    expect([timing.first, timing.last].map(({ length }) => length)).toEqual([3, 3]);
    expect(head).toContain('<0>');
    expect(tail).toContain('<990>');
    for (const part of [head, tail])
      for (const [, data = ''] of part.matchAll(/^data: (.*)$/gm))
        expect(() => JSON.parse(data)).not.toThrow();
    // The read part would look complete.
    expect(step?.span.attributes).not.toHaveProperty('gen_ai.output.messages');
  });
});

test.each([
  [
    'auth',
    openaiError(401, 'invalid_api_key', 'invalid_request_error', 'Incorrect API key provided'),
    undefined,
  ],
  ['missing_key', BROKEN, "The OPENAI_API_KEY environment variable is missing or empty; set the 'apiKey'"],
] as const)('a call that fails with %s has none, even if it is kept', async (kind, reply, thrown) => {
  const recording = await start({ failureContent: true, keepKinds: [kind] });
  recording.provider.reply(reply);
  await withRun({}, () =>
    withStep({}, async () => {
      await ask().catch(() => {});
      // Another client of the same step has no key.
      if (thrown !== undefined) throw new Error(thrown);
    }),
  ).catch(() => {});
  const [run] = await recording.stop();
  expect(run?.steps).toMatchObject([{ error: { kind } }]);
  expect(run?.steps[0]?.span.attributes['chatdebug.capture']).toBe('errors');
  expect(run?.steps[0]?.attempts[0]?.requestBody).toBeUndefined();
});
