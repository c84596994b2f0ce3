import type { ReceivedEvent, ReceivedSpan } from './otlp-receiver.js';
import { buildTree } from './tree.js';

const received = (
  spanId: string,
  parentSpanId: string | undefined,
  attributes: Record<string, unknown>,
  events: ReceivedEvent[] = [],
): ReceivedSpan => ({
  traceId: 'trace',
  spanId,
  parentSpanId,
  name: spanId,
  kind: 1,
  startTimeUnixNano: BigInt(attributes['start'] === undefined ? 0 : Number(attributes['start'])),
  endTimeUnixNano: 5_000_000n,
  attributes,
  droppedAttributesCount: 0,
  events,
  droppedEventsCount: 0,
  status: { code: 0 },
  links: [],
  resource: {},
  scope: { name: '', version: undefined },
});
const run = (id: string, parent?: string, start = 0) =>
  received(`run ${id}`, parent, { 'chatdebug.run.id': id, 'chatdebug.run.kind': 'chat_turn', start });
const step = (id: string, number: number, events?: ReceivedEvent[]) =>
  received(
    `step ${id}.${number}`,
    `run ${id}`,
    { 'chatdebug.run.id': id, 'chatdebug.step.number': number },
    events,
  );
const attempt = (number: number) => ({
  name: 'chatdebug.attempt',
  timeUnixNano: 1n,
  attributes: { 'chatdebug.attempt.number': number, 'http.response.status_code': 500 },
});
const outline = (spans: readonly ReceivedSpan[]) =>
  buildTree(spans).map(function outlined(tree): unknown {
    return [tree.id, tree.steps.map(({ number }) => number), tree.children.map(outlined)];
  });

test('runs are ordered by start, steps by number, regardless of arrival', () => {
  const spans = [step('b', 2), step('a', 1), run('b', undefined, 9), step('b', 1), run('a')];
  expect(outline(spans)).toEqual([
    ['a', [1], []],
    ['b', [1, 2], []],
  ]);
});

test('a run inside another run or its step is a child', () => {
  const spans = [
    run('title', 'step turn.1', 2),
    run('turn'),
    run('compaction', 'run turn', 1),
    step('turn', 1),
  ];
  const children = [
    ['compaction', [], []],
    ['title', [], []],
  ];
  expect(outline(spans)).toEqual([['turn', [1], children]]);
});

test('steps without their run are below a run without a span', () => {
  const [tree] = buildTree([step('lost', 3)]);
  expect(tree).toMatchObject({ id: 'lost', span: undefined, status: undefined, durationMillis: undefined });
});

test('attempts are the events of that name, and other spans are omitted', () => {
  const exception = { name: 'exception', timeUnixNano: 1n, attributes: {} };
  const foreign = received('GET', undefined, { 'http.request.method': 'GET' });
  const [tree, ...more] = buildTree([foreign, run('a'), step('a', 1, [attempt(1), exception, attempt(2)])]);
  expect(more).toEqual([]);
  expect(tree?.durationMillis).toBe(5);
  expect(tree?.steps[0]?.attempts).toMatchObject([
    { number: 1, statusCode: 500, method: undefined },
    { number: 2, statusCode: 500 },
  ]);
});
