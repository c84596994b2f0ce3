import { metrics } from '@opentelemetry/api';
import OpenAI from 'openai';
import { type Capture, ERROR_KINDS, withRun } from '../../src/index.js';
import { collectMetrics } from '../support/metrics.js';
import { completionStream } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';

const STALL_MILLIS = 200;
const SILENCE = { status: 'error', error: { kind: 'stream_silence_timeout', type: 'StreamSilenceError' } };
const INTERRUPTED = { status: 'interrupted' };

let recording: Recording;
afterEach(() => recording.stop());

const CAPTURES = ['full', 'errors'] as const;

const start = async (stallMillis: number, capture: Capture = 'full') => {
  recording = await startRecording({ stallMillis, capture, keepKinds: ERROR_KINDS });
  recording.provider.reply({ ...completionStream('Hello there.'), hangAfter: 1 });
};

/** Resolves when a response counts as silent. */
async function silence(): Promise<void> {
  while (recording.handle.stats().stalls.now === 0) await new Promise(setImmediate);
}

const body = JSON.stringify({ model: 'm', stream: true, messages: [] });
const ask = (signal: AbortSignal) =>
  fetch(`${recording.provider.url}/v1/chat/completions`, { method: 'POST', body, signal });

/** Reads the beginning of a response, then aborts after `when`, with this reason. */
async function abortAfter(when: () => Promise<void>, reason?: unknown): Promise<void> {
  const controller = new AbortController();
  const response = await ask(controller.signal);
  const reader = response.body?.getReader();
  await reader?.read();
  await when();
  controller.abort(reason);
  await reader?.read();
}

test.each(
  CAPTURES.flatMap((capture) => [
    [capture, 'no reason', undefined] as const,
    [capture, 'a text', 'the client has left'] as const,
    [capture, 'an error', new Error('watchdog')] as const,
  ]),
)(
  '%s: an abort after a silence, with %s, has its own error kind on step and run',
  async (capture, _, reason) => {
    await start(STALL_MILLIS, capture);
    await expect(withRun({}, () => abortAfter(silence, reason))).rejects.toBeDefined();
    expect(recording.handle.stats().stalls).toEqual({ now: 0, total: 1 });
    expect(await recording.runs()).toMatchObject([
      { ...SILENCE, steps: [{ ...SILENCE, attempts: [{ status: 'failed', statusCode: 200 }] }] },
    ]);
  },
);

test.each(CAPTURES)('%s: an SDK that aborts a silent stream only reports the abort', async (capture) => {
  await start(STALL_MILLIS, capture);
  const openai = new OpenAI({ apiKey: 'none', baseURL: `${recording.provider.url}/v1` });
  await withRun({}, async () => {
    const stream = await openai.chat.completions.create({ model: 'm', messages: [], stream: true });
    for await (const _ of stream) {
      await silence();
      stream.controller.abort();
    }
  });
  expect(await recording.runs()).toMatchObject([{ steps: [SILENCE] }]);
});

test.each([
  ['before the silence is long enough', 60_000],
  ['where silence is not watched', 0],
])('an abort %s is an interruption', async (_, stallMillis) => {
  await start(stallMillis);
  await expect(withRun({}, () => abortAfter(async () => {}))).rejects.toBeDefined();
  expect(await recording.runs()).toMatchObject([{ ...INTERRUPTED, steps: [INTERRUPTED] }]);
  expect(recording.handle.stats().stalls.total).toBe(0);
});

test.each(CAPTURES)('%s: a provider without any response counts as silent', async (capture) => {
  recording = await startRecording({ stallMillis: STALL_MILLIS, capture, keepKinds: ERROR_KINDS });
  recording.provider.reply(
    { type: 'hang', when: 'before-headers' },
    { ...completionStream('Hello there.'), hangAfter: 1 },
  );
  const controller = new AbortController();
  const response = withRun({ runId: 'no answer' }, () => ask(controller.signal));
  const aborted = expect(response).rejects.toThrow('aborted');
  await recording.provider.arrived();
  // Only a response is counted. One that begins late is silent, so the provider was silent for longer before.
  await withRun({ runId: 'counted' }, () => abortAfter(silence)).catch(() => {});
  controller.abort();
  await aborted;
  const runs = await recording.runs();
  expect(runs.find(({ id }) => id === 'no answer')).toMatchObject({ steps: [SILENCE] });
});

test('a silence that ends is counted as the longest gap of the step', async () => {
  const collected = collectMetrics();
  metrics.setGlobalMeterProvider(collected.provider);
  try {
    recording = await startRecording({ stallMillis: STALL_MILLIS });
    recording.provider.reply({
      ...completionStream('Hello there.'),
      before: async (index) => void (index === 2 && (await silence())),
    });
    await (await ask(new AbortController().signal)).text();
    const [run] = await recording.runs();
    expect(run?.steps[0]).toMatchObject({ status: 'completed' });
    const attributes = run?.steps[0]?.span.attributes ?? {};
    expect(attributes['chatdebug.stream.longest_gap_ms']).toBeGreaterThan(STALL_MILLIS);
    expect(recording.handle.stats().stalls).toEqual({ now: 0, total: 1 });
    expect(await collected.count('chatdebug.stream.stalls')).toBe(recording.handle.stats().stalls.total);
  } finally {
    metrics.disable();
  }
});
