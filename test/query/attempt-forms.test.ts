import OpenAI from 'openai';
import { withRun } from '../../src/index.js';
import { jaegerRuns, type StoredRun, tempoRuns } from '../../src/query/index.js';
import { completion, openaiError } from '../support/openai-replies.js';
import type { ReceivedSpan } from '../support/otlp-receiver.js';
import { type Recording, startRecording } from '../support/recording.js';
import { json, type ScriptedBackend, startBackend } from './backend.js';
import { asJaeger } from './stored-spans.js';

const RUN = 'run-1';

let recording: Recording;
let backend: ScriptedBackend;
beforeEach(async () => {
  backend = await startBackend();
});
afterEach(async () => {
  await recording.stop();
  await backend.close();
});

const isAttempt = ({ attributes }: ReceivedSpan) => attributes['chatdebug.attempt.number'] !== undefined;
/** The form of Tempo's `GET /api/traces/ID`: OTLP, ids in base64. */
const tempo = (spans: readonly ReceivedSpan[]) => {
  const base64 = (id: string | undefined) => id && Buffer.from(id, 'hex').toString('base64');
  const value = (one: unknown) => {
    if (typeof one === 'string') return { stringValue: one };
    if (typeof one === 'boolean') return { boolValue: one };
    return typeof one === 'number' ? { doubleValue: one } : { arrayValue: {} };
  };
  const attributes = (all: ReceivedSpan['attributes']) =>
    Object.entries(all).map(([key, one]) => ({ key, value: value(one) }));
  const stored = spans.map((span) => ({
    spanId: base64(span.spanId),
    parentSpanId: base64(span.parentSpanId),
    startTimeUnixNano: String(span.startTimeUnixNano),
    endTimeUnixNano: String(span.endTimeUnixNano),
    attributes: attributes(span.attributes),
    events: span.events.map((event) => ({
      name: event.name,
      timeUnixNano: String(event.timeUnixNano),
      attributes: attributes(event.attributes),
    })),
  }));
  return json({ batches: [{ scopeSpans: [{ spans: stored }] }] });
};

const BACKENDS = {
  Jaeger: async (spans: readonly ReceivedSpan[]) => {
    backend.answer(json(asJaeger(spans)));
    return jaegerRuns({ endpoint: backend.url, service: 's' }).get(RUN);
  },
  Tempo: async (spans: readonly ReceivedSpan[]) => {
    backend.answer(json({ traces: [{ traceID: spans[0]?.traceId, spanSets: [] }] }), tempo(spans));
    return tempoRuns({ endpoint: backend.url }).get(RUN);
  },
};

/** One run with two retried steps, the inner one of which failed. */
async function record(capture: 'errors' | 'full'): Promise<readonly ReceivedSpan[]> {
  recording = await startRecording({ capture, attemptsAs: 'both', retain: 'run' });
  const openai = new OpenAI({ apiKey: 'none', baseURL: `${recording.provider.url}/v1`, maxRetries: 2 });
  const ask = () => openai.chat.completions.create({ model: 'm', messages: [] });
  const soon = { 'retry-after-ms': '1' };
  const busy = openaiError(429, null, 'rate_limit_exceeded', 'Slow down', soon);
  const broken = openaiError(500, null, 'server_error', 'Something broke', soon);
  recording.provider.reply(busy, completion('An answer'), broken, busy, broken);
  await withRun({ runId: RUN }, async () => {
    await ask();
    await ask();
  }).catch(() => {});
  return recording.spans();
}

const withoutAttemptSpans = (spans: readonly ReceivedSpan[]) => spans.filter((span) => !isAttempt(span));
const withoutAttemptEvents = (spans: readonly ReceivedSpan[]) =>
  spans.map((span) => ({ ...span, events: span.events.filter(({ name }) => name !== 'chatdebug.attempt') }));

describe.each(Object.entries(BACKENDS))('%s', (_, get) => {
  test.each(['errors', 'full'] as const)('reads the same from all three forms (%s)', async (capture) => {
    const both = await record(capture);
    const asEvents = await get(withoutAttemptSpans(both));
    expect(asEvents?.steps.map(({ attempts }) => attempts.map(({ statusCode }) => statusCode))).toEqual([
      [429, 200],
      [500, 429, 500],
    ]);
    expect(await get(both)).toEqual(asEvents);
    expect(await get(withoutAttemptEvents(both))).toEqual(asEvents);
    expect(await get([...both, ...both].reverse())).toEqual(asEvents);
  });

  test('attempts without their step are not a run', async () => {
    const both = await record('errors');
    const run = (await get(both)) as StoredRun;
    const orphans = both.filter(isAttempt);
    const steps = both.filter(({ attributes }) => attributes['chatdebug.step.number'] !== undefined);
    expect(await get([...orphans, ...steps])).toMatchObject({ status: 'in_progress', steps: run.steps });
    expect(await get(orphans)).toMatchObject({ id: RUN, status: 'in_progress', steps: [] });
  });
});
