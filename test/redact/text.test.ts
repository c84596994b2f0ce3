import fc from 'fast-check';
import { redactText } from '../../src/redact/text';
import { IN_PLACE, SECRETS } from './secrets';

const R = '[REDACTED]';

test.each([
  ['Incorrect API key provided: sk-abc***xyz. You can', `Incorrect API key provided: ${R}. You can`],
  ['Incorrect API key provided: sk-proj-****************wxyz.', `Incorrect API key provided: ${R}.`],
  ['Incorrect API key provided: sk-1...wxyz', `Incorrect API key provided: ${R}`],
  ['Incorrect API key provided: my-wrong*****1234.', `Incorrect API key provided: ${R}.`],
  ['"Authorization":"Bearer abc123"', `"Authorization":"Bearer ${R}"`],
  ['authorization: basic dXNlcjpwYXNz', `authorization: basic ${R}`],
  ['connect postgres://me:pw@db:5432/app failed', `connect postgres://${R}@db:5432/app failed`],
  ['redis://:pa/ss#w@rd@cache:6379', `redis://${R}@cache:6379`],
  ['git clone https://me@host/x', `git clone https://${R}@host/x`],
  ['GET https://h/x?alt=sse&key=plain failed', `GET https://h/x?alt=sse&key=${R} failed`],
  ['"https://h/?a=1\\u0026key=plain\\n"', `"https://h/?a=1\\u0026key=${R}\\n"`],
  ['<a href="/x?a=1&amp;key=plain">', `<a href="/x?a=1&amp;key=${R}">`],
  ['https://s3/x?X-Amz-Date=1&X-Amz-Signature=a', `https://s3/x?X-Amz-Date=1&X-Amz-Signature=${R}`],
  ['host=db password=hunter2 dbname=x', `host=db password=${R} dbname=x`],
  ['-----BEGIN PRIVATE KEY-----\nMII cut', R],
  ['(AKIAIOSFODNN7EXAMPLE)', `(${R})`],
])('%s', (text, redacted) => {
  expect(redactText(text)).toBe(redacted);
});

const HARMLESS = [
  'a task-force, risk-based; disk-usage-2024-report-final, sk-SK, sk-learn',
  'req_011CSHoEeqs5C35K2UUqR7Fy chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b4',
  'call_DdmO9pD3xa9XTPNJ32zg2hcA toolu_01D7FLrfh4GYq7yT1ULFeyMV msg_01XFDUDYJgAACzvnptvVoYEL',
  '550e8400-e29b-41d4-a716-446655440000 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  'gpt-4o-2024-08-06 claude-sonnet-4-20250514 models/gemini-2.0-flash-exp anthropic.claude-3-5-sonnet-20240620-v1:0',
  'Bearer authentication required. Bearer token is missing; use Bearer credentials',
  'WWW-Authenticate: Bearer realm="api", error="invalid_token", error_description="expired"',
  'Basic information, basic Authentication failed, BASIC AUTHENTICATION, Basic: yes',
  'connect ECONNREFUSED 127.0.0.1:11434 code=ECONNREFUSED errno=-111 key=3 port=11434',
  'fetch http://localhost:3000/@vite/client, https://packages.example.org/@scope/name',
  'https://h/v1?api-version=2024-10-21&max_tokens=5&pageToken=abc&model=x',
  '{"usage":{"total_tokens":12,"prompt_tokens":3}}, max_tokens=4096',
  'data: {"id":"chatcmpl-123","choices":[{"delta":{"content":"***bold***"}}]}',
  'eyJpZCI6MTIzNDU2Nzg5MH0 is base64 of JSON',
];
test.each(HARMLESS)('no secret: %s', (text) => {
  expect(redactText(text)).toBe(text);
});

const before = fc.constantFrom(
  '',
  ' ',
  'key: ',
  '"',
  "'",
  '=',
  '(',
  '\n',
  '%20',
  '\\n',
  '\\u0022',
  '/',
  ',',
  '…',
);
const behind = fc.constantFrom('', ' ', '"', "'", ')', '\n', '. ', ', ', '\\n', '%22', '<');

describe('a random secret does not survive:', () => {
  test.each(Object.entries(SECRETS))('%s', (_shape, secrets) => {
    fc.assert(
      fc.property(before, secrets, behind, (left, secret, right) => {
        const redacted = redactText(`Failed ${left}${secret}${right}again`);
        expect(redacted).not.toContain(secret);
        expect(redacted).toContain(R);
        expect(redacted.startsWith('Failed ')).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test.each(Object.entries(IN_PLACE))('%s', (_shape, places) => {
    fc.assert(
      fc.property(places, behind, ([planted, secret], right) => {
        const redacted = redactText(`Failed ${planted}${right} again`);
        expect(redacted).not.toContain(secret);
        expect(redacted).toContain(R);
      }),
      { numRuns: 300 },
    );
  });
});

test('redacting twice is redacting once, whatever stands next to what', () => {
  const fragment = fc.oneof(
    fc.constantFrom(...HARMLESS),
    fc.constantFrom(
      ...'-_.*%&?#=@:/; "\\\n',
      '://',
      '***',
      '%3D',
      '%3f',
      'sk-',
      'eyJ',
      'Bearer ',
      'Basic ',
      'key=',
    ),
    fc.oneof(...Object.values(SECRETS)),
    fc.oneof(...Object.values(IN_PLACE)).map(([planted]) => planted),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(fragment, { maxLength: 8 }), (fragments) => {
      const once = redactText(fragments.join(''));
      expect(redactText(once)).toBe(once);
    }),
    { numRuns: 3_000 },
  );
});

test('words without a secret stay as they are', () => {
  const word = fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzäß世🙂,.!') });
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const text = words.join(' ');
      expect(redactText(text)).toBe(text);
    }),
  );
});

const ATTACKS = [
  'a',
  '-',
  'sk-',
  'eyJ',
  'eyJ-',
  'Bearer ',
  'Bearer auth',
  'bearer+',
  'Basic ',
  'Basic aaaaa',
  '://',
  '://a:',
  '://a:b',
  '@',
  'a@',
  '?',
  '?a',
  '%3f',
  '%3fa',
  '?a=',
  '&key=',
  ' password=',
  '*',
  'a*',
  '-----BEGIN ',
  'AKIA',
  'xoxb-',
  '\\u0022',
  '-----BEGIN A PRIVATE KEY-----',
  'github_pat_',
  'IQoJb3JpZ2lu',
  'ABSK',
  '[REDACTED]',
  '=',
  '%3D',
  '%',
  '\n',
  'A',
  '1',
];

test.each(ATTACKS)('linear in the length: %p', (unit) => {
  const time = (length: number) => {
    // With an end that no cheap look beforehand stops at.
    const text = `${unit.repeat(length / unit.length)} @=**** bearer`;
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 5; round++) {
      const started = performance.now();
      redactText(text);
      best = Math.min(best, performance.now() - started);
    }
    return best;
  };
  // Sixteen times the length: linear is a ratio of 16, quadratic one of 256.
  expect(time(160_000) / Math.max(time(10_000), 0.05)).toBeLessThan(64);
});
