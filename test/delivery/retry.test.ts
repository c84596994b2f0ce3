import { backoffMillis, RETRY_PACE, RetrySchedule } from '../../src/delivery/sender.js';
import fc, { runs } from '../support/property.js';

test.each([
  [1, 500],
  [2, 1_000],
  [5, 8_000],
  [6, 10_000],
  [2_000, 10_000],
])('after %i consecutive failures it waits between a half and all of %i ms', (failures, bound) => {
  expect(backoffMillis(failures, RETRY_PACE, 0)).toBe(bound / 2);
  expect(backoffMillis(failures, RETRY_PACE, 0.5)).toBe(bound * 0.75);
});

test('the number of requests in a minute is bounded, for any failures and delays', () => {
  const askedMillis = fc.option(fc.integer({ min: 0, max: 10 ** 12 }), { nil: undefined });
  const failure = fc.record({ askedMillis, random: fc.double({ min: 0, max: 0.999, noNaN: true }) });
  fc.assert(
    fc.property(fc.array(failure, { minLength: 20, maxLength: 20 }), (failures) => {
      let random = 0;
      let now = 0;
      const schedule = new RetrySchedule(RETRY_PACE, () => random);
      for (const one of failures) {
        random = one.random;
        schedule.failed(one.askedMillis, now);
        const delay = Math.round(schedule.notBefore - now);
        expect(delay).toBeGreaterThanOrEqual(Math.max(100, Math.min(one.askedMillis ?? 0, 60_000)));
        expect(delay).toBeLessThanOrEqual(70_000);
        now = schedule.notBefore;
      }
      expect(now).toBeGreaterThan(60_000);
    }),
    { numRuns: runs(1_000) },
  );
});

describe('the time of the next retry', () => {
  const start = () => new RetrySchedule(RETRY_PACE, () => 0.5);

  test('backs off, and resets after a success', () => {
    const schedule = start();
    schedule.failed(undefined, 1_000);
    expect(schedule.notBefore).toBe(1_375);
    schedule.failed(undefined, 2_000);
    expect(schedule.notBefore).toBe(2_750);
    schedule.succeeded();
    schedule.failed(undefined, 3_000);
    expect(schedule.notBefore).toBe(3_375);
  });

  test('a delay of the endpoint applies if it is longer, up to a minute', () => {
    const schedule = start();
    schedule.failed(0, 1_000);
    expect(schedule.notBefore).toBe(1_375);
    schedule.failed(30_000, 1_000);
    expect(schedule.notBefore).toBe(31_375);
    schedule.failed(3_600_000, 1_000);
    expect(schedule.notBefore).toBe(61_750);
  });

  test('a flush waits for the endpoint’s delay, otherwise only for the minimum', () => {
    const schedule = start();
    schedule.failed(undefined, 1_000);
    schedule.hurry(false);
    expect(schedule.notBefore).toBe(1_100);
    schedule.failed(30_000, 1_000);
    schedule.hurry(false);
    expect(schedule.notBefore).toBeGreaterThan(31_000);
    schedule.hurry(true);
    expect(schedule.notBefore).toBe(1_100);
  });
});
