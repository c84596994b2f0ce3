import { boundedJson } from '../../../src/wire/shape/request-shape.js';
import fc, { runs } from '../../support/property.js';

const cycle: Record<string, unknown> = {};
cycle['self'] = cycle;

test.each<[what: string, list: unknown[], maxBytes: number, json: string, leftOut: number]>([
  ['nothing', [], 100, '[]', 0],
  ['all of it', [1, { a: 'b' }, null], 100, '[1,{"a":"b"},null]', 0],
  ['just as many bytes', ['a', 'b'], 9, '["a","b"]', 0],
  ['one byte too few', ['a', 'b'], 8, '["a"]', 1],
  ['the first and the last', ['first', 2, 3, 4, 5], 13, '["first",4,5]', 2],
  ['the last where the first is too large', ['x'.repeat(50), 2, 3], 10, '[2,3]', 1],
  ['all but one that is too large alone', [1, 2, 'x'.repeat(50), 3], 20, '[1,2,3]', 1],
  ['no smaller one before one that does not fit', [1, 2, 'xxxxx', 4], 10, '[1,4]', 2],
  ['nothing that fits', ['xxxxxxxx', 'yyyyyyyy'], 5, '[]', 2],
  ['no room at all', [1], 2, '[]', 1],
  ['bytes, not characters', ['é', 'é'], 10, '["é"]', 1],
])('%s', (_, list, maxBytes, json, leftOut) => {
  expect(boundedJson(list, maxBytes)).toEqual({ json, leftOut });
});

test.each<[what: string, value: unknown]>([
  ['a cycle', cycle],
  ['a BigInt', 1n],
  ['a value that JSON cannot represent', undefined],
  ['a function', () => 1],
  [
    'a toJSON that throws',
    {
      toJSON: () => {
        throw new Error('no');
      },
    },
  ],
  [
    'a getter that throws',
    {
      get a() {
        throw new Error('no');
      },
    },
  ],
  [
    'an excessively nested value, or one that is too long',
    JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`),
  ],
])('%s is omitted alone', (_, value) => {
  expect(boundedJson([value, 1, value, 2, value], 1_000)).toEqual({ json: '[1,2]', leftOut: 3 });
});

test('a list has its first and last elements, within bounds, and as many as fit', () => {
  const list = fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 30 });
  fc.assert(
    fc.property(list, fc.integer({ min: 2, max: 300 }), (elements, maxBytes) => {
      const { json, leftOut } = boundedJson(elements, maxBytes);
      expect(Buffer.byteLength(json)).toBeLessThanOrEqual(maxBytes);
      const texts = elements.map((element) => JSON.stringify(element));
      const alone = (text: string) => Buffer.byteLength(text) + 2 <= maxBytes;
      const [first, ...others] = texts;
      const head = first !== undefined && alone(first) ? [first] : [];
      const tail = others.filter(alone);
      const kept = elements.length - leftOut - head.length;
      const listed = (count: number) => `[${[...head, ...tail.slice(tail.length - count)].join(',')}]`;
      expect(json).toBe(listed(kept));
      if (kept < tail.length) expect(Buffer.byteLength(listed(kept + 1))).toBeGreaterThan(maxBytes);
    }),
    { numRuns: runs(1_000) },
  );
});

test('of a long list only the kept elements are written, and one more', () => {
  let written = 0;
  const message = { toJSON: () => `message ${written++}` };
  const { json, leftOut } = boundedJson(Array(1_000_000).fill(message), 1_000);
  const kept = JSON.parse(json).length;
  expect(kept).toBeGreaterThan(50);
  expect(leftOut).toBe(1_000_000 - kept);
  expect(written).toBeLessThanOrEqual(kept + 1);
});
