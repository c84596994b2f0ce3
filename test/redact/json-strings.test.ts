import { bodyRedactor } from '../../src/redact/body';
import { redactDataUrls } from '../../src/redact/replacements';
import { redactText } from '../../src/redact/text';
import fc, { runs } from '../support/property.js';
import { IN_PLACE, SECRETS } from './secrets';

const R = '[REDACTED]';
const redactBody = bodyRedactor();
const redact = (text: string) => redactBody({ text, contentType: 'application/json', truncated: false });

const FRAGMENTS = [
  ...'"\\\n\r\t /@=:?&#;%*-_.,\'`{}[]éx',
  ...['sk-', 'a1b2c3d4e5f6a7b8', 'AIza', 'eyJ', 'Bearer ', 'Basic ', '://', 'me:pw@', '%40', '%3A%2F%2F'],
  ...['password', 'api_key', 'token', 'key', '%3D', '%61pi_key', '****', '…', '...', '%20', '\\n', '\\u0026'],
  ...['-----BEGIN PRIVATE KEY-----', '-----END PRIVATE KEY-----', 'data:image/png;base64,', 'AAAA', '世'],
  'the words between them',
];
const text = fc
  .array(
    fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...FRAGMENTS) },
      fc.oneof(...Object.values(SECRETS)),
      fc.oneof(...Object.values(IN_PLACE)).map(([planted]) => planted),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(''))
  // Text that begins as JSON is redacted as JSON.
  .filter((joined) => !/^\s*[{["]/.test(joined) && joined.length < 1_000);

/** Writes a string with every n-th character escaped, for 0 like `JSON.stringify`. */
function quoted(string: string, every: number): string {
  let index = 0;
  const escaped = (character: string) => {
    index += 1;
    if (every === 0 || character.length > 1 || index % every > 0) return character;
    return character === '/' ? '\\/' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  };
  return `"${JSON.stringify(string)
    .slice(1, -1)
    .replace(/\\.|[^\\]/gu, escaped)}"`;
}

test('a JSON string is redacted like a text, regardless of escapes and depth', () => {
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), fc.array(fc.nat(7)), (texts, escapes) => {
      const every = (index: number) => escapes[index % escapes.length] ?? 0;
      const strings = texts.map((one, index) => quoted(one, every(index)));
      let json = `{"a":[${strings.join(', ')}]}`;
      for (let level = 0; level < escapes.length % 3; level++) json = `{"a":${quoted(json, every(level))}}`;
      let value: unknown = JSON.parse(redact(json));
      for (let level = 0; level < escapes.length % 3; level++) value = JSON.parse(Object(value).a);
      expect(value).toEqual({ a: texts.map((one) => redactText(redactDataUrls(one))) });
    }),
    { numRuns: runs(2_000) },
  );
});

test('anywhere in a long body', () => {
  const key = 'sk-abcdefghijklmnopqrstuvwxyz0123456789';
  for (let before = 8_100; before < 8_220; before++) {
    for (const words of ['word ', 'word","']) {
      const body = (secret: string) =>
        `["${words.repeat(before / words.length)}${'.'.repeat(before % words.length)} ${secret}","${words.repeat(2_000)}","${secret}"]`;
      expect(redact(body(key))).toBe(body(R));
    }
  }
});

test('a private key inside a secret', () => {
  const pem = '-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----';
  expect(redact(JSON.stringify([`x://${pem}:pw@host`]))).toBe(`["x://${R}@host"]`);
});

test('a file beside a secret, and one of an invalid type', () => {
  const data = Buffer.alloc(9_000, 'data!').toString('base64');
  const body = (file: string, password: string) => JSON.stringify([file, `password=${password}`]);
  expect(redact(body(`data:image/png;base64,${data}`, 'x'))).toBe(body('[image/png, 9000 bytes]', R));
  expect(redact(body(`data:a/sk-abcdefghijkl0123456789;base64,${data}`, 'x'))).toBe(
    body(`[a/${R}, 9000 bytes]`, R),
  );
});

test('a value named by a replacement before it is redacted in JSON too', () => {
  const jwt = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJBQUFBQUFBQUEi.${'A'.repeat(43)}`;
  const text = `api_keyBearer%20${jwt}=hidden-value`;
  expect(redactText(text)).toBe(`api_keyBearer%20${R}=${R}`);
  expect(JSON.parse(redact(JSON.stringify({ a: [text, 'more'] })))).toEqual({
    a: [`api_keyBearer%20${R}=${R}`, 'more'],
  });
});
