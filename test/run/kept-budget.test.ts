import { KeptBudget } from '../../src/run/kept-budget.js';
import fc from '../support/property.js';

const LIMITS = { keepPerFingerprint: 30, keepPerMinute: 300 };
const MINUTE = 60_000;

function budgetAt(limits = LIMITS) {
  const clock = { now: 0 };
  const budget = new KeptBudget(limits, () => clock.now);
  return { clock, budget, take: (fingerprint: string, times: number) => taken(budget, fingerprint, times) };
}

const taken = (budget: KeptBudget, fingerprint: string, times: number): number[] =>
  Array.from({ length: times }, () => budget.take(fingerprint)).filter((one) => one !== undefined);

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

test('keeps the first of a minute, then one in 10, one in 100, …, each representing those before it', () => {
  const { clock, budget, take } = budgetAt();
  const ones = Array.from({ length: 30 }, () => 1);
  expect(take('a', 1_200)).toEqual([...ones, 10, 100, 1_000]);
  expect(budget.stats.unrepresented).toBe(60);
  clock.now = MINUTE;
  expect(take('a', 40)).toEqual([61, ...ones.slice(1), 10]);
  expect(budget.stats).toEqual({ fingerprints: 1, forgotten: 0, unrepresented: 0 });
});

test('all fingerprints share a maximum, and each is still kept once', () => {
  const { budget } = budgetAt();
  const names = Array.from({ length: 1_000 }, (_, index) => `f${index}`);
  expect(names.map((name) => budget.take(name))).toEqual(names.map(() => 1));
  expect(names.map((name) => budget.take(name)).filter((one) => one !== undefined)).toEqual([]);
  expect(budget.stats.unrepresented).toBe(1_000);
});

test('a million fingerprints: memory is bounded, the least recent are evicted, and the sums stay exact', () => {
  const { budget } = budgetAt();
  let kept = 0;
  budget.record('often');
  for (let index = 0; index < 1_000_000; index += 1) {
    kept += budget.take(`f${index}`) ?? 0;
    if (index % 1_000 === 0) kept += budget.take('often') ?? 0;
  }
  const { fingerprints, forgotten } = budget.stats;
  expect(fingerprints).toBeLessThanOrEqual(10_000);
  expect(forgotten).toBe(1_000_000 + 1 - fingerprints);
  expect([budget.has('f999999'), budget.has('often'), budget.has('f1')]).toEqual([true, true, false]);
  expect(kept + budget.stats.unrepresented).toBe(1_000_000 + 1_000);
});

test('kept and pending runs add up to all runs, in any order', () => {
  const events = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(5_000)), { maxLength: 400 });
  const limits = fc.record({
    keepPerFingerprint: fc.integer({ min: 1, max: 9 }),
    keepPerMinute: fc.integer({ min: 1, max: 20 }),
  });
  fc.assert(
    fc.property(limits, events, (given, list) => {
      const { clock, budget } = budgetAt(given);
      const represented: number[] = [];
      const seen = new Set<string>();
      for (const [fingerprint, millis] of list) {
        clock.now += millis;
        const represents = budget.take(fingerprint);
        if (represents !== undefined) represented.push(represents);
        // The first of each is kept.
        else expect(seen).toContain(fingerprint);
        seen.add(fingerprint);
      }
      expect(sum(represented) + budget.stats.unrepresented).toBe(list.length);
    }),
  );
});
