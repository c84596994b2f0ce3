import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { redactText } from '../../src/redact/text';
import fc from '../support/property.js';
import { IN_PLACE, SECRETS } from './secrets';

const R = '[REDACTED]';
const FIXTURES = join(__dirname, '../fixtures/wire');

/** The secret name or shape in the recordings: an MCP server's `authorization`. */
const PLANTED = /"kept out"/g;

test.each(readdirSync(FIXTURES))('provider responses contain no false positive: %s', (file) => {
  const text = readFileSync(join(FIXTURES, file), 'utf8').replace(PLANTED, 'null');
  expect(redactText(text)).toBe(text);
});

/** Complete words without a secret, so that no secret continues in them. */
const words = fc
  .array(fc.string({ unit: fc.constantFrom(...'abcdefghij äß世🙂,.!\n'), maxLength: 40 }))
  .map((parts) => parts.join(' '));
const separated = fc.constantFrom(' ', '\n', '"', "'", ' (', '<', ', ');
const spaced = fc.constantFrom(' ', '\n', '"', "'", '<', ' ,');

test.each(Object.entries(SECRETS))('%s is removed anywhere, and nothing else is', (_shape, secrets) => {
  fc.assert(
    fc.property(words, separated, secrets, spaced, words, (before, left, secret, right, behind) => {
      expect(redactText(before + left + secret + right + behind)).toBe(before + left + R + right + behind);
    }),
    { numRuns: 200 },
  );
});

test.each([
  `SG.${'A'.repeat(22)}.${'A'.repeat(13)}_ek_${'A'.repeat(26)}`,
  `sk-ab_AIza${'A'.repeat(35)}`,
  `AIzaSy_ghp_${'A'.repeat(36)}`,
  `glpat-ab-sk-${'A1'.repeat(12)}`,
  `ya29.a_npm_${'A'.repeat(36)}`,
])('a key that contains the shape of another is removed as a whole: %s', (key) => {
  expect(redactText(`(${key})`)).toBe(`(${R})`);
  expect(redactText(`a task_${key} b`)).toBe(`a task_${R} b`);
});

test('text before a key stays', () => {
  const key = `ek_${'A'.repeat(20)}`;
  const name = 'a.'.repeat(200);
  expect(redactText(`OPENAI_${key} task-${key} ${name}${key}`)).toBe(`OPENAI_${R} task-${R} ${name}${R}`);
});

test('any number of keys in one text', () => {
  const planted = fc.oneof(
    ...Object.values(SECRETS).map((secrets) => secrets.map((one) => [one, one] as const)),
    ...Object.values(IN_PLACE),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(words, planted), { maxLength: 12 }), (parts) => {
      const redacted = redactText(parts.map(([text, [place]]) => `${text}\n${place}\n`).join(''));
      for (const [, [, secret]] of parts) expect(redacted).not.toContain(secret);
      for (const [text] of parts) expect(redacted).toContain(text);
    }),
    { numRuns: 300 },
  );
});

test('a value in escaped quotes may end with a backslash', () => {
  const json = JSON.stringify({ a: 'password="a \\' });
  expect(redactText(json)).toBe('{"a":"password=\\"[REDACTED]"}');
});

test('JSON stays JSON', () => {
  const planted = fc.oneof(
    ...Object.values(SECRETS),
    ...Object.values(IN_PLACE).map((places) => places.map(([place]) => place)),
    fc.constantFrom(
      '-----BEGIN PRIVATE KEY-----\nMII',
      'password="a',
      "token='b1'",
      'Bearer ',
      '\\',
      '"',
      '{"a":',
    ),
  );
  const text = fc.array(fc.oneof(words, planted), { maxLength: 5 }).map((parts) => parts.join(' '));
  fc.assert(
    fc.property(
      fc.array(fc.dictionary(fc.oneof(fc.constantFrom('password', 'api_key', 'text'), text), text)),
      (json) => {
        expect(() => JSON.parse(redactText(JSON.stringify(json)))).not.toThrow();
        expect(() => JSON.parse(redactText(JSON.stringify(JSON.stringify(json))))).not.toThrow();
      },
    ),
    { numRuns: 500 },
  );
});
