import { headerRedactor } from '../../src/redact/headers';
import fc, { runs } from '../support/property.js';
import { SECRETS } from './secrets';

const R = '[REDACTED]';
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

test("the user's own names, in any case, safe ones included", () => {
  const redact = headerRedactor({ headers: ['X-Tenant', ' x-ratelimit-limit-tokens '] });
  expect(redact('x-tenant', 'a')).toBe(R);
  expect(redact('x-ratelimit-limit-tokens', '1')).toBe(R);
  expect(redact('x-tenants', 'a')).toBe('a');
});

test('a known shape does not survive in any header', () => {
  const name = fc.constantFrom('x-whatever', 'location', 'referer', 'link', 'x-ratelimit-limit-tokens');
  fc.assert(
    fc.property(name, fc.oneof(...Object.values(SECRETS)), (header, secret) => {
      expect(redactHeader(header, secret)).not.toContain(secret);
    }),
    { numRuns: runs(1_000) },
  );
});
