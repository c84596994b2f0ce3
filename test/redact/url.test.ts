import { headerRedactor, urlRedactor } from '../../src/redact/url';
import fc, { CODE_POINT, runs } from '../support/property.js';
import { IN_PLACE, SECRETS } from './secrets';

const R = '[REDACTED]';
const redactUrl = urlRedactor();
const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

test.each([
  ['https://me:pw@host.example:8443/a', 'https://host.example:8443/a'],
  ['https://me@host.example/a', 'https://host.example/a'],
  ['https://me:p a/s?s#w@rd@host.example/a', 'https://host.example/a'],
  ['postgres://me:pw@db/app', 'postgres://db/app'],
  [
    'https://host.example/v1beta/models/gemini-2.0-flash:streamGenerateContent?alt=sse&key=AIzaSyD-1234',
    `https://host.example/v1beta/models/gemini-2.0-flash:streamGenerateContent?alt=sse&key=${R}`,
  ],
  ['/v1/models?key=plain', `/v1/models?key=${R}`],
  ['/v1?k%65y=plain&x=%20y', `/v1?k%65y=${R}&x=%20y`],
  ['/v1?apiKey=a&API-KEY=b&access_token=c&x=d', `/v1?apiKey=${R}&API-KEY=${R}&access_token=${R}&x=d`],
  ['/v1?key=a%26b+c;d&x=1', `/v1?key=${R}&x=1`],
  ['/v1?key=&x=1', '/v1?key=&x=1'],
  ['/v1?token[]=a&auth[password]=b', `/v1?token[]=${R}&auth[password]=${R}`],
  ['/cb#access_token=a&state=b', `/cb#access_token=${R}&state=b`],
  ['/go?to=https%3A%2F%2Fh%2F%3Fsig%3Da%26x%3Db&y=c', `/go?to=https%3A%2F%2Fh%2F%3Fsig%3D${R}%26x%3Db&y=c`],
  ['/go?db=x%3A%2F%2Fme%3Apw%40db%2Fa&y=%20', `/go?db=x%3A%2F%2F${R}%40db%2Fa&y=%20`],
  ['/go/x%3A%2F%2Fme%3Apw%40db%2Fa/y', `/go/x%3A%2F%2F${R}%40db%2Fa/y`],
  ['/go?note=my%20password%3Dhunter2%2C%20yes', `/go?note=my%20password%3D${R}%20yes`],
  ['/bot/sk-proj-abcdefghijklmnopqrstuvwxyz/send', `/bot/${R}/send`],
  [
    'https://s3/b?X-Amz-Algorithm=AWS4&X-Amz-Credential=AKIA%2F2024&X-Amz-Security-Token=a&X-Amz-Signature=b',
    `https://s3/b?X-Amz-Algorithm=AWS4&X-Amz-Credential=${R}&X-Amz-Security-Token=${R}&X-Amz-Signature=${R}`,
  ],
  ['https://blob/b?sv=2024&se=2025&sig=a%3D', `https://blob/b?sv=2024&se=2025&sig=${R}`],
  ['/prod/db/password=a', `/prod/db/password=${R}`],
  ['/secret/db=a', `/secret/db=${R}`],
])('%s', (url, redacted) => {
  expect(redactUrl(url)).toBe(redacted);
});

test.each([
  '',
  '*',
  '/',
  '/v1//chat/completions',
  '/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21',
  '/v1/files?limit=10&page_token=abc&max_tokens=5',
  'http://localhost:3000/@vite/client',
  'http://[::1]:8080/a?b=c@d',
  'https://host.example/a%2Fb?c=%zz&&=&d',
  // Letters of several segments are no name: h-t-t-P-W-D.
  'http://w.dev/a=b',
  '/app/wd/a=b',
  '/api/keyboards=b',
])('has none: %s', (url) => {
  expect(redactUrl(url)).toBe(url);
});

test.each([
  'http://[bad?key=a',
  'https:me:pw@host/a',
  'https:\\\\me:pw@host/a',
  '//me:pw@host/a',
  'http://host:99999/',
])('an invalid URL, or one that parsers read differently, is replaced as a whole: %s', (url) => {
  expect(redactUrl(url)).toBe(R);
});

test('a tab or a line break, which parsers ignore, hides no name', () => {
  expect(redactUrl('/v1?ke\ty=a\nb&x=1')).toBe(`/v1?key=${R}&x=1`);
});

test("the user's own names, in any spelling", () => {
  const redact = urlRedactor({ query: ['Tenant-Id', 'limit'] });
  expect(redact('/v1?tenant_id=a&tenantId=b&limit=c&key=d&x=e')).toBe(
    `/v1?tenant_id=${R}&tenantId=${R}&limit=${R}&key=${R}&x=e`,
  );
});

/** Texts in a URL, like those of `fc.webUrl()` and `fc.webQueryParameters()`, which first list all of Unicode. */
const urlText = (others: string) =>
  fc.string({
    unit: fc.oneof(
      { weight: 10, arbitrary: fc.constantFrom(...LETTERS_AND_DIGITS, ...others) },
      { weight: 1, arbitrary: CODE_POINT.map(encodeURIComponent) },
    ),
  });

