import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import { ownRules, redactText } from '../../src/redact/text';
import fc, { runs } from '../support/property.js';
import { IN_PLACE, SECRETS } from './secrets';

const R = '[REDACTED]';

test.each([
  ['Incorrect API key provided: sk-abc***xyz. You can', `Incorrect API key provided: ${R}. You can`],
  ['Incorrect API key provided: sk-proj-****************wxyz.', `Incorrect API key provided: ${R}.`],
  ['Incorrect API key provided: sk-1...wxyz', `Incorrect API key provided: ${R}`],
  ['Incorrect API key provided: my-wrong*****1234.', `Incorrect API key provided: ${R}.`],
  ['Authorization: Bearer abc123', `Authorization: Bearer ${R}`],
  ['authorization: basic dXNlcjpwYXNz', `authorization: basic ${R}`],
  ['connect postgres://me:pw@db:5432/app failed', `connect postgres://${R}@db:5432/app failed`],
  ['redis://:pa/ss#w@rd@cache:6379', `redis://${R}@cache:6379`],
  ['git clone https://me@host/x', `git clone https://${R}@host/x`],
  ['GET https://h/x?alt=sse&key=plain failed', `GET https://h/x?alt=sse&key=${R} failed`],
  ['"https://h/?a=1\\u0026key=plain\\n"', `"https://h/?a=1\\u0026key=${R}\\n"`],
  ['<a href="/x?a=1&amp;key=plain">', `<a href="/x?a=1&amp;key=${R}">`],
  ['https://s3/x?X-Amz-Date=1&X-Amz-Signature=a', `https://s3/x?X-Amz-Date=1&X-Amz-Signature=${R}`],
  ['host=db password=hunter2 dbname=x', `host=db password=${R} dbname=x`],
  ['Server=db;Password=a,b:c;Database=x;', `Server=db;Password=${R};Database=x;`],
  ['AccountName=me;AccountKey=Zm9v/+==;EndpointSuffix=x', `AccountName=me;AccountKey=${R};EndpointSuffix=x`],
  [
    'mongodb+srv://me:p%40w@db.example/x?retryWrites=true',
    `mongodb+srv://${R}@db.example/x?retryWrites=true`,
  ],
  ['export API_KEY="two words"; echo done', `export API_KEY="${R}"; echo done`],
  ['aws_secret_access_key = wJalrXUtnFEMI/K7MDENG', `aws_secret_access_key = ${R}`],
  ['password: hunter2, user: me', `password: ${R}, user: me`],
  ['body: {"client_secret":"two \\"words\\"","a":1', `body: {"client_secret":"${R}","a":1`],
  ['"{\\"password\\":\\"hunter2\\",\\"a\\":1}"', `"{\\"password\\":\\"${R}\\",\\"a\\":1}"`],
  ['GITHUB_TOKEN=a1b2c3d4 npm test', `GITHUB_TOKEN=${R} npm test`],
  ['-----BEGIN PRIVATE KEY-----\nMII cut', R],
  ['{"pem":"-----BEGIN EC PRIVATE KEY-----\\nMII\\n","a":1}', `{"pem":"${R}","a":1}`],
  ['"-----BEGIN PRIVATE KEY-----\\n" +\n  "MII\\n" + "-----END PRIVATE KEY-----"', `"${R}"`],
  [
    '-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: x (y)\n\nlQ\n-----END PGP PRIVATE KEY BLOCK----- z',
    `${R} z`,
  ],
  ['(AKIAIOSFODNN7EXAMPLE)', `(${R})`],
  [
    'Headers.append: "Bearer a\nb" is an invalid header value.',
    `Headers.append: "${R}" is an invalid header value.`,
  ],
  ['Headers.set: "a"b\nc" is an invalid header value', `Headers.set: "${R}" is an invalid header value`],
  [
    '{"m":"Headers.append: \\"a\\nb\\" is an invalid header value"}',
    `{"m":"Headers.append: \\"${R}\\" is an invalid header value"}`,
  ],
  [
    'Headers.append: "x y" is an invalid header name. Headers.set: "a\nb" is an invalid header value',
    `Headers.append: "x y" is an invalid header name. Headers.set: "${R}" is an invalid header value`,
  ],
  ['TypeError: Headers.append: "Bearer a\nb that was cut', `TypeError: Headers.append: "${R}`],
  [
    'TypeError: Bearer a\nb is not a legal HTTP header value',
    `TypeError: ${R} is not a legal HTTP header value`,
  ],
  [
    "TypeError: Header 'authorization' has invalid value: 'Bearer a\nb'",
    `TypeError: Header 'authorization' has invalid value: '${R}'`,
  ],
])('%s', (text, redacted) => {
  expect(redactText(text)).toBe(redacted);
});

