import { classifyError } from '../../src/error/index.js';
import fc, { runs } from '../support/property.js';

const BODY = { error: { message: 'No luck.', type: 'rate_limit_error', code: null } };
const TEXT = JSON.stringify(BODY);

/** The same failure in all of its forms. */
const FORMS: readonly (readonly [what: string, error: unknown])[] = [
  ['status and error', { status: 429, error: BODY.error }],
  ['status and the whole body as error', { status: 429, error: BODY }],
  ['status in digits', { status: '429', body: BODY }],
  ['statusCode and responseBody', { statusCode: 429, responseBody: TEXT }],
  ['statusCode and data', { statusCode: 429, data: BODY }],
  ['response.status and response.data', { response: { status: 429, data: BODY } }],
  ['$metadata', { $metadata: { httpStatusCode: 429 }, ...BODY.error }],
  ['$response', { $response: { statusCode: 429, body: TEXT } }],
  ['a numeric code', { ...BODY.error, code: 429 }],
  ['a body with the status alone', { body: { error: { ...BODY.error, code: 429 } } }],
  ['a message that is JSON', new Error(JSON.stringify({ error: { ...BODY.error, code: 429 } }))],
  ['a message with JSON', new Error(`POST "https://example.com/v1": 429 Too Many Requests ${TEXT}`)],
  ['JSON in JSON', { status: 429, body: { error: { message: TEXT } } }],
  ['a list', { status: 429, body: [BODY] }],
  ['a cause', new Error('outer', { cause: { status: 429, error: BODY.error } })],
  [
    'deep causes',
    [1, 2, 3].reduce(
      (cause) => new Error('outer', { cause }),
      new Error('in', { cause: { status: 429, body: TEXT } }),
    ),
  ],
  [
    'lastError',
    {
      name: 'AI_RetryError',
      lastError: { statusCode: 429, responseBody: TEXT },
      errors: [{ statusCode: 500 }],
    },
  ],
  ['errors', new AggregateError([new Error('one'), { status: 429, body: TEXT }], 'all')],
  [
    'an error part',
    { type: 'error', error: Object.assign(new Error('x'), { status: 429, error: BODY.error }) },
  ],
  ['text', `status code 429: ${TEXT}`],
];

test.each(FORMS)('%s', (_, error) => {
  expect(classifyError(error)).toMatchObject({
    kind: 'rate_limit',
    retryable: true,
    statusCode: 429,
    detail: 'No luck.',
    errorType: 'rate_limit_error',
  });
});

const HEADERS: readonly (readonly [what: string, headers: unknown])[] = [
  ['Headers', new Headers({ 'Retry-After': '2', 'X-Request-Id': 'req_1' })],
  ['an object', { 'retry-after': '2', 'x-request-id': 'req_1' }],
  ['an object in another case', { 'Retry-After': '2', 'X-Request-ID': 'req_1' }],
  ['an object with lists', { 'retry-after': ['2', '9'], 'x-request-id': ['req_1'] }],
  [
    'pairs',
    [
      ['Retry-After', '2'],
      ['x-request-id', 'req_1'],
    ],
  ],
  [
    'pairs of buffers',
    [
      [Buffer.from('Retry-After'), Buffer.from('2')],
      [Buffer.from('x-request-id'), Buffer.from('req_1')],
    ],
  ],
  ['a flat list', ['Retry-After', '2', 'x-request-id', 'req_1']],
  [
    'a Map',
    new Map([
      ['retry-after', '2'],
      ['x-request-id', 'req_1'],
    ]),
  ],
];

test.each(HEADERS)('headers as %s', (_, headers) => {
  for (const key of ['headers', 'responseHeaders']) {
    expect(classifyError({ status: 429, [key]: headers })).toMatchObject({
      retryAfterMillis: 2_000,
      requestId: 'req_1',
    });
  }
  expect(classifyError(new Error('x', { cause: { response: { headers } } }))).toMatchObject({
    requestId: 'req_1',
  });
});

