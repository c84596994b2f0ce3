import { RepeatedJson, RepeatedJsonParser } from '../src/repeated-json.js';
import fc, { CODE_POINT, runs } from './support/property.js';

const event = (delta: string, number = 1) =>
  JSON.stringify({
    type: 'delta',
    index: 0,
    delta: { text: delta },
    list: [{ n: number }, null],
    last: true,
  });

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

test('learns in which strings and numbers texts differ', () => {
  const repeated = RepeatedJson.of(event('one'));
  const isRepeated = (text: string) => repeated?.isRepeatedIn(`>${text}<`, 1, text.length + 1);
  expect(isRepeated(event('two'))).toBe(true);
  expect(isRepeated(event('', 23))).toBe(true);
  expect(isRepeated(event('a "quote"', 0))).toBe(true);
  expect(repeated?.places).toMatchObject([
    { path: ['delta', 'text'], isString: true, isEscaped: true },
    { path: ['list', 0, 'n'], isString: false },
  ]);
});

test.each([
  ['another value', event('one').replace('true', 'false')],
  ['another name', event('one').replace('index', 'place')],
  ['one more member', event('one').replace('"last"', '"more":1,"last"')],
  ['text after it', `${event('one')}1`],
  ['less', event('one').slice(0, -1)],
  ['a fraction', event('one').replace('"n":1', '"n":1.5')],
  ['an invalid number', event('one').replace('"n":1', '"n":01')],
  ['a control character', event('one').replace('one', 'o\ne')],
  ['another object in a string', event('one').replace('one', 'a","b":"c')],
])('texts that differ in more are not repetitions: %s', (_, text) => {
  expect(RepeatedJson.of(event('one'))?.isRepeatedIn(text, 0, text.length)).toBe(false);
});

test('a duplicate name, or one that cannot be assigned, is not learnt', () => {
  for (const [text, other] of [
    ['{"a":"1","a":"2"}', '{"a":"3","a":"2"}'],
    ['{"__proto__":"1"}', '{"__proto__":"2"}'],
  ] as const) {
    expect(RepeatedJson.of(text)?.isRepeatedIn(other, 0, other.length)).toBe(false);
    const parser = new RepeatedJsonParser();
    expect([text, other].map((one) => parser.parse(one))).toEqual([text, other].map(parsed));
  }
});

/** Texts each of which resembles the previous one, is broken, or is something else. */
const texts = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(fc.string({ unit: CODE_POINT }), fc.nat()).map(([text, n]) => event(text, n)),
    },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.string({ unit: CODE_POINT }) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.string(), fc.nat(60), fc.constantFrom('"', '\\', '}', ',', '1', '\n', '\\u12', '":"'))
        .map(([text, at, put]) => event(text).slice(0, at) + put + event(text).slice(at)),
    },
  ),
  { maxLength: 12 },
);

test('the parser returns what JSON.parse returns, and never changes earlier results', () => {
  fc.assert(
    fc.property(texts, (all) => {
      const parser = new RepeatedJsonParser();
      const values = all.map((text) => parser.parse(text));
      expect(values).toEqual(all.map(parsed));
    }),
    { numRuns: runs(20_000, 500) },
  );
});
