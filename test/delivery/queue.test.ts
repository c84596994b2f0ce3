import { approximateBytes, inBatches, Ledger, SpanQueue } from '../../src/delivery/queue.js';
import { Settlement } from '../../src/delivery/sender.js';
import { endedSpan } from './support/delivering.js';

const ALL = { spans: 100, bytes: 1_000 };

function filled(maxSpans: number, maxBytes: number, sizes: number[]) {
  const queue = new SpanQueue(maxSpans, maxBytes);
  const evicted = sizes.map((bytes, index) => queue.add(endedSpan(`s${index + 1}`), bytes, index).length);
  return { queue, evicted };
}

const numbers = (held: readonly { number: number }[]) => held.map(({ number }) => number);

test('drops the oldest span beyond the maximum count', () => {
  const { queue, evicted } = filled(3, 1_000, [1, 1, 1, 1, 1]);
  expect(evicted).toEqual([0, 0, 0, 1, 1]);
  expect(numbers(queue.unsettled())).toEqual([3, 4, 5]);
  expect(queue.waitingSince).toBe(2);
});

test('drops the oldest span beyond the maximum size', () => {
  const { queue, evicted } = filled(10, 100, [40, 40, 40, 90]);
  expect(evicted).toEqual([0, 0, 1, 2]);
  expect(numbers(queue.unsettled())).toEqual([4]);
});

test('spans in flight count and are not dropped', () => {
  const { queue } = filled(3, 1_000, [1, 1]);
  queue.take(ALL);
  expect(queue.add(endedSpan('s3'), 1, 2)).toEqual([]);
  expect(numbers(queue.add(endedSpan('s4'), 1, 3))).toEqual([3]);
  expect([queue.waiting, queue.inFlight, queue.size]).toEqual([1, 2, 3]);
  expect(numbers(queue.unsettled())).toEqual([1, 2, 4]);
});

test('a batch has the spans that fit, and at least one', () => {
  const { queue } = filled(10, 10_000, [400, 400, 400, 2_000, 1]);
  expect(numbers(queue.take(ALL))).toEqual([1, 2]);
  const sizes = [1, 1, 1, 2_000, 1].map((bytes) => ({ bytes }));
  const lengths = (spans: number) => inBatches(sizes, { spans, bytes: 1_000 }).map(({ length }) => length);
  expect(lengths(2)).toEqual([2, 1, 1, 1]);
  expect(lengths(9)).toEqual([3, 1, 1]);
});

test('released spans return to the front, except settled ones', () => {
  const { queue } = filled(10, 1_000, [1, 1, 1, 1]);
  const taken = queue.take({ spans: 3, bytes: 1_000 });
  expect(queue.settle(taken.slice(1, 2))).toBe(1);
  expect(queue.settle(taken.slice(1, 2))).toBe(0);
  queue.putBack();
  expect(numbers(queue.take(ALL))).toEqual([1, 3, 4]);
  expect(queue.inFlight).toBe(3);
});

test('a span settled while queued is not taken', () => {
  const { queue } = filled(10, 1_000, [1, 1, 1]);
  expect(queue.isSettledUpTo(1)).toBe(false);
  queue.settle(queue.unsettled().slice(0, 2));
  queue.sweep();
  expect([queue.isSettledUpTo(2), queue.isSettledUpTo(3)]).toEqual([true, false]);
  expect(numbers(queue.take(ALL))).toEqual([3]);
});

test('the estimated size depends on the texts', () => {
  const span = endedSpan('name');
  const grown = Object.create(span, {
    attributes: { value: { a: 'x'.repeat(1_000), b: ['y'.repeat(500), 1] } },
  });
  const difference = approximateBytes(grown) - approximateBytes(span);
  expect(difference).toBeGreaterThan(1_500);
  expect(difference).toBeLessThan(1_700);
});

describe('settlement', () => {
  const refused = { kind: 'split', reason: 'refused', detail: 'HTTP 400', errorType: '400' } as const;
  const accepted = { kind: 'accepted', rejected: 0 } as const;

  function settling(spans: number) {
    const { queue } = filled(10, 1_000, Array(spans).fill(1));
    const settlement = new Settlement(new Ledger(queue));
    return { settlement, batch: queue.take(ALL) };
  }

  test('isolating one refused span', () => {
    const { settlement, batch } = settling(3);
    expect(settlement.settle(batch, refused)?.map(numbers)).toEqual([[1], [2, 3]]);
    expect(settlement.settle(batch.slice(0, 1), refused)).toEqual([]);
    expect(batch.map(({ settled }) => settled)).toEqual([true, false, false]);
  });

  test('gives up after too many consecutive refusals, until something is accepted', () => {
    const { settlement, batch } = settling(2);
    const split = () => settlement.settle(batch, refused)?.length === 2;
    expect(Array.from({ length: 22 }, split).lastIndexOf(true)).toBe(19);
    settlement.settle(batch, accepted);
    expect(split()).toBe(true);
  });

  test('spans that cannot be serialised are always isolated', () => {
    const { settlement, batch } = settling(2);
    const threw = { kind: 'split', reason: 'not_serialisable', detail: '', errorType: 'Error' } as const;
    for (let times = 0; times < 100; times++) expect(settlement.settle(batch, threw)).toHaveLength(2);
  });
});