const HARMLESS = [
  'a task-force, risk-based; disk-usage-2024-report-final, sk-SK, sk-learn',
  'risk-averse-behaviour-in-long-compounds, sk-circle-fade-dot, sk-loading-indicator-for-lists',
  'da39a3ee5e6b4b0d3255bfef95601890afd80709 sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'aGVsbG8gd29ybGQ= SGVsbG8sIFdvcmxkIQ== data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ',
  'max_tokens=4096 tokens=5 token=end next_page_token=abc key=3 code=ECONNRESET cache_key=user-12',
  'const apiKey = process.env.KEY; password: string; "code":"invalid_api_key", tokens: 12, secret: yes',
  'hf_hub_download npm_config_registry pplx-7b-online gsk_ ghp_ AKIA sk_live_ xoxo SG.x chat_2024',
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
  'Headers.append: "x y" is an invalid header name, and Headers has no header value',
  'sk_SK fw_version_number, nvapi-compatible-endpoints-for-models, dapi dapibus, sbp_ sb_secret_name_of_the_key',
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

test('redaction is idempotent, for any neighbouring texts', () => {
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
    { numRuns: runs(3_000) },
  );
});

test('words without a secret stay unchanged', () => {
  const word = fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzäß世🙂,.!') });
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const text = words.join(' ');
      expect(redactText(text)).toBe(text);
    }),
  );
});

test('a secret too long for the regular expression engine removes the whole text', () => {
  for (const begin of ['-----BEGIN PRIVATE KEY-----', 'password="', 'sk-', 'eyJaaaaaaaa.']) {
    expect(redactText(`${begin}${'a1'.repeat(10_000_000)}`)).not.toContain('a1a1');
  }
});

test.each([
  ['see https://a/?db=x%3A%2F%2Fme%3Apw%40db%2Fa ok', `see https://a/?db=x%3A%2F%2F${R}%40db%2Fa ok`],
  ['x%3a%2f%2fme%3apw%40db', `x%3a%2f%2f${R}%40db`],
  ['x%3A%2F%2Ftoken%40db', `x%3A%2F%2F${R}%40db`],
  ['x%3A%2F%2Fme%3Ap%2Fw%3F%40db', `x%3A%2F%2F${R}%40db`],
  ['x%3A%2F%2Fme%3Ap%40w%40db%2Fa', `x%3A%2F%2F${R}%40db%2Fa`],
  ['a%3A%2F%2Fm%3Ap%40b&c%3A%2F%2Fd%3Ae%40f', `a%3A%2F%2F${R}%40b&c%3A%2F%2F${R}%40f`],
])('a URL in a parameter of another loses its user info: %s', (text, redacted) => {
  expect(redactText(text)).toBe(redacted);
  expect(redactText(redacted)).toBe(redacted);
});

test.each([
  'https://a/?mail=me%40b.example',
  'x%3A%2F%2Fhost%3A8080%2Fa%40b',
  'x%3A%2F%2Fhost%2F%40vite%2Fclient',
  'x%3A%2F%2Fhost and me%40b',
])('has none: %s', (text) => {
  expect(redactText(text)).toBe(text);
});

describe("the application's own rules:", () => {
  const warn = jest.fn();

  beforeEach(() => {
    warn.mockClear();
    const logger: DiagLogger = { error: warn, warn, info: warn, debug: warn, verbose: warn };
    diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  });
  afterEach(() => diag.disable());

  test('patterns replace every match, with or without the flag g, in any order of texts', () => {
    const patterns = [/emp-\d+/, /\bProject \w+/gi, /x*/];
    const own = ownRules({ patterns, redact: undefined });
    const text = 'emp-1 and emp-2 in project Blue, xx';
    for (let i = 0; i < 3; i += 1) expect(own(text, 'a')).toBe(`${R} and ${R} in ${R}, ${R}`);
    expect(patterns.map(({ lastIndex }) => lastIndex)).toEqual([0, 0, 0]);
    expect(own('nothing of it', 'a')).toBe('nothing of it');
  });

  test("a pattern's own lastIndex is neither used nor changed", () => {
    const pattern = /secret/g;
    pattern.lastIndex = 5;
    expect(ownRules({ patterns: [pattern], redact: undefined })('secret', 'a')).toBe(R);
    expect(pattern.lastIndex).toBe(5);
  });

  test('the function runs last, with the attribute name', () => {
    const redact = jest.fn((value: string, where: string) => `${where}: ${value}`);
    expect(ownRules({ patterns: [/b+/], redact })('abba', 'user.id')).toBe(`user.id: a${R}a`);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('mine');
      },
    ],
    ['returns no text', () => undefined as unknown as string],
    ['returns a promise', () => Promise.resolve('x') as unknown as string],
  ])('if the function %s, the value is omitted, and diag is told once', (_, redact) => {
    const own = ownRules({ patterns: [], redact });
    expect([own('private', 'a'), own('private', 'b')]).toEqual([R, R]);
    expect(warn.mock.calls.length).toBeLessThanOrEqual(1);
    expect(String(warn.mock.calls)).not.toContain('private');
  });
});
