import { bodyRedactor } from '../../src/redact/body';
import fc, { CODE_POINT, runs } from '../support/property.js';

const R = '[REDACTED]';
const redact = bodyRedactor({ keys: ['ssn', 'Customer-Number', '密码'] });
const json = (text: string, truncated = false) =>
  redact({ text, contentType: 'application/json', truncated });

describe('the values of secret members, of any type:', () => {
  test.each([
    ['{"password":"hunter2"}', `{"password":"${R}"}`],
    ['{"a":[{"b":[{"client_secret" : "x", "c":1}]}]}', `{"a":[{"b":[{"client_secret" : "${R}", "c":1}]}]}`],
    ['{"token":123.0e5,"b":2}', `{"token":"${R}","b":2}`],
    ['{"credentials":{"user":"u","pass":["x",{"y":"}"}]},"b":2}', `{"credentials":"${R}","b":2}`],
    ['{"Authorization":["Basic x","y"]}', `{"Authorization":"${R}"}`],
    ['{"token":null,"password":true,"secret":false}', '{"token":null,"password":true,"secret":false}'],
    ['{"token":"It","logprob":-0.1}', '{"token":"It","logprob":-0.1}'],
    ['{"token":"\\"", "bytes":[34],"logprob":0}', '{"token":"\\"", "bytes":[34],"logprob":0}'],
    ['{"token":"It","bytes":[73]}', `{"token":"${R}","bytes":[73]}`],
    ['{"password":"It","logprob":-0.1}', `{"password":"${R}","logprob":-0.1}`],
    ['{"\\u0061pi\\u005fkey":"x"}', `{"\\u0061pi\\u005fkey":"${R}"}`],
    ['{"api_key":"a","api_key":"b"}', `{"api_key":"${R}","api_key":"${R}"}`],
    ['{"password":"a\\"b","x":"c"}', `{"password":"${R}","x":"c"}`],
    [
      '{"ssn":1,"customerNumber":2,"密码":3,"密":4}',
      `{"ssn":"${R}","customerNumber":"${R}","密码":"${R}","密":4}`,
    ],
    ['{"a":{"token":{"a":{"token":1}}},"b":1}', `{"a":{"token":"${R}"},"b":1}`],
    ['\n{\t"password" :\r\n "x" }\n', `\n{\t"password" :\r\n "${R}" }\n`],
  ])('%s', (text, redacted) => {
    expect(json(text)).toBe(redacted);
    expect(json(redacted)).toBe(redacted);
  });
});

test.each(
  (
    'secret mySecretThing clientSecret password user_password authorization proxy-authorization credential ' +
    'awsCredentials token access_token accessToken refresh_token id_token apiToken api_key api-key x-api-key apiKey ' +
    'auth_token bearerToken sessionToken security_token x-amz-security-token private_key signingKey secret_key ' +
    'OPENAI_API_KEY x-goog-api-key SET-COOKIE passwd'
  ).split(' '),
)('%s names a secret', (key) => {
  expect(json(`{"${key}":"x"}`)).toBe(`{"${key}":"${R}"}`);
});

test.each(
  (
    'tokens max_tokens maxTokens max_completion_tokens token_count total_tokens prompt_tokens_details logit_bias ' +
    'cached_tokens nextPageToken next_page_token pageToken tokenizer token_type key keys valid_token id data code ' +
    'author authored_by secre type'
  ).split(' '),
)('%s does not', (key) => {
  const text = `{"${key}":"x"}`;
  expect(json(text)).toBe(text);
});

describe('strings lose secrets by their shape, and are re-encoded only then:', () => {
  const key = 'sk-abcdefghijklmnopqrstuvwxyz0123456789';
  test.each([
    [`{"a":"the key ${key}."}`, `{"a":"the key ${R}."}`],
    [`{"a":"the\\u0020key\\n${key}\\/"}`, `{"a":"the key\\n${R}/"}`],
    [`["s\\u006b-${key.slice(3)}"]`, `["${R}"]`],
    [`{"${key}":1}`, `{"${R}":1}`],
    [`"postgres:\\/\\/me:pw@db\\/x"`, `"postgres://${R}@db/x"`],
    ['["Bearer\\nabcdefgh12"]', `["Bearer\\n${R}"]`],
    [`{"a":"caf\\u00e9","b":"${key}"}`, `{"a":"caf\\u00e9","b":"${R}"}`],
  ])('%s', (text, redacted) => {
    expect(json(text)).toBe(redacted);
  });
});

