import { parseJsonPrefix } from '../../../src/wire/json/json.js';
import fc, { runs } from '../../support/property.js';

test.each<[text: string, value: unknown]>([
  ['[', []],
  ['{', {}],
  [' \n{ ', {}],
  ['{"a', {}],
  ['{"a"', {}],
  ['{"a":', {}],
  ['{"a": "b', {}],
  ['{"a":"b"', { a: 'b' }],
  ['{"a":"b",', { a: 'b' }],
  ['{"a":"b","c"', { a: 'b' }],
  ['{"a":1', {}],
  ['{"a":1,', { a: 1 }],
  ['{"a":1 ', { a: 1 }],
  ['[-1.5e+3,2.', [-1500]],
  ['[12', []],
  ['[tru', []],
  ['[true', [true]],
  ['[null,fals', [null]],
  ['["a\\"', []],
  ['["a\\"b"', ['a"b']],
  ['["a\\\\"', ['a\\']],
  ['["\\u00e', []],
  ['["}]","{[', ['}]']],
  ['{"a":[{"b":["c","d', { a: [{ b: ['c'] }] }],
  ['{"a":{"b":{}},"c":[1,2],"d":[', { a: { b: {} }, c: [1, 2], d: [] }],
  ['{"a":":","b"', { a: ':' }],
])('%s is %j', (text, value) => {
  expect(parseJsonPrefix(text)).toEqual(value);
});

test.each([
  '',
  ' ',
  '"abc',
  'tru',
  '-',
  'hello',
  '<html>',
  'data: {"a":1}',
  '[1]"abc',
  '{"a":1} x',
  '{"a":1}{"b":',
  '[1,]',
  '[1]]',
  '{1:2,',
  '[{]',
  '[}',
  '[1 x',
  '[1.2.3,',
  '[01,"a',
  "['a','b",
  '[undefined,',
  '\ufeff[1,',
])('%j has no value', (text) => {
  expect(parseJsonPrefix(text)).toBeUndefined();
});

/**
 * Equal, or less of the same: a list that ends earlier, an object without its last members, either with a last
 * value that is itself a prefix. Nothing is a prefix of everything.
 */
function isPrefix(part: unknown, whole: unknown): boolean {
  if (part === undefined) return true;
  if (typeof part !== 'object' || part === null) return part === whole;
  if (typeof whole !== 'object' || whole === null || Array.isArray(part) !== Array.isArray(whole))
    return false;
  const wholes = new Map(Object.entries(whole));
  const unequal = Object.entries(part).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(wholes.get(key)),
  );
  return (
    Object.keys(part).every((key) => wholes.has(key)) &&
    unequal.length <= 1 &&
    unequal.every(([key, value]) => isPrefix(value, wholes.get(key)))
  );
}

const json = fc
  .tuple(fc.jsonValue({ maxDepth: 5 }), fc.nat(2))
  .map(([value, indent]) => JSON.stringify(value, null, indent));

test('a whole text is parsed like JSON.parse', () => {
  fc.assert(
    fc.property(json, (text) => {
      expect(parseJsonPrefix(text)).toEqual(JSON.parse(text));
    }),
  );
});

test('a text cut anywhere is a prefix of the value, and a longer text is a longer prefix', () => {
  // Each beginning of a number is complete.
  const noNumber = json.filter((text) => typeof JSON.parse(text) !== 'number');
  fc.assert(
    fc.property(noNumber, fc.nat(), fc.nat(), (text, one, other) => {
      const [less, more] = [one % text.length, other % text.length].sort((a, b) => a - b);
      const [shorter, longer] = [parseJsonPrefix(text.slice(0, less)), parseJsonPrefix(text.slice(0, more))];
      expect(isPrefix(longer, JSON.parse(text))).toBe(true);
      expect(isPrefix(shorter, longer)).toBe(true);
    }),
    { numRuns: runs(2_000) },
  );
});

test('all but the last element of a cut list are present', () => {
  const elements = fc.array(fc.jsonValue({ maxDepth: 3 }), { minLength: 1 });
  fc.assert(
    fc.property(elements, fc.jsonValue(), fc.nat(), (list, last, cut) => {
      const before = JSON.stringify(list).slice(0, -1);
      const text = `${before},${JSON.stringify(last)}`;
      const value = parseJsonPrefix(text.slice(0, before.length + 1 + (cut % (text.length - before.length))));
      expect(Array.isArray(value) && value.slice(0, list.length)).toEqual(JSON.parse(JSON.stringify(list)));
    }),
  );
});

test('any text is read without an error', () => {
  const text = fc.string({ unit: fc.constantFrom(...'{}[]",:\\ 1e-tfn\n') });
  fc.assert(
    fc.property(fc.oneof(text, fc.string()), (any) => {
      parseJsonPrefix(any);
    }),
    { numRuns: runs(2_000) },
  );
});

test('deep and long texts take linear time', () => {
  let value = parseJsonPrefix('['.repeat(100_000));
  let depth = 0;
  for (; Array.isArray(value); value = value[0]) depth++;
  expect(depth).toBe(100_000);
  const started = performance.now();
  expect(parseJsonPrefix(`["${'\\\\'.repeat(1_000_000)}","${'\\"'.repeat(1_000_000)}`)).toHaveLength(1);
  expect(parseJsonPrefix(`[${'{"a":[1,"b"]},'.repeat(100_000)}`)).toHaveLength(100_000);
  expect(parseJsonPrefix(`[${' '.repeat(2_000_000)}`)).toEqual([]);
  expect(performance.now() - started).toBeLessThan(30_000);
});
