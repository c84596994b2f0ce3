import { text } from '../support/attributes.js';
import { buildTree } from '../support/tree.js';
import {
  runTracedApplication,
  type Start,
  type TracedApplication,
  type Tracing,
} from './support/traced-application.js';

const SCOPE = 'opentelemetry-instrumentation-chatdebug';
const STARTS: Start[] = ['before', 'after', 'register', 'instrumentation'];

describe.each<Tracing>([
  'nothing',
  'nothing sampled',
  'NodeSDK',
  'SimpleSpanProcessor',
  'BatchSpanProcessor',
])('an application that traces with %s', (tracing) => {
  let without: TracedApplication;
  const withUs = new Map<Start, TracedApplication>();
  const started = (start: Start): TracedApplication => withUs.get(start) ?? without;
  beforeAll(async () => {
    without = await runTracedApplication(tracing, 'absent');
    const run = async (start: Start) => void withUs.set(start, await runTracedApplication(tracing, start));
    // As many in parallel as a small machine has processors: each takes seconds of processor time to load.
    const waiting = [...STARTS];
    const next = async (): Promise<void> => {
      const start = waiting.shift();
      if (start === undefined) return;
      await run(start);
      await next();
    };
    await Promise.all([next(), next()]);
  });

  test('traces everything, so that the comparison is meaningful', () => {
    expect(without.ended).toMatchObject({ code: 0, stderr: '' });
    expect(without.requested).toHaveLength(4);
    const exports = tracing !== 'nothing' && tracing !== 'nothing sampled';
    expect(without.exported).toHaveLength(exports ? 7 : 0);
    expect(without.ours).toEqual([]);
  });

  describe.each(STARTS)('with this package (%s)', (start) => {
    test('exports and sends exactly what it did without', () => {
      const { ended, exported, requested } = started(start);
      expect(ended).toMatchObject({ code: 0, stderr: '' });
      expect(exported).toEqual(without.exported);
      expect(requested).toEqual(without.requested);
    });

    test('has its run below the active span', () => {
      const { ours, active, spanIds } = started(start);
      const [inside, outside, ...more] = buildTree(ours);
      expect([inside?.chatId, outside?.chatId, more]).toEqual(['in a span', 'outside every span', []]);
      expect([inside?.status, inside?.steps[0]?.attempts.map((one) => one.statusCode)]).toEqual([
        'completed',
        [503, 200],
      ]);
      expect(outside?.span?.parentSpanId).toBeUndefined();
      const sampled = tracing !== 'nothing' && tracing !== 'nothing sampled';
      if (tracing !== 'nothing') expect(inside?.traceId).toBe(active?.traceId);
      expect(inside?.span?.parentSpanId).toBe(sampled ? active?.spanId : undefined);
      expect(inside?.span && text(inside.span, 'chatdebug.parent_span_id')).toBe(
        tracing === 'nothing sampled' ? active?.spanId : undefined,
      );
      const known = new Set([...spanIds, ...ours.map(({ spanId }) => spanId)]);
      const parents = ours.flatMap(({ parentSpanId }) => parentSpanId ?? []);
      expect(parents.filter((id) => !known.has(id))).toEqual([]);
    });

    test('sends none of its own spans through this package', () => {
      expect(new Set(started(start).ours.map(({ scope }) => scope.name))).toEqual(new Set([SCOPE]));
    });
  });
});
