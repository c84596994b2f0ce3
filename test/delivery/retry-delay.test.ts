import { backoffMillis, RETRY_PACE, retryAfterMillis } from '../../src/delivery/retry-delay.js';
import { RetrySchedule } from '../../src/delivery/retry-schedule.js';

test.each([
  [1, 500],
  [2, 1_000],
  [5, 8_000],
  [6, 10_000],
  [2_000, 10_000],
])('after %i failures in a row it waits up to %i ms', (failures, bound) => {
  expect(backoffMillis(failures, RETRY_PACE, 0)).toBe(0);
  expect(backoffMillis(failures, RETRY_PACE, 0.5)).toBe(bound / 2);
});

const NOW = Date.parse('Mon, 02 Nov 2026 10:00:00 GMT');

test.each([
  ['30', 30_000],
  [' 0 ', 0],
  ['Mon, 02 Nov 2026 10:00:05 GMT', 5_000],
  ['Mon, 02 Nov 2026 09:00:00 GMT', 0],
  ['soon', undefined],
  ['-1', undefined],
  ['9999999999999999999', undefined],
  ['', undefined],
  [undefined, undefined],
])('Retry-After: %p asks for %p ms', (header, millis) => {
  expect(retryAfterMillis(header, NOW)).toBe(millis);
});

describe('when the next try may be', () => {
  const start = () => new RetrySchedule(RETRY_PACE, () => 0.5);

  test('it backs off, and a success ends that', () => {
    const schedule = start();
    schedule.failed(undefined, 1_000);
    expect(schedule.notBefore).toBe(1_250);
    schedule.failed(undefined, 2_000);
    expect(schedule.notBefore).toBe(2_500);
    schedule.succeeded();
    schedule.failed(undefined, 3_000);
    expect(schedule.notBefore).toBe(3_250);
  });

  test('what the endpoint asks for goes first, up to a minute', () => {
    const schedule = start();
    schedule.failed(30_000, 1_000);
    expect(schedule.notBefore).toBe(31_000);
    schedule.failed(3_600_000, 1_000);
    expect(schedule.notBefore).toBe(61_000);
  });

  test('who is in a hurry waits for the endpoint’s time, not for ours', () => {
    const schedule = start();
    schedule.failed(undefined, 1_000);
    schedule.hurry(false);
    expect(schedule.notBefore).toBe(0);
    schedule.failed(30_000, 1_000);
    schedule.hurry(false);
    expect(schedule.notBefore).toBe(31_000);
    schedule.hurry(true);
    expect(schedule.notBefore).toBe(0);
  });
});
