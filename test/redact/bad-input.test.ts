import { bodyRedactor } from '../../src/redact/body';
import { runs } from '../support/property.js';

const R = '[REDACTED]';
const redact = bodyRedactor();
const json = (text: string, truncated = false) =>
  redact({ text, contentType: 'application/json', truncated });

const KINDS = [
  'application/json',
  'application/x-ndjson',
  'text/event-stream',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=b',
  'text/plain',
  undefined,
];

const UNITS = [
  ...'[{}]",:\\\0\n\r=&%; a1-é\ud83d\udc00',
  '{"a":',
  '[[],',
  '"\\"',
  '\\u0041',
  '{"password":',
  '{"password":"x"}\n',
  '["[\\"[',
  '"a":1,',
  '1e',
  'data:',
  'data:\n',
  'data: {"a":\n',
  'event: a\n\n',
  ':\r',
  'a=b&',
  'token=%',
  '%7B%22',
  '--b\r\n\r\n',
  '\n--b\nContent-Disposition: form-data; name="',
  'content-disposition: ;',
  ';base64,',
  'data:a/b;base64,',
  'sk-',
  '://',
  'Bearer ',
];

describe.each(UNITS)('%p, repeated,', (unit) => {
  test.each([false, true])('is read in every kind of body (cut: %p)', (truncated) => {
    const texts = [unit, unit.repeat(3), unit.repeat(20_000 / unit.length)];
    for (const contentType of KINDS) {
      for (const text of texts) expect(typeof redact({ text, contentType, truncated })).toBe('string');
    }
  });
});

test('time grows linearly with the length', () => {
  // With quadratic time, a hundred times the length would take hours.
  const length = runs(200_000, 40_000);
  for (const unit of UNITS) {
    for (const contentType of KINDS)
      redact({ text: unit.repeat(length / unit.length), contentType, truncated: true });
  }
}, 300_000);

test('nesting of 100,000 and more', () => {
  const depth = 100_000;
  const nested = (inner: string) => `${'{"a":['.repeat(depth)}${inner}${']}'.repeat(depth)}`;
  expect(json(nested('{"token":"x"}'))).toBe(nested(`{"token":"${R}"}`));
  expect(json(nested('1'))).toBe(nested('1'));
  expect(json('['.repeat(depth))).toBe(R);
  expect(json('['.repeat(depth), true)).toBe('['.repeat(depth));
  expect(json(`{"token":${nested('1')}}`)).toBe(`{"token":"${R}"}`);
});

test('a body of 50 MB', () => {
  const prose = 'The quick brown fox, and \\"so\\" on.\\n'.repeat(1_000);
  const body = (token: string) => `{"a":["${Array(1_400).fill(prose).join('","')}"],"token":"${token}"}`;
  expect(body('x').length).toBeGreaterThan(50_000_000);
  expect(json(body('x')) === body(R)).toBe(true);
});

test('very many keys, and a key of a megabyte', () => {
  const count = runs(1_000_000, 100_000);
  const members = (token: string) => {
    const all = Array.from({ length: count }, (_, index) => `"key ${index}":${index}`);
    return `{${all.join(',')},"${'k'.repeat(1_000_000)}_token":1,"${'k'.repeat(1_000_000)}_secret":"${token}"}`;
  };
  expect(json(members('x')) === members(R)).toBe(true);
});

test('very many secrets', () => {
  const count = runs(1_000_000, 200_000);
  const members = (token: string) => `[${Array(count).fill(`{"token":"${token}"}`).join(',')}]`;
  expect(json(members('x')) === members(R)).toBe(true);
});

test.each([
  ['NUL', '{"a":"\0","token":"x"}', `{"a":"\0","token":"${R}"}`],
  ['a line break in a string', '{"a":"\n\\n","token":"x"}', `{"a":"\n\\n","token":"${R}"}`],
  ['invalid UTF-8', '{"a\ufffd":"\ufffd","token\ufffd":"x"}', `{"a\ufffd":"\ufffd","token\ufffd":"${R}"}`],
  [
    'half a character',
    '{"\ud83d":"\udc00\\ud83d","token":"\ud83d"}',
    `{"\ud83d":"\udc00\\ud83d","token":"${R}"}`,
  ],
])('%s in a string', (_name, text, redacted) => {
  expect(json(text)).toBe(redacted);
});
