import { ByteBudget } from '../../src/attempt/body/capture.js';
import { HeldEnds } from '../../src/attempt/body/held-body.js';
import fc, { runs } from '../support/property.js';

const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 60 });

test('beginning and end of any body are held, within their bounds and the budget', () => {
  fc.assert(
    fc.property(chunks, fc.nat({ max: 120 }), fc.nat({ max: 200 }), (pieces, limit, most) => {
      const budget = new ByteBudget(most, () => {});
      const ends = new HeldEnds(limit, budget);
      for (const piece of pieces) {
        ends.add(piece);
        expect(budget.held).toBeLessThanOrEqual(most);
      }
      const whole = Buffer.concat(pieces);
      const { head, skippedBytes, tail } = ends.read();
      expect(head.length + skippedBytes + tail.length).toBe(whole.length);
      expect(head.length).toBeLessThanOrEqual(limit);
      expect(tail.length).toBeLessThanOrEqual(limit);
      expect(head).toEqual(whole.subarray(0, head.length));
      expect(tail).toEqual(whole.subarray(whole.length - tail.length));
      if (most >= 3 * limit) {
        expect(head).toHaveLength(Math.min(limit, whole.length));
        expect(tail).toHaveLength(Math.min(limit, whole.length - head.length));
      }
      ends.release();
      expect(budget.held).toBe(0);
    }),
    { numRuns: runs(5_000, 500) },
  );
});
