import { bodyRedactor } from '../../src/redact/body';
import fc, { runs } from '../support/property.js';
import { leaks, Planter, randomFrom } from './planted';

const redact = bodyRedactor({ keys: ['ssn'] });
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

test('no planted secret is left, anywhere in any kind of body', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const body = new Planter(randomFrom(seed)).any();
      expect(redacted(body.text, body.contentType)).not.toMatch(LEAK);
    }),
    { numRuns: runs(2_000) },
  );
});

test('no planted secret is left in a cut body, nor its beginning', () => {
  fc.assert(
    fc.property(seeds, fc.double({ min: 0, max: 1, noNaN: true }), (seed, where) => {
      const { text, contentType } = new Planter(randomFrom(seed)).any();
      const cut = text.slice(0, text.length * where);
      expect(redacted(cut, contentType, true)).not.toMatch(LEAK);
    }),
    { numRuns: runs(4_000) },
  );
});

test('at every possible cut of a body', () => {
  let tried = 0;
  for (let seed = 0; tried < 40; seed++) {
    const { text, contentType } = new Planter(randomFrom(seed)).any();
    if (text.length > 1_000) continue;
    tried += 1;
    for (let length = 0; length <= text.length; length++) {
      const result = redacted(text.slice(0, length), contentType, true);
      const isLost = contentType === 'application/json' && result === '[REDACTED]';
      if (LEAK.test(result) || isLost) throw new Error(`seed ${seed}, cut at ${length}: ${result}`);
    }
  }
});

test('a body without secrets stays byte for byte, and redaction is idempotent', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const harmless = new Planter(randomFrom(seed), false).any();
      expect(redacted(harmless.text, harmless.contentType)).toBe(harmless.text);
      const { text, contentType } = new Planter(randomFrom(seed)).any();
      const once = redacted(text, contentType);
      expect(redacted(once, contentType)).toBe(once);
    }),
    { numRuns: runs(2_000) },
  );
});

/** Added to a result in which `leaks` finds a secret. */
const LEAK = /LEAK: /;

function redacted(text: string, contentType: string, truncated = false): string {
  const result = redact({ text, contentType, truncated });
  return leaks(result) ? `LEAK: ${result}\nOF: ${text}` : result;
}
