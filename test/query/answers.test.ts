import { jaegerRuns, type RunSummary, tempoRuns } from '../../src/query/index.js';
import { json, type ScriptedBackend, startBackend } from './backend.js';

/** A span in neither backend's format. */
interface Span {
  readonly id: string;
  readonly at: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

const TRACE = 'c14f11d08ae54a65a2ad994b6788c28e';
const START = 1_795_277_078_790;

const run = (id: string, at: number, more: Span['attributes'] = {}): Span => ({
  id: `run-${id}`,
  at,
  attributes: {
    'chatdebug.run.id': id,
    'chatdebug.run.kind': 'chat_turn',
    'chatdebug.run.status': 'completed',
    'gen_ai.conversation.id': 'c',
    ...more,
  },
});

const step = (runId: string, number: number, more: Span['attributes'] = {}): Span => ({
  id: `step-${runId}-${number}`,
  at: number,
  attributes: {
    'chatdebug.run.id': runId,
    'chatdebug.run.kind': 'chat_turn',
    'chatdebug.step.number': number,
    'chatdebug.step.status': 'completed',
    'gen_ai.conversation.id': 'c',
    ...more,
  },
});

const jaeger = (spans: readonly Span[], traceID = TRACE) => ({
  traceID,
  spans: spans.map(({ id, at, attributes }) => ({
    traceID,
    spanID: id,
    startTime: (START + at) * 1_000,
    duration: 1_500,
    tags: Object.entries(attributes).map(([key, value]) => ({ key, type: typeof value, value })),
    logs: [],
  })),
});

const otlp = (attributes: Span['attributes']) =>
  Object.entries(attributes).map(([key, value]) => {
    if (typeof value === 'string') return { key, value: { stringValue: value } };
    return { key, value: typeof value === 'number' ? { intValue: String(value) } : { boolValue: value } };
  });

const tempoTrace = (spans: readonly Span[]) => ({
  batches: [
    {
      scopeSpans: spans.map(({ id, at, attributes }) => ({
        spans: [
          {
            spanId: id,
            startTimeUnixNano: `${START + at}000000`,
            endTimeUnixNano: `${START + at + 1}500000`,
            attributes: otlp(attributes),
          },
        ],
      })),
    },
  ],
});

const tempoFound = (spans: readonly Span[], matched = spans.length, traceID = TRACE) => ({
  traceID,
  spanSets: [
    {
      matched,
      spans: spans.map(({ id, at, attributes }) => ({
        spanID: id,
        startTimeUnixNano: `${START + at}000000`,
        durationNanos: '1500000',
        attributes: otlp(attributes),
      })),
    },
  ],
});

let backend: ScriptedBackend;
beforeEach(async () => {
  backend = await startBackend();
});
afterEach(() => backend.close());

const since = new Date(START - 1);

/** Both queries ask for the same. */
const BACKENDS = {
  Jaeger: {
    open: () => jaegerRuns({ endpoint: backend.url, service: 'chat', timeoutMillis: 60_000 }),
    found: (spans: readonly Span[]) => backend.answer(json({ data: [jaeger(spans)] })),
    stored: (spans: readonly Span[]) => backend.answer(json({ data: [jaeger(spans)] })),
  },
  Tempo: {
    open: () => tempoRuns({ endpoint: backend.url, timeoutMillis: 60_000 }),
    found: (spans: readonly Span[]) => backend.answer(json({ traces: [tempoFound(spans)] })),
    stored: (spans: readonly Span[]) =>
      backend.answer(json({ traces: [tempoFound(spans.slice(0, 1))] }), json(tempoTrace(spans))),
  },
};

const NOTHING: Record<string, string> = {};
const ids = (runs: readonly RunSummary[]) => runs.map(({ id }) => id);

describe.each(Object.entries(BACKENDS))('%s', (_, { open, found, stored }) => {
  test('several runs of a trace, the newest first, without other chats and other spans', async () => {
    const other = run('other', 9, { 'gen_ai.conversation.id': 'd' });
    found([
      run('a', 1),
      run('b', 3),
      run('c', 2),
      other,
      { id: 'x', at: 4, attributes: { 'db.system': 'x' } },
    ]);
    expect(ids(await open().list('c', { since }))).toEqual(['b', 'c', 'a']);
  });

  test('no more than the limit, and none from before', async () => {
    found([run('a', 1), run('b', 2), run('c', 3), run('old', -10)]);
    expect(ids(await open().list('c', { since, limit: 2 }))).toEqual(['c', 'b']);
    expect(ids(await open().list('c', { since }))).toEqual(['c', 'b', 'a']);
  });

  test('a summary has the attributes of the run', async () => {
    found([
      run('a', 1, {
        'chatdebug.run.status': 'error',
        'chatdebug.capture': 'full',
        'chatdebug.run.step_count': 2,
        'chatdebug.error.kind': 'generic',
        'chatdebug.error.message': 'OpenAI returned an unexpected error.',
        'chatdebug.error.retryable': true,
        'gen_ai.usage.input_tokens': 84,
      }),
    ]);
    expect(await open().list('c', { since })).toMatchObject([
      {
        id: 'a',
        traceId: TRACE,
        chatId: 'c',
        status: 'error',
        capture: 'full',
        stepCount: 2,
        error: { kind: 'generic', message: 'OpenAI returned an unexpected error.', retryable: true },
        usage: { inputTokens: 84 },
        startedAt: new Date(START + 1),
        durationMillis: 1.5,
      },
    ]);
  });

  test.each([
    ['in_progress', 'soon after', 9],
    ['interrupted', 'long after', 11],
  ])(
    'a run without an end has its status from its steps: %s %s the last of them',
    async (status, _, minutes) => {
      const now = jest.spyOn(Date, 'now').mockReturnValue(START + 30_000 + minutes * 60_000);
      const failed = step('a', 30_000, {
        'chatdebug.step.status': 'error',
        'chatdebug.error.kind': 'generic',
      });
      found([failed, step('a', 1)]);
      const [summary] = await open().list('c', { since });
      now.mockRestore();
      expect(summary).toMatchObject({
        id: 'a',
        status,
        error: { kind: 'generic' },
        startedAt: new Date(START + 1),
        durationMillis: undefined,
        stepCount: undefined,
      });
    },
  );

  test('duplicate spans appear once', async () => {
    stored([run('a', 0), step('a', 1), step('a', 1), step('a', 2), run('a', 0)]);
    const whole = await open().get('a');
    expect(whole?.steps.map(({ number }) => number)).toEqual([1, 2]);
  });

  test('nested runs are children, and two that name each other end', async () => {
    stored([
      run('a', 0, { 'chatdebug.run.parent_id': 'b' }),
      run('b', 2, { 'chatdebug.run.parent_id': 'a', 'chatdebug.run.kind': 'title_generation' }),
      run('c', 1, { 'chatdebug.run.parent_id': 'a' }),
      step('b', 1),
    ]);
    expect(await open().get('a')).toMatchObject({
      id: 'a',
      children: [{ id: 'c' }, { id: 'b', kind: 'title_generation', steps: [{ number: 1 }], children: [] }],
    });
  });

  test('10,000 runs', async () => {
    found(Array.from({ length: 10_000 }, (_, index) => run(`r${index}`, index)));
    const runs = await open().list('c', { since, limit: 1_000 });
    expect([runs.length, runs[0]?.id]).toEqual([1_000, 'r9999']);
  });

  test('nothing', async () => {
    found([]);
    expect(await open().list('c')).toEqual([]);
    expect(await open().get('a')).toBeUndefined();
  });
});

test('Jaeger gets one request, for a tag, within a service and a time', async () => {
  backend.answer(json({ data: [] }));
  expect(await jaegerRuns({ endpoint: backend.url, service: 'chat' }).has('"c"')).toBe(false);
  const [first, ...more] = backend.asked();
  const query = first?.query ?? NOTHING;
  expect([first?.path, more]).toEqual(['/api/traces', []]);
  expect(query).toMatchObject({ service: 'chat', tags: '{"gen_ai.conversation.id":"\\"c\\""}', limit: '1' });
  expect(Number(query['end']) - Number(query['start'])).toBe(7 * 24 * 3_600_000_000);
});

test('Tempo gets one request, within its maximum time range', async () => {
  backend.answer(json({ traces: [tempoFound([run('a', 0)])] }));
  expect(await tempoRuns({ endpoint: backend.url }).has('c')).toBe(true);
  const [first, ...more] = backend.asked();
  const query = first?.query ?? NOTHING;
  expect([first?.path, more]).toEqual(['/api/search', []]);
  expect(query).toMatchObject({ q: '{ span.gen_ai.conversation.id = "c" }', limit: '1' });
  expect(Number(query['end']) - Number(query['start'])).toBeLessThanOrEqual(7 * 24 * 3_600);
});

test('Tempo is queried for the rest of a trace larger than a search result', async () => {
  const spans = [step('a', 1), step('a', 2), run('a', 0)];
  backend.answer(json({ traces: [tempoFound(spans.slice(0, 1), spans.length)] }), json(tempoTrace(spans)));
  expect(await tempoRuns({ endpoint: backend.url }).list('c', { since })).toMatchObject([
    { status: 'completed' },
  ]);
});

test("Tempo omits a trace id's leading zeros", async () => {
  backend.answer(json({ traces: [tempoFound([run('a', 0)], 1, 'abc')] }));
  const traceUrl = (id: string) => `grafana/${id}`;
  const [summary] = await tempoRuns({ endpoint: backend.url, traceUrl }).list('c', { since });
  expect(summary?.url).toBe(`grafana/${'abc'.padStart(32, '0')}`);
});

test("a run in Jaeger links to Jaeger's own page", async () => {
  backend.answer(json({ data: [jaeger([run('a', 0)])] }));
  const [summary] = await jaegerRuns({ endpoint: `${backend.url}/`, service: 'chat' }).list('c', { since });
  expect(summary?.url).toBe(`${backend.url}/trace/${TRACE}`);
});

test('a search of Tempo covers at least a minute: Tempo 3.0 rejects the last 30 seconds alone', async () => {
  backend.answer(json({ traces: [] }));
  const ahead = new Date(Date.now() + 3_600_000);
  expect(await tempoRuns({ endpoint: backend.url }).list('c', { since: ahead })).toEqual([]);
  const { start, end } = backend.asked()[0]?.query ?? {};
  expect(Number(end) - Number(start)).toBeGreaterThanOrEqual(120);
});
