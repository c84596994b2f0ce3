import { type JsonKind, MemberScan } from '../../../src/wire/request-body.js';
import fc, { runs } from '../../support/property.js';

const scanned = (...chunks: readonly (Uint8Array | string)[]): MemberScan => {
  const scan = new MemberScan();
  for (const chunk of chunks) scan.add(chunk);
  return scan;
};

const kindOf = (value: unknown): JsonKind => {
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'object' && value !== null) return 'object';
  return typeof value === 'string' || typeof value === 'number' ? (typeof value as JsonKind) : 'literal';
};

test('reads names and kinds at the top level only', () => {
  const { kindOf: kind, isOver } = scanned(
    '{ "messages": [{"model": 1, "text": "a \\" } ]"}], "model" : "m", "n": -1, "o": {}, "b": null }',
  );
  expect(['messages', 'model', 'n', 'o', 'b', 'text'].map(kind)).toEqual([
    'list',
    'string',
    'number',
    'object',
    'literal',
    undefined,
  ]);
  expect(isOver).toBe(true);
});

test.each(['[{"model":"m"}]', '"model"', 'model=m', '--boundary', '{model:1}', '{"a"}', '{}'])(
  '%s has no members, and is not read further',
  (text) => {
    const scan = scanned(text, '{"model":"m"}');
    expect([scan.kindOf('model'), scan.isOver]).toEqual([undefined, true]);
  },
);

test('a body without an end is read up to a bound', () => {
  const scan = scanned('{"input":[', `"${'a'.repeat(300_000)}"`, '],"model":"m"}');
  expect([scan.kindOf('input'), scan.kindOf('model'), scan.isOver]).toEqual(['list', undefined, true]);
});

test('finds what JSON.parse finds, regardless of chunk boundaries', () => {
  const name = fc.stringMatching(/^[a-z_]{1,12}$/);
  fc.assert(
    fc.property(
      fc.dictionary(name, fc.jsonValue(), { maxKeys: 20, noNullPrototype: true }),
      fc.nat(3),
      fc.array(fc.nat(200), { maxLength: 5 }),
      (object, indent, cuts) => {
        const bytes = Buffer.from(JSON.stringify(object, null, indent));
        const ends = [...cuts, bytes.length].sort((a, b) => a - b);
        const scan = scanned(...ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end)));
        for (const [key, value] of Object.entries(object)) expect(scan.kindOf(key)).toBe(kindOf(value));
        expect(scan.isOver).toBe(true);
      },
    ),
    { numRuns: runs(5_000, 300) },
  );
});

test('accepts any bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 5 }), (chunks) => {
      scanned('{"a":', ...chunks);
      scanned(...chunks);
    }),
    { numRuns: runs(5_000, 300) },
  );
});
