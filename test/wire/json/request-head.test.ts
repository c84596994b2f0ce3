import { HEAD_BYTES, modelIn } from '../../../src/wire/request-body.js';
import fc, { runs } from '../../support/property.js';

const read = (text: string) => modelIn(Buffer.from(text));

test.each([
  ['{"model":"gpt-5","messages":[]}', 'gpt-5'],
  ['\n{ "stream" : true ,\r\n\t"model" :\t"gpt-5" }', 'gpt-5'],
  ['{"messages":[{"content":"hi"}],"model":"m"}', 'm'],
  ['{"n":1.5e3,"a":null,"b":[],"c":{},"model":"m"}', 'm'],
  ['{"metadata":{"model":"inner"},"model":"outer"}', 'outer'],
  ['{"input":[{"model":"inner"}],"model":"outer"}', 'outer'],
  ['{"user":"model","model":"m"}', 'm'],
  ['{"user":"\\"model\\":\\"no\\"","model":"m"}', 'm'],
  ['{"user":"{[\\\\","model":"m"}', 'm'],
  ['{"\\"model":"no","model":"m"}', 'm'],
  ['{"model ":"no","models":"no","mode":"no","model":"m"}', 'm'],
  ['{"model":"a\\"b\\\\\\u00e9"}', 'a"b\\é'],
  ['{"model":"modèle-模型"}', 'modèle-模型'],
  ['{"model":""}', ''],
  ['{"model":"m"', 'm'],
])('%s has %s', (text, model) => {
  expect(read(text)).toBe(model);
});

test.each([
  '',
  ' ',
  '{',
  '{}',
  '"model"',
  '["model","m"]',
  '[{"model":"m"}]',
  '{"metadata":{"model":"m"}}',
  '{"a":["model",{"model":"m"}]}',
  '{"user":"\\"model\\":\\"m\\""}',
  '{"a":1}{"model":"m"}',
  '{"a":"model"}',
  '{"model"',
  '{"model":',
  '{"model":"m',
  '{"model":"m\\"',
  '{"model":"\\',
  '{"model":"\\x"}',
  '{"model":null}',
  '{"model":5}',
  '{"model":{"model":"m"}}',
  '--boundary\r\nContent-Disposition: form-data; name="model"',
])('%s has none', (text) => {
  expect(read(text)).toBeUndefined();
});

test('reads no further than its limit', () => {
  const filler = (length: number) => `{"a":"${'x'.repeat(length)}","model":"m"}`;
  const longest = HEAD_BYTES - filler(0).length + 1;
  expect(read(filler(longest))).toBe('m');
  expect(read(filler(longest + 1))).toBeUndefined();
});

test('agrees with JSON.parse on every object, and returns the same or nothing for its prefixes', () => {
  const key = fc.oneof(fc.constantFrom('model', 'a', '"model"', 'model\\'), fc.string());
  const value = fc.oneof(fc.string(), fc.constant('"model":"x"'), fc.jsonValue({ maxDepth: 3 }));
  const object = fc.dictionary(key, fc.oneof(value, fc.dictionary(key, value), fc.array(value)));
  fc.assert(
    fc.property(object, fc.nat(3), fc.nat(HEAD_BYTES), (members, indent, cut) => {
      const bytes = Buffer.from(JSON.stringify(members, null, indent));
      fc.pre(bytes.length <= HEAD_BYTES);
      const model = typeof members['model'] === 'string' ? members['model'] : undefined;
      expect(modelIn(bytes)).toBe(model);
      expect([model, undefined]).toContain(modelIn(bytes.subarray(0, cut)));
    }),
    { numRuns: runs(1_000) },
  );
});

test('accepts any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(['string', 'undefined']).toContain(typeof modelIn(bytes));
    }),
  );
});
