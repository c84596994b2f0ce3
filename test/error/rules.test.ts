import { type ErrorKind, explainError } from '../../src/error/index.js';

type Row = readonly [what: string, error: unknown, rule: string, kind: ErrorKind, retryable: boolean];

const error = (message: string, fields: object = {}) => Object.assign(new Error(message), fields);

/** In the order in which the rules apply, each named by the expected rule and its evidence. */
const ROWS: readonly Row[] = [
  ['interrupted', error('chat interrupted'), 'interrupted', 'interrupted', false],
  ['interrupted', error('Request interrupted by user'), 'interrupted', 'interrupted', false],
  ['interrupted', error('operation interrupted'), 'interrupted', 'interrupted', false],
  ['continuity', error('No tool output found for function call call_1.'), 'continuity', 'generic', false],
  [
    'continuity with a status',
    {
      status: 400,
      body: { error: { message: "Item 'fc_1' was provided without its required 'reasoning' item: 'rs_1'." } },
    },
    'continuity',
    'generic',
    false,
  ],
  ['stream cut', error('stream closed before its terminal event'), 'stream cut', 'timeout', true],
  [
    'stream cut',
    error('stream ended without producing a Message with role=assistant'),
    'stream cut',
    'timeout',
    true,
  ],
  ['stream cut', error('request ended without sending any chunks'), 'stream cut', 'timeout', true],
  [
    'previous response by code',
    { code: 'previous_response_not_found' },
    'previous response',
    'generic',
    true,
  ],
  [
    'previous response by text',
    error("Previous response with id 'resp_1' not found."),
    'previous response',
    'generic',
    true,
  ],
  [
    'previous response by parameter',
    error('previous_response_id resp_1 not found'),
    'previous response',
    'generic',
    true,
  ],
  ['overloaded by status', { status: 529 }, 'overloaded', 'overloaded', true],
  ['overloaded by text', error('The engine is overloaded'), 'overloaded', 'overloaded', true],
  ['overloaded before timeout', error('503 Overloaded'), 'overloaded', 'overloaded', true],
  [
    'overloaded in the stream',
    { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    'overloaded',
    'overloaded',
    true,
  ],
  [
    'usage limit by code at any status',
    { status: 429, code: 'insufficient_quota' },
    'usage limit',
    'usage_limit',
    false,
  ],
  [
    'usage limit by code at any status',
    { status: 403, error: { code: 'insufficient_quota', message: '' } },
    'usage limit',
    'usage_limit',
    false,
  ],
  ['usage limit by code in a text', error('429 insufficient_quota'), 'usage limit', 'usage_limit', false],
  ['usage limit by text', error('quota exceeded'), 'usage limit', 'usage_limit', false],
  ['usage limit by text', error('payment required'), 'usage limit', 'usage_limit', false],
  [
    'usage limit by text, in the body',
    { status: 400, body: '{"error":{"message":"See Plans & Billing."}}' },
    'usage limit',
    'usage_limit',
    false,
  ],
  [
    'usage limit not by text at 429',
    { status: 429, body: '{"error":{"message":"quota exceeded"}}' },
    'rate limit',
    'rate_limit',
    true,
  ],
  [
    'usage limit not by text at 429, of a text',
    error('429 quota exceeded'),
    'rate limit',
    'rate_limit',
    true,
  ],
  ['usage limit by 402', { status: 402 }, 'usage limit', 'usage_limit', false],
  ['unauthorized by status', { status: 401 }, 'unauthorized', 'auth', false],
  ['unauthorized by text', error('authentication failed'), 'unauthorized', 'auth', false],
  ['unauthorized by text', error('Invalid API key provided'), 'unauthorized', 'auth', false],
  ['unauthorized by text', error('invalid_api_key'), 'unauthorized', 'auth', false],
  ['unauthorized before config', error('unauthorized: invalid model'), 'unauthorized', 'auth', false],
  ['forbidden by status', { status: 403 }, 'forbidden', 'auth', false],
  ['forbidden by text', error('Forbidden'), 'forbidden', 'auth', false],
  ['forbidden unless config', error('forbidden: model not found'), 'config', 'config', false],
  ['rate limit by status', { statusCode: 429 }, 'rate limit', 'rate_limit', true],
  ['rate limit by text', error('rate limit reached'), 'rate limit', 'rate_limit', true],
  ['rate limit by text', error('you are being rate-limited'), 'rate limit', 'rate_limit', true],
  ['rate limit by text', error('rate_limit_error'), 'rate limit', 'rate_limit', true],
  ['rate limit by text', error('Too Many Requests'), 'rate limit', 'rate_limit', true],
  [
    'rate limit unless config',
    error('too many requests for an unsupported model'),
    'config',
    'config',
    false,
  ],
  [
    'provider disabled',
    { status: 503, body: '{"code":"provider_disabled","message":"x"}' },
    'provider disabled',
    'provider_disabled',
    false,
  ],
  ...[408, 502, 503, 504].map((status): Row => ['timeout by status', { status }, 'timeout', 'timeout', true]),
  ...[
    'deadline exceeded',
    'timeout',
    'request timed out',
    'service unavailable',
    'connection reset by peer',
    'connection refused',
    'unexpected EOF',
    'write: broken pipe',
    'Bad Gateway',
    'socket hang up',
    'http2: server sent GOAWAY and closed the connection',
    'stream error: stream ID 7; INTERNAL_ERROR; received from peer',
    'stream error: stream ID 7; REFUSED_STREAM',
    'stream error: stream ID 7; CANCEL; received from peer',
    'stream error: stream ID 7; NO_ERROR',
    'Stream closed with error code NGHTTP2_ENHANCE_YOUR_CALM',
    'client error (Connect): dns error: failed to lookup address information: Name or service not known',
    'client error (SendRequest): connection closed before message completed',
  ].map((message): Row => ['timeout by text', error(message), 'timeout', 'timeout', true]),
  ...[
    'ECONNRESET',
    'ECONNREFUSED',
    'ENOTFOUND',
    'EPIPE',
    'ETIMEDOUT',
    'UND_ERR_HEADERS_TIMEOUT',
    'UND_ERR_SOCKET',
  ].map((code): Row => ['timeout by code', error('x', { code }), 'timeout', 'timeout', true]),
  [
    'timeout in Deno, in the middle of a body',
    new TypeError('error reading a body from connection'),
    'timeout',
    'timeout',
    true,
  ],
  ['timeout, own deadline', error('context deadline exceeded'), 'own deadline', 'timeout', false],
  ['timeout unless config', error('503 invalid model'), 'config', 'config', false],
  [
    'not timeout: another HTTP/2 error',
    error('stream error: stream ID 503; PROTOCOL_ERROR'),
    'unexpected',
    'generic',
    false,
  ],
  ['not timeout: other words', error('the geofence of typeof quotation'), 'unexpected', 'generic', false],
  ...[
    'invalid model',
    'model not found',
    'unsupported model x',
    'context length exceeded',
    'context_exceeded',
    'maximum context length is 8',
    'malformed config',
    'malformed configuration',
    'client error (Connect): invalid peer certificate: UnknownIssuer',
    'client error (Connect): received corrupt message of type InvalidContentType',
  ].map((message): Row => ['config by text', error(message), 'config', 'config', false]),
  ['server error by status', { status: 500 }, 'server error', 'generic', true],
  ['server error by another status', { status: 520 }, 'server error', 'generic', true],
  ['server error by text', error('internal server error'), 'server error', 'generic', true],
  ['cancelled by name', error('x', { name: 'AbortError' }), 'cancelled', 'interrupted', false],
  ['cancelled by code', error('x', { code: 'ABORT_ERR' }), 'cancelled', 'interrupted', false],
  [
    'cancelled at any depth',
    new Error('a', { cause: new Error('b', { cause: error('c', { name: 'AbortError' }) }) }),
    'cancelled',
    'interrupted',
    false,
  ],
  [
    'cancelled after evidence',
    new Error('a', { cause: error('c', { name: 'AbortError', status: 429 }) }),
    'rate limit',
    'rate_limit',
    true,
  ],
  ['unexpected', error('boom'), 'unexpected', 'generic', false],
  ['unexpected', error('400 bad request'), 'unexpected', 'generic', false],
  [
    'a request refused, that speaks of a limit',
    { status: 400, body: '{"error":{"message":"rate_limit must be above timeout"}}' },
    'unexpected',
    'generic',
    false,
  ],
  [
    'a bug',
    new TypeError("Cannot read properties of undefined (reading 'timeout')"),
    'unexpected',
    'generic',
    false,
  ],
  [
    "the model's output",
    error('Text: rate limit, unauthorized', { name: 'AI_JSONParseError' }),
    'unexpected',
    'generic',
    false,
  ],
  [
    'no key',
    error('OpenAI API key is missing.', { name: 'AI_LoadAPIKeyError' }),
    'missing key',
    'missing_key',
    false,
  ],
  [
    'no key',
    error('Could not resolve authentication method. Expected one of apiKey, authToken'),
    'missing key',
    'missing_key',
    false,
  ],
  ['no key', error('Missing credentials. Please pass an `apiKey`'), 'missing key', 'missing_key', false],
  [
    'Responses, in the stream',
    { type: 'error', code: 'rate_limit_exceeded', message: 'Slow.', param: null },
    'rate limit',
    'rate_limit',
    true,
  ],
  [
    'Responses, failed',
    { type: 'response.failed', response: { id: 'resp_1', error: { code: 'server_error', message: 'x' } } },
    'server error',
    'generic',
    true,
  ],
];

test.each(ROWS)('%s: %o', (_, thrown, rule, kind, retryable) => {
  const found = explainError(thrown);
  expect([found.rule, found.classification.kind, found.classification.retryable]).toEqual([
    rule,
    kind,
    retryable,
  ]);
});

test('every matching rule has its evidence', () => {
  for (const [, thrown, rule] of ROWS) {
    const { evidence } = explainError(thrown);
    if (rule === 'unexpected') expect(evidence).toBeUndefined();
    else expect(evidence).toMatch(/^(?:status \d{3}|code .+|text ".+")/);
  }
});

test('a broken chain is marked', () => {
  expect(explainError({ code: 'previous_response_not_found' }).classification.chainBroken).toBe(true);
  expect(explainError(new Error('x')).classification.chainBroken).toBe(false);
});

test('an inconsistent history has a detail without ids', () => {
  const { detail } = explainError(new Error('No tool output found for function call call_1.')).classification;
  expect(detail).toBe(
    'The history sent to the provider lacks a tool result or a reasoning item that it needs.',
  );
});