test.each([
  [{ requestID: 'req_1' }],
  [{ $metadata: { requestId: 'req_1' } }],
  [{ headers: { 'request-id': 'req_1' } }],
  [{ headers: { 'x-amzn-requestid': 'req_1' } }],
  [{ headers: { 'apim-request-id': 'req_1' } }],
  [{ body: '{"error":{"message":"x"},"request_id":"req_1"}' }],
])('the request id of %j', (error) => {
  expect(classifyError(error).requestId).toBe('req_1');
});

test.each(['no id at all', `Bearer ${'a1'.repeat(12)}`, 'x'.repeat(300), 'sk-proj-0123456789abcdef0123'])(
  'not a request id: %s',
  (id) => {
    expect(classifyError({ requestID: id }).requestId).toBeUndefined();
  },
);

test('a retry delay in a body is ignored', () => {
  const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34s' }];
  expect(
    classifyError({ status: 429, body: { error: { code: 429, details, retry_after: 3 } } }),
  ).toMatchObject({
    kind: 'rate_limit',
    retryAfterMillis: undefined,
  });
});

test.each([
  [new RangeError('x'), 'RangeError', 'RangeError'],
  [Object.assign(new Error('x'), { name: 'Mine' }), 'Mine', 'Mine'],
  [new (class OfAClass extends Error {})('x'), 'OfAClass', 'OfAClass'],
  [Object.assign(new Error('x'), { code: 'ECONNRESET' }), 'Error', 'ECONNRESET'],
  [{ status: 500 }, undefined, '500'],
  [{ status: 500, type: 'server_error' }, undefined, 'server_error'],
  [{ status: 500, body: { error: { message: 'x', code: 'req-0123456789' } } }, undefined, '500'],
  [
    Object.assign(new Error('x'), { name: 'ThrottlingException', $metadata: { httpStatusCode: 429 } }),
    'ThrottlingException',
    'ThrottlingException',
  ],
  ['text', undefined, '_OTHER'],
])('exception and error type of %p', (error, exceptionType, errorType) => {
  expect(classifyError(error)).toMatchObject({ exceptionType, errorType });
});

test('the text of a successful response is ignored', () => {
  expect(classifyError({ statusCode: 200, responseBody: 'we are overloaded' }).kind).toBe('generic');
  expect(classifyError({ body: 'we are overloaded' }).kind).toBe('generic');
  expect(classifyError({ statusCode: 500, body: 'we are overloaded' }).kind).toBe('overloaded');
  expect(classifyError({ statusCode: 200, responseBody: '{"error":{"message":"overloaded"}}' }).kind).toBe(
    'overloaded',
  );
});

test('the result is frozen and complete', () => {
  const result = classifyError(undefined);
  expect(Object.isFrozen(result)).toBe(true);
  expect(result).toEqual({
    kind: 'generic',
    message: 'The model provider returned an unexpected error.',
    detail: undefined,
    provider: undefined,
    retryable: false,
    statusCode: undefined,
    retryAfterMillis: undefined,
    chainBroken: false,
    requestId: undefined,
    exceptionType: undefined,
    errorType: '_OTHER',
  });
});

const MEANINGFUL = [
  'authentication',
  'billing',
  'forbidden',
  'insufficient_quota',
  'model_not_found',
  'overloaded',
  'payment required',
  'quota',
  'rate_limit',
  'request interrupted',
  'timeout',
  'unauthorized',
];

test('no quoted name determines the kind of a refused request', () => {
  const quoted = fc
    .tuple(
      fc.constantFrom('""', "''", '``', '“”', '‘’'),
      fc.array(fc.constantFrom(...MEANINGFUL), { minLength: 1 }),
    )
    .map(([marks, names]) => names.map((name) => `${marks[0]}${name}${marks[1]}`).join(', '));
  const status = fc.constantFrom(400, 404, 405, 409, 415, 422);
  fc.assert(
    fc.property(status, quoted, quoted, (refusal, first, second) => {
      const message = `The user's tools ${first} can't be used with ${second}.`;
      const body = JSON.stringify({ error: { message, type: 'invalid_request_error' } });
      expect(classifyError({ status: refusal, body })).toMatchObject({ kind: 'generic', retryable: false });
    }),
    { numRuns: runs(1_000) },
  );
});
