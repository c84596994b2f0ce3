import { classifyError } from '../../src/error/index.js';
import fc, { runs } from '../support/property.js';

const SECRETS = [
  'sk-proj-0123456789abcdef0123456789',
  'sk-ant-api03-0123456789abcdef0123456789',
  'AIzaSy0123456789abcdef0123456789abcdefg',
  'AKIA0123456789ABCDEF',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJlMDEyMzQ1Njc4OQ',
] as const;

const FORMS: readonly ((secret: string) => unknown)[] = [
  (secret) => secret,
  (secret) => new Error(`bad key ${secret} here`),
  (secret) => new Error('x', { cause: new Error(`Bearer ${secret}`) }),
  (secret) => ({
    status: 500,
    body: JSON.stringify({ error: { message: `key=${secret}`, code: secret, type: secret } }),
  }),
  (secret) => ({ status: 500, body: `{"error": {"message": "broken ${secret}` }),
  (secret) => ({ status: 500, body: `<title>${secret}</title>` }),
  (secret) => ({ status: 401, body: { error: { message: `Incorrect key ${secret}`, code: secret } } }),
  (secret) => ({ name: secret, code: secret, type: secret, message: secret, requestID: secret }),
  (secret) => Object.assign(new Error('x'), { name: `E${secret}`, headers: { 'x-request-id': secret } }),
  (secret) =>
    new Error(`POST https://user:${secret}@example.com/v1?api_key=${secret}: 400 {"api_key":"${secret}"`),
  (secret) => new Error(`${'word '.repeat(13_105)}${secret}`),
  (secret) => new Error(`${'a'.repeat(480)} ${secret}`),
];

test.each(SECRETS)('%s is removed', (secret) => {
  for (const form of FORMS) {
    for (const error of [form(secret), form(secret.toUpperCase().startsWith('SK') ? `${secret}x` : secret)]) {
      const shown = JSON.stringify(classifyError(error, { provider: secret }));
      expect(shown).not.toContain(secret.slice(0, 16));
    }
  }
});

test('no part of it is left at the cut of a text', () => {
  fc.assert(
    fc.property(fc.integer({ min: 65_480, max: 65_560 }), fc.constantFrom(...SECRETS), (length, secret) => {
      const text = `${'x'.repeat(20)} ${' '.repeat(length - 21)}${secret}`;
      expect(classifyError(new Error(text)).detail).not.toMatch(/sk|AI|AK|ey/);
    }),
  );
});

test('user info and keys of unknown shape are removed if the text names them', () => {
  const { detail } = classifyError(new Error('GET https://me:hunter2@example.com/?api_key=0a1b2c failed'));
  expect(detail).toBe('GET https://[REDACTED]@example.com/?api_key=[REDACTED] failed');
});

test("for auth no text is recorded, regardless of the key's shape", () => {
  const key = '8f3b0c1d2e';
  const body = JSON.stringify({ error: { message: `Wrong key ${key}.`, type: 'authentication_error' } });
  for (const error of [
    new Error(`401 unauthorized: ${key}`),
    { status: 401, body },
    { status: 403, body: `no: ${key}` },
  ]) {
    const classification = classifyError(error);
    expect(classification.kind).toBe('auth');
    expect(JSON.stringify(classification)).not.toContain(key);
  }
});

const IN_A_TEXT: readonly ((url: string) => unknown)[] = [
  (url) => `GET ${url} failed`,
  (url) => new Error(`POST "${url}": 400 Bad Request`),
  (url) => new Error('fetch failed', { cause: new Error(`no answer from <${url}>, (${url})`) }),
  (url) => ({ status: 404, body: `No route for ${url}.` }),
  (url) => ({ status: 404, body: JSON.stringify({ error: { message: `Unknown path ${url}` } }) }),
  (url) => new Error(`no route for https://example.com/go?next=${encodeURIComponent(url)}`),
  (url) => new Error(`no route for ${encodeURIComponent(url)}`),
];

test('no value of a query is recorded', () => {
  const pairs = fc.array(fc.tuple(fc.stringMatching(/^[a-z_]{1,9}$/), fc.stringMatching(/^[a-z]{0,5}$/)), {
    minLength: 1,
    maxLength: 4,
  });
  const origin = fc.constantFrom('https://gw.example.com', 'http://localhost:8080', '');
  const end = fc.constantFrom('', '#part', '&');
  fc.assert(
    fc.property(origin, pairs, end, fc.constantFrom(...IN_A_TEXT), (host, query, rest, form) => {
      const url = `${host}/v1/chat?${query.map(([name, value]) => `${name}=Secret${value}`).join('&')}${rest}`;
      expect(classifyError(form(url)).detail).not.toContain('Secret');
    }),
    { numRuns: runs(2_000) },
  );
});
