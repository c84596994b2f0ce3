import { bodyRedactor } from '../../src/redact/body';
import fc, { CODE_POINT, runs } from '../support/property.js';

const redact = bodyRedactor({ keys: ['ssn'] });
const stream = (text: string) => redact({ text, contentType: 'text/event-stream', truncated: false });

const event = (value: object) => `event: delta\ndata: ${JSON.stringify(value)}\n\n`;
const delta = (text: string, index = 0) =>
  event({ type: 'delta', index, delta: { text, size: text.length } });

const KEY = 'sk-proj-abcdefghijklmnopqrstuvwxyz012345';

test('a secret in an event that repeats a harmless one', () => {
  const texts = [
    'The',
    ' key',
    ` ${KEY}`,
    ' is',
    ' password=hunter2',
    'https://me:secret@example.com/',
    ' it',
  ];
  const redacted = stream(texts.map((text) => delta(text)).join(''));
  expect(redacted).not.toMatch(/sk-proj|hunter2|me:secret/);
  expect(redacted.match(/\[REDACTED\]/g)).toHaveLength(3);
});

test('JSON, data and escapes in a string that was harmless before', () => {
  const hidden = [
    '{"password":"hunter2"}',
    ' \n{"ssn":"hunter2"}',
    'sk-\\u0070roj',
    `data:image/png;base64,${'iVBORw0KGgo'.repeat(200)}`,
  ];
  const redacted = stream(
    delta('one') + delta('two') + hidden.map((text) => delta(text)).join('') + delta('three'),
  );
  expect(redacted).not.toMatch(/hunter2|iVBOR/);
  const escaped = `data: {"a":"one"}\n\ndata: {"a":"two"}\n\ndata: {"a":"\\u0073k-proj-abcdefghijklmnop0123"}\n\n`;
  expect(stream(escaped)).not.toContain('abcdefghijklmnop');
});

const word = fc.oneof(
  fc.string({ unit: CODE_POINT, maxLength: 12 }),
  fc.constantFrom(
    KEY,
    ' Bearer abcdef0123456789',
    'pwd=hunter2',
    '{"ssn":1}',
    '[',
    ' "',
    'ABCD'.repeat(300),
    '\n{',
    '://a:b@c',
  ),
);
const name = fc.constantFrom('text', 'data', 'token', 'ssn', 'api_key', 'logprob', 'note');

/** Similar events, and some others. */
const events = fc
  .array(fc.tuple(name, word, fc.nat(20), fc.boolean()), { minLength: 1, maxLength: 12 })
  .map((list) =>
    list.map(([key, text, index, isOther]) => (isOther ? event({ [key]: text, index }) : delta(text, index))),
  );

test('an event is redacted the same, regardless of earlier events', () => {
  fc.assert(
    fc.property(events, (list) => {
      expect(stream(list.join(''))).toBe(list.map(stream).join(''));
    }),
    { numRuns: runs(20_000, 500) },
  );
});
