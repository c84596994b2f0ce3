import { parseRetryAfter } from '../src/retry-after.js';

const NOW = Date.parse('2026-11-02T10:00:00Z');

test.each([
  ['30', 30_000],
  [' 0 ', 0],
  ['0.25', 250],
  ['Mon, 02 Nov 2026 10:00:05 GMT', 5_000],
  ['Monday, 02-Nov-26 10:00:05 GMT', 5_000],
  ['Mon Nov  2 10:00:05 2026', 5_000],
  ['Mon, 02 Nov 2026 09:00:00 GMT', 0],
  ['Mon, 02 Nov 2026 10:00:05', undefined],
  ['Mon, 02 Nov 2026 10:00:05 +0100', undefined],
  ['2026-11-02T10:00:05Z', undefined],
  ['Mon, 99 Nov 2026 10:00:05 GMT', undefined],
  ['soon', undefined],
  ['-1', undefined],
  ['1e9', undefined],
  ['9999999999999999999', undefined],
  ['', undefined],
  [undefined, undefined],
])('Retry-After: %p is a delay of %p ms', (header, millis) => {
  expect(parseRetryAfter(header, () => NOW)).toBe(millis);
});
