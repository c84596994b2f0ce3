import { ChunkTiming } from '../../src/attempt/chunk-timing.js';
import fc, { runs } from '../support/property.js';

const chunks = fc.array(fc.tuple(fc.nat({ max: 100_000_000 }), fc.nat({ max: 10_000_000 })), {
  minLength: 2,
});

test('any stream is described in at most 200 characters, with both ends, all pauses and the longest one', () => {
  fc.assert(
    fc.property(chunks, (given) => {
      const timing = new ChunkTiming();
      const sorted = given.map(([at]) => at).sort((a, b) => a - b);
      const stream = sorted.map((at, index) => [at, given[index]?.[1] ?? 0] as const);
      for (const [at, bytes] of stream) timing.add(at, bytes);
      const text = String(timing);
      expect(text.length).toBeLessThanOrEqual(200);
      const { first, last, pauses, longest } = JSON.parse(text);
      const bounded = stream.map(([at, bytes]) => [Math.min(at, 9_999_999), Math.min(bytes, 999_999)]);
      expect(first).toEqual(bounded.slice(0, 3));
      expect(last).toEqual(bounded.slice(3).slice(-3));
      expect(pauses.reduce((sum: number, count: number) => sum + count)).toBe(stream.length - 1);
      const gaps = sorted.slice(1).map((at, index) => at - (sorted[index] ?? 0));
      expect(longest[0]).toBe(Math.min(Math.max(...gaps), 9_999_999));
    }),
    { numRuns: runs(3_000, 300) },
  );
});