test('a URL without secrets stays byte for byte', () => {
  const name = fc.constantFrom('alt', 'model', 'limit', 'order', 'api-version', 'q%20r', 'max_tokens', '');
  const value = urlText("-._~!$&'()*+,;=:@/?").map((text) =>
    text.replace(/[=?;&%]/g, '+').replace(/\/{2,}/g, '/'),
  );
  const query = fc.array(fc.tuple(name, value).map((pair) => pair.join('=')));
  const scheme = fc.constantFrom('http', 'https');
  // A random name before "=" may be a secret one, `pwd` is one in any name, `sk-` begins a key, and `://` a URL with
  // user info.
  const isHarmless = (text: string) =>
    text !== '' && !/p[^a-z]*w[^a-z]*d|[a-z]k[-_]/i.test(decodeURIComponent(text));
  const segment = fc.oneof(urlText("-._~!$&'()*+,;:@"), fc.constantFrom('a=b', '=', 'x;v=1', '1;size=a,b'));
  const path = fc.array(segment.filter(isHarmless));
  const authority = fc.webAuthority().filter(isHarmless);
  fc.assert(
    fc.property(scheme, authority, path, query, (protocol, host, segments, pairs) => {
      const whole = `${[`${protocol}://${host}`, ...segments].join('/')}?${pairs.join('&')}`;
      expect(redactUrl(whole)).toBe(whole);
    }),
  );
});

test('a secret in a path, a value or a fragment is removed', () => {
  const secret = fc.oneof(
    ...Object.entries(SECRETS).flatMap(([name, one]) => (name === 'private key' ? [] : [one])),
  );
  const place = fc.constantFrom(
    '/v1/',
    '/v1?x=',
    '/v1?a=b&x=',
    'https://host.example/',
    'https://host.example/#',
  );
  fc.assert(
    fc.property(place, secret, fc.constantFrom('', '/x', '&x=y', '#x'), (before, planted, behind) => {
      expect(redactUrl(before + planted + behind)).not.toContain(planted);
    }),
    { numRuns: runs(1_000) },
  );
});

test.each(['user info', 'query', 'a URL in a URL'])(
  '%s is removed, and redacting again changes nothing',
  (name) => {
    fc.assert(
      fc.property(IN_PLACE[name] ?? fc.constant(['', 'x'] as const), ([url, secret]) => {
        const redacted = redactUrl(url);
        expect(redacted).not.toContain(secret);
        expect(redactUrl(redacted)).toBe(redacted);
      }),
      { numRuns: runs(1_000) },
    );
  },
);

test('any input is accepted', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom('://', '@', ':', '/', '?key=', '%', '&', 'https:', '[', '\\'),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      expect(typeof redactUrl(pieces.join(''))).toBe('string');
    }),
  );
});

describe('headers:', () => {
  const redactHeader = headerRedactor();

  test.each([
    'authorization',
    'proxy-authorization',
    'x-forwarded-authorization',
    'x-api-key',
    'api-key',
    'x-goog-api-key',
    'x_apikey',
    'my-api_key',
    'cookie',
    'set-cookie',
    'x-amz-security-token',
    'x-auth-token',
    'cf-access-client-secret',
    'x-bearer',
    'ocp-apim-subscription-key',
    'x-functions-key',
  ])('%s is secret', (name) => {
    expect(redactHeader(name, 'plain')).toBe(R);
  });

  test.each([
    ['x-ratelimit-limit-tokens', '150000'],
    ['x-ratelimit-reset-tokens', '6m0s'],
    ['anthropic-ratelimit-input-tokens-remaining', '2000'],
    ['x-amzn-bedrock-input-token-count', '12'],
    ['retry-after', '20'],
    ['x-request-id', 'req_011CSHoEeqs5C35K2UUqR7Fy'],
    ['cf-ray', '8b1c6e0e0f0a1234-FRA'],
    ['openai-organization', 'org-abc'],
    ['openai-processing-ms', '512'],
    ['idempotency-key', 'stainless-node-retry-6f1a0b0e'],
    ['content-type', 'text/event-stream; charset=utf-8'],
    ['user-agent', 'OpenAI/JS 6.49.0'],
    ['traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
    ['strict-transport-security', 'max-age=31536000; includeSubDomains; preload'],
  ])('%s: %s stays', (name, value) => {
    expect(redactHeader(name, value)).toBe(value);
  });

  test.each([
    ['location', 'https://me:pw@h/cb?code=a b"c&x=1', `https://h/cb?code=${R}&x=1`],
    ['location', '/cb?state=s&access_token=a', `/cb?state=s&access_token=${R}`],
    ['referer', 'https://h/?key=a', `https://h/?key=${R}`],
    ['link', '<https://me:pw@h/?key=a>; rel="next"', `<https://${R}@h/?key=${R}>; rel="next"`],
    ['x-debug', 'used key sk-abcdefghijklmnopqrstuvwx', `used key ${R}`],
    ['www-authenticate', 'Bearer realm="api"', 'Bearer realm="api"'],
  ])('%s: %s', (name, value, redacted) => {
    expect(redactHeader(name, value)).toBe(redacted);
  });

  test("the user's own names, in any case, including safe ones", () => {
    const redact = headerRedactor({ headers: ['X-Tenant', ' x-ratelimit-limit-tokens '] });
    expect(redact('x-tenant', 'a')).toBe(R);
    expect(redact('x-ratelimit-limit-tokens', '1')).toBe(R);
    expect(redact('x-tenants', 'a')).toBe('a');
  });

  test('no known shape is left in any header', () => {
    const name = fc.constantFrom('x-whatever', 'location', 'referer', 'link', 'x-ratelimit-limit-tokens');
    fc.assert(
      fc.property(name, fc.oneof(...Object.values(SECRETS)), (header, secret) => {
        expect(redactHeader(header, secret)).not.toContain(secret);
      }),
      { numRuns: runs(1_000) },
    );
  });
});