describe('JSON in strings is redacted as JSON:', () => {
  const inString = (value: unknown, levels: number): unknown =>
    levels === 0 ? value : inString(JSON.stringify(value), levels - 1);

  test.each([1, 2, 3, 5, 8])('%i levels deep', (levels) => {
    const body = (password: string) => JSON.stringify({ arguments: inString({ password, n: 1 }, levels) });
    expect(json(body('hunter2'))).toBe(body(R));
  });

  test.each([
    ['{"a":"{\\"x\\" : 1.0, \\"y\\":\\"\\\\u00e9\\"}"}', undefined],
    ['{"a":"{\\"password\\":\\"hun"}', `{"a":"{\\"password\\":\\"${R}\\""}`],
    ['{"a":"{\\"city\\":\\"Par"}', undefined],
    ['{"a":"{\\"pass"}', undefined],
    ['{"a":"[1] is no JSON, {nor this}"}', undefined],
    ['{"a":"\\"Well,\\" she said"}', undefined],
    ['{"a":" \\n{\\"token\\":\\"x\\"}"}', `{"a":" \\n{\\"token\\":\\"${R}\\"}"}`],
  ])('%s', (text, redacted) => {
    expect(json(text)).toBe(redacted ?? text);
  });
});

describe('file contents are removed, type and size stay:', () => {
  const base64 = (bytes: number) => Buffer.alloc(bytes, 'data!').toString('base64');
  test.each<[string, unknown, unknown]>([
    [
      'a data URL',
      { image_url: { url: `data:image/png;base64,${base64(1234)}` } },
      { image_url: { url: '[image/png, 1234 bytes]' } },
    ],
    [
      'one in a text',
      [`![x](data:image/svg+xml;charset=utf-8;base64,${base64(5)}) there`],
      ['![x]([image/svg+xml, 5 bytes]) there'],
    ],
    [
      'Anthropic',
      { type: 'base64', media_type: 'image/png', data: base64(100) },
      { type: 'base64', media_type: 'image/png', data: '[base64, 100 bytes]' },
    ],
    [
      'OpenAI audio',
      { input_audio: { data: base64(48), format: 'wav' } },
      { input_audio: { data: '[base64, 48 bytes]', format: 'wav' } },
    ],
    [
      'Gemini',
      { inlineData: { mimeType: 'image/png', data: base64(77) } },
      { inlineData: { mimeType: 'image/png', data: '[base64, 77 bytes]' } },
    ],
    ['images', { data: [{ b64_json: base64(3000) }] }, { data: [{ b64_json: '[base64, 3000 bytes]' }] }],
    [
      'anywhere, from 1,024 characters on',
      [base64(768), base64(767).slice(0, 1023)],
      ['[base64, 768 bytes]', base64(767).slice(0, 1023)],
    ],
    [
      'short ones, and words',
      { data: 'aGVsbG8=', text: 'data: x;base64' },
      { data: 'aGVsbG8=', text: 'data: x;base64' },
    ],
  ])('%s', (_name, body, redacted) => {
    expect(JSON.parse(json(JSON.stringify(body)))).toEqual(redacted);
  });
});

test.each([
  '<html>',
  '{"a":1}{"b":2}',
  '{"a":1}\n{"b":2}',
  '{',
  '[1,]',
  '{"a":1,}',
  '01',
  "{'a':1}",
  'x',
  '{"a":"\\x"}',
  '"a',
  '1 2',
  '{"a" 1}',
  '[1}',
])('text that is not JSON is replaced as a whole: %s', (text) => expect(json(text)).toBe(R));

test.each(['', ' \n', '1', '-0.10e+5', '"x"', 'null', '[]', '{}', ' [ ] ', '123456789012345678901234567890'])(
  'stays: %p',
  (text) => expect(json(text)).toBe(text),
);

/** Without a letter of each three-letter name (`jwt`, `pwd`, `ssn`): a random key with one would be secret. */
const NO_SHORT_NAME = fc
  .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 })
  .filter((character) => !/[jps]/i.test(character));

test('valid JSON stays byte for byte, other text is replaced', () => {
  const pieces = fc.oneof(
    fc.json({ maxDepth: 3, stringUnit: NO_SHORT_NAME }),
    fc.constantFrom(
      ...'{}[],:"\\ 0-1.eEtrue',
      'true',
      'null',
      'false',
      '1.5',
      '"a"',
      '\\u00',
      '{"a":',
      '[1',
      '-',
    ),
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 6 }), (parts) => {
      const text = parts.join('');
      expect(json(text)).toBe(isJson(text) ? text : R);
    }),
    { numRuns: runs(3_000) },
  );
});

test('any JSON without secrets stays unchanged, with its indentation', () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ stringUnit: CODE_POINT }),
      fc.constantFrom(undefined, 2, '\t'),
      (value, space) => {
        const text = JSON.stringify(value, undefined, space);
        expect(json(text)).toBe(text);
      },
    ),
    { numRuns: 500 },
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return text.trim() === '';
  }
}
