import { fingerprintOf } from '../../src/error/detail.js';
import { attachClassification, classifyError } from '../../src/error/index.js';
import type { AttachedClassification } from '../../src/index.js';

const of = (detail: string | undefined, more: AttachedClassification = {}) =>
  fingerprintOf(
    classifyError(
      attachClassification(new Error('x'), { kind: 'generic', provider: 'openai', detail, ...more }),
    ),
  );

test.each([
  ['numbers', 'Limit 30000, used 29999.5, try again in 1.2s', 'Limit 10, used 9, try again in 20ms'],
  ['ids', 'No response resp_0a1b2c in org-9f8e', 'No response resp_ffff0 in org-1'],
  ['ids without a digit', 'Unknown call toolu_AbCdEfGhIjKlMnOpQr', 'Unknown call toolu_ZyXwVuTsRqPoNmLkJi'],
  ['UUIDs', 'Gone: 123e4567-e89b-12d3-a456-426614174000', 'Gone: 00000000-0000-4000-8000-000000000001'],
  ['quoted texts', `Invalid value: 'tide' in "a b"`, `Invalid value: 'boat' in "c"`],
  ['quoted texts in other marks', 'No “tide” in `x`', 'No “boats and tides” in `y`'],
  ['URLs', 'Fetching https://a.example/x?y=1 failed', 'Fetching http://b.example failed'],
  ['lengths of what was left out', `Failed to parse: Text: ${'a'.repeat(40)}`, `Failed to parse: Text: bb`],
  ['10 KB of digits', `Bad ${'1'.repeat(10_000)}`, `Bad ${'27'.repeat(5_000)}`],
])('%s does not change it', (_, one, other) => {
  expect(of(one)).toBe(of(other));
  expect(of(one)).toMatch(/^[0-9a-f]{16}$/);
});

test('kind, provider, status, exception type and words change it', () => {
  const fingerprints = [
    of('Something broke'),
    of('Something else broke'),
    of(undefined),
    of('Something broke', { kind: 'timeout' }),
    of('Something broke', { provider: 'anthropic' }),
    of('Something broke', { statusCode: 500 }),
    of('Something broke', { exceptionType: 'TypeError' }),
    of(`don't stop`),
    of(`don't go`),
  ];
  expect(new Set(fingerprints).size).toBe(fingerprints.length);
});
