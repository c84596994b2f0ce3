import type { Attributes } from '@opentelemetry/api';
import { attributesBytes, boundedAttributes, levelOf } from '../../src/tracing/bounded-attributes.js';
import fc from '../support/property.js';

const CONTENT = 'chatdebug.attempt.request_body';
const MESSAGES = 'gen_ai.input.messages';
const SHORTENED = 'chatdebug.shortened';

test.each([
  [[], 10, Number.POSITIVE_INFINITY],
  [[3, 3, 4], 10, Number.POSITIVE_INFINITY],
  [[9, 1, 5], 10, 4],
  [[6, 6], 10, 5],
  [[1, 100, 50], 0, 0],
  [[1, 100, 50], -5, 0],
])('with lengths %j and room for %d the level is %d', (sizes, room, level) => {
  expect(levelOf(sizes, room)).toBe(level);
});

test('attributes that fit are returned unchanged', () => {
  const attributes = { a: 'x'.repeat(98), b: 1 };
  expect(attributesBytes(attributes)).toBe(108);
  expect(boundedAttributes(attributes, 108)).toBe(attributes);
});

test('the longest texts are cut to one length, at a whole character, and named', () => {
  const attributes = {
    a: '🙂'.repeat(1_000),
    b: 'short',
    c: 'c'.repeat(900),
    d: ['e'.repeat(700), 'f'.repeat(700)],
  };
  const bounded = boundedAttributes(attributes, 1_500);
  expect(bounded).toEqual({
    a: expect.stringMatching(/^(?:🙂){50,}\[TRUNCATED\]$/u),
    b: 'short',
    c: expect.stringMatching(/^c{300,}\[TRUNCATED\]$/),
    d: [expect.stringMatching(/^e{300,}\[TRUNCATED\]$/)],
    [SHORTENED]: ['a', 'c', 'd'],
  });
  expect(attributesBytes(bounded)).toBeGreaterThan(1_400);
});

test('an attribute may have any name', () => {
  const attributes = Object.fromEntries([
    ['__proto__', 'x'],
    ['a', 'a'.repeat(2_000)],
  ]);
  expect(Object.keys(boundedAttributes(attributes, 1_000))).toEqual(['__proto__', 'a', SHORTENED]);
});

test('JSON is whole or omitted, the longest first', () => {
  const json = (length: number) => JSON.stringify(['x'.repeat(length)]);
  const attributes = {
    [MESSAGES]: json(3_000),
    'gen_ai.tool.definitions': json(800),
    'app.text': 'y'.repeat(500),
  };
  expect(boundedAttributes(attributes, 2_000)).toEqual({
    'gen_ai.tool.definitions': json(800),
    'app.text': 'y'.repeat(500),
    [SHORTENED]: [MESSAGES],
  });
});

test('content is cut before metadata, and no metadata has more than half', () => {
  const metadata = {
    'chatdebug.error.kind': 'generic',
    'error.type': 'x'.repeat(100),
    'chatdebug.run.id': 'r'.repeat(300),
    'http.response.status_code': 500,
  };
  const content = { [CONTENT]: 'b'.repeat(5_000), 'http.request.header.x': ['y'.repeat(5_000)] };
  expect(boundedAttributes({ ...content, ...metadata }, 1_500)).toMatchObject(metadata);
  const long = { ...content, ...metadata, 'gen_ai.conversation.id': 'c'.repeat(100_000) };
  const bounded = boundedAttributes(long, 3_000);
  expect(bounded).toMatchObject(metadata);
  expect(String(bounded['gen_ai.conversation.id'])).toMatch(/^c{500,1500}\[TRUNCATED\]$/);
  expect(bounded[SHORTENED]).toEqual(['gen_ai.conversation.id', CONTENT, 'http.request.header.x']);
});

const text = fc.string({ unit: 'grapheme', maxLength: 3_000 });
const long = fc.tuple(text, fc.integer({ min: 1, max: 300 })).map(([one, times]) => one.repeat(times));
const value = fc.oneof(text, long, fc.integer(), fc.boolean(), fc.array(text), fc.array(fc.integer()));
const name = fc.oneof(
  fc.constantFrom(CONTENT, 'chatdebug.run.id', 'error.type', 'exception.stacktrace', 'http.request.header.a'),
  fc.string({ maxLength: 400 }),
);
const json = fc.array(text, { maxLength: 20 }).map((list) => JSON.stringify(list));
const anyAttributes: fc.Arbitrary<Attributes> = fc
  .tuple(fc.dictionary(name, value, { maxKeys: 60 }), fc.option(json, { nil: '[]' }))
  .map(([attributes, messages]) => ({ ...attributes, [MESSAGES]: messages }));

test('never exceeds the bound, is valid UTF-8 and JSON, and names everything that changed', () => {
  fc.assert(
    fc.property(anyAttributes, fc.integer({ min: 1_024, max: 40_000 }), (attributes, maxBytes) => {
      const bounded = boundedAttributes(attributes, maxBytes);
      expect(attributesBytes(bounded)).toBeLessThanOrEqual(maxBytes);
      expect(JSON.parse(String(bounded[MESSAGES] ?? '[]'))).toBeInstanceOf(Array);
      if (bounded === attributes) return;
      const named = new Set([bounded[SHORTENED]].flat());
      for (const [key, before] of Object.entries(attributes)) {
        const after = bounded[key];
        if (after !== before && Buffer.byteLength(key) < 20) expect(named).toContain(key);
        for (const one of [after].flat())
          if (typeof one === 'string') expect(Buffer.from(one).toString()).toBe(one);
      }
    }),
    { numRuns: 300 },
  );
});
