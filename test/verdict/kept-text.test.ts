import { BodyEvidence } from '../../src/verdict/body-evidence.js';
import fc, { runs } from '../support/property.js';
import { cutAt } from '../wire/cuts.js';

const HEAD = 16_384;
const TAIL = 8 * HEAD;

const body = fc
  .tuple(fc.string({ minLength: 1, maxLength: 50 }), fc.integer({ min: 0, max: 8_000 }))
  .map(([text, times]) => Buffer.from(`data: ${JSON.stringify(text)}\n\n`.repeat(times + 1)));

const budgetOf = (limit: number) => {
  let held = 0;
  return {
    get held() {
      return held;
    },
    fits: (bytes: number) => held + bytes <= limit,
    take: (bytes: number) => {
      held += bytes;
      return held <= limit;
    },
    release: (bytes: number) => {
      held -= bytes;
    },
  };
};

test('beginning and end of a body are kept, regardless of chunk boundaries, within the bound and the budget', () => {
  fc.assert(
    fc.property(
      body,
      fc.array(fc.nat({ max: 200_000 }), { maxLength: 8 }),
      fc.constantFrom(0, 20_000, 1_000_000),
      (bytes, cuts, memory) => {
        const budget = budgetOf(memory);
        const evidence = new BodyEvidence(budget, true);
        for (const piece of cutAt(bytes, cuts)) evidence.add(piece);
        const { kept } = evidence.end();
        expect(budget.held).toBe(0);
        const { head: first = '', tail: last = '', isWhole } = kept ?? {};
        const [head, tail] = [Buffer.from(first, 'latin1'), Buffer.from(last, 'latin1')];
        expect(head.length).toBeLessThanOrEqual(HEAD);
        expect(tail.length).toBeLessThanOrEqual(TAIL);
        expect(bytes.subarray(0, head.length).equals(head)).toBe(true);
        expect(bytes.subarray(bytes.length - tail.length).equals(tail)).toBe(true);
        expect(isWhole).toBe(head.length + tail.length === bytes.length);
        // With memory, up to the bound.
        if (memory === 1_000_000 && bytes.length <= HEAD + TAIL) expect(isWhole).toBe(true);
      },
    ),
    { numRuns: runs(1_000, 50) },
  );
});

test('an unneeded text is not kept', () => {
  const evidence = new BodyEvidence();
  evidence.add(Buffer.from('data: {}\n\n'));
  expect(evidence.end().kept).toBeUndefined();
});
