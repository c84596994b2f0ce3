import { type ErrorKind, explainError } from '../../src/error/index.js';

type Row = readonly [what: string, error: unknown, rule: string, kind: ErrorKind, retryable: boolean];

const error = (message: string, fields: object = {}) => Object.assign(new Error(message), fields);

/** By the number of the rule in the reference behaviour. */
const ROWS: readonly Row[] = [
  ['2', error('chat interrupted'), 'interrupted', 'interrupted', false],
  ['2', error('Request interrupted by user'), 'interrupted', 'interrupted', false],
  ['2', error('operation interrupted'), 'interrupted', 'interrupted', false],
  ['3', error('No tool output found for function call call_1.'), 'continuity', 'generic', false],
  [
    '3 with a status',
    {
      status: 400,
      body: { error: { message: "Item 'fc_1' was provided without its required 'reasoning' item: 'rs_1'." } },
    },
    'continuity',
    'generic',
    false,
  ],
  ['4', error('stream closed before its terminal event'), 'stream cut', 'timeout', true],
  ['4', error('stream ended without producing a Message with role=assistant'), 'stream cut', 'timeout', true],
  ['4', error('request ended without sending any chunks'), 'stream cut', 'timeout', true],
  ['5 by code', { code: 'previous_response_not_found' }, 'previous response', 'generic', true],
  ['5 by text', error("Previous response with id 'resp_1' not found."), 'previous response', 'generic', true],
  ['5 by parameter', error('previous_response_id resp_1 not found'), 'previous response', 'generic', true],
  ['6 by status', { status: 529 }, 'overloaded', 'overloaded', true],
  ['6 by text', error('The engine is overloaded'), 'overloaded', 'overloaded', true],
  ['6 before 12', error('503 Overloaded'), 'overloaded', 'overloaded', true],
  [
    '6 in the stream',
    { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    'overloaded',
    'overloaded',
    true,
  ],
  [
    '7 by code at any status',
    { status: 429, code: 'insufficient_quota' },
    'usage limit',
    'usage_limit',
    false,
  ],
  [
    '7 by code at any status',
    { status: 403, error: { code: 'insufficient_quota', message: '' } },
    'usage limit',
    'usage_limit',
    false,
  ],
  ['7 by code in a text', error('429 insufficient_quota'), 'usage limit', 'usage_limit', false],
  ['7 by text', error('quota exceeded'), 'usage limit', 'usage_limit', false],
  ['7 by text', error('payment required'), 'usage limit', 'usage_limit', false],
  [
    '7 by text, in the body',
    { status: 400, body: '{"error":{"message":"See Plans & Billing."}}' },
    'usage limit',
    'usage_limit',
    false,
  ],
  [
    '7 not by text at 429',
    { status: 429, body: '{"error":{"message":"quota exceeded"}}' },
    'rate limit',
    'rate_limit',
    true,
  ],
  ['7 not by text at 429, of a text', error('429 quota exceeded'), 'rate limit', 'rate_limit', true],
  ['7 by 402', { status: 402 }, 'usage limit', 'usage_limit', false],
  ['8 by status', { status: 401 }, 'unauthorized', 'auth', false],
  ['8 by text', error('authentication failed'), 'unauthorized', 'auth', false],
  ['8 by text', error('Invalid API key provided'), 'unauthorized', 'auth', false],
  ['8 by text', error('invalid_api_key'), 'unauthorized', 'auth', false],
  ['8 before 13', error('unauthorized: invalid model'), 'unauthorized', 'auth', false],
  ['9 by status', { status: 403 }, 'forbidden', 'auth', false],
  ['9 by text', error('Forbidden'), 'forbidden', 'auth', false],
  ['9 unless config', error('forbidden: model not found'), 'config', 'config', false],
  ['10 by status', { statusCode: 429 }, 'rate limit', 'rate_limit', true],
  ['10 by text', error('rate limit reached'), 'rate limit', 'rate_limit', true],
  ['10 by text', error('you are being rate-limited'), 'rate limit', 'rate_limit', true],
  ['10 by text', error('rate_limit_error'), 'rate limit', 'rate_limit', true],
  ['10 by text', error('Too Many Requests'), 'rate limit', 'rate_limit', true],
  ['10 unless config', error('too many requests for an unsupported model'), 'config', 'config', false],
  [
    '11',
    { status: 503, body: '{"code":"provider_disabled","message":"x"}' },
    'provider disabled',
    'provider_disabled',
    false,
  ],
  ...[408, 502, 503, 504].map((status): Row => ['12 by status', { status }, 'timeout', 'timeout', true]),
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
  ].map((message): Row => ['12 by text', error(message), 'timeout', 'timeout', true]),
  ...[
    'ECONNRESET',
    'ECONNREFUSED',
    'ENOTFOUND',
    'EPIPE',
    'ETIMEDOUT',
    'UND_ERR_HEADERS_TIMEOUT',
    'UND_ERR_SOCKET',
  ].map((code): Row => ['12 by code', error('x', { code }), 'timeout', 'timeout', true]),
  ['12, own deadline', error('context deadline exceeded'), 'own deadline', 'timeout', false],
  ['12 unless config', error('503 invalid model'), 'config', 'config', false],
  [
    'not 12: another HTTP/2 error',
    error('stream error: stream ID 503; PROTOCOL_ERROR'),
    'unexpected',
    'generic',
    false,
  ],
  ['not 12: other words', error('the geofence of typeof quotation'), 'unexpected', 'generic', false],
  ...[
    'invalid model',
    'model not found',
    'unsupported model x',
    'context length exceeded',
    'context_exceeded',
    'maximum context length is 8',
    'malformed config',
    'malformed configuration',
  ].map((message): Row => ['13 by text', error(message), 'config', 'config', false]),
  ['14 by status', { status: 500 }, 'server error', 'generic', true],
  ['14 by another status', { status: 520 }, 'server error', 'generic', true],
  ['14 by text', error('internal server error'), 'server error', 'generic', true],
  ['15 by name', error('x', { name: 'AbortError' }), 'cancelled', 'interrupted', false],
  ['15 by code', error('x', { code: 'ABORT_ERR' }), 'cancelled', 'interrupted', false],
  [
    '15 at any depth',
    new Error('a', { cause: new Error('b', { cause: error('c', { name: 'AbortError' }) }) }),
    'cancelled',
    'interrupted',
    false,
  ],
  [
    '15 after evidence',
    new Error('a', { cause: error('c', { name: 'AbortError', status: 429 }) }),
    'rate limit',
    'rate_limit',
    true,
  ],
  ['16', error('boom'), 'unexpected', 'generic', false],
  ['16', error('400 bad request'), 'unexpected', 'generic', false],
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

test('every rule that matches says what it matched', () => {
  for (const [, thrown, rule] of ROWS) {
    const { evidence } = explainError(thrown);
    if (rule === 'unexpected') expect(evidence).toBeUndefined();
    else expect(evidence).toMatch(/^(?:status \d{3}|code .+|text ".+")/);
  }
});

test('a broken chain is said to be', () => {
  expect(explainError({ code: 'previous_response_not_found' }).classification.chainBroken).toBe(true);
  expect(explainError(new Error('x')).classification.chainBroken).toBe(false);
});

test('a history that does not fit has a detail without ids', () => {
  const { detail } = explainError(new Error('No tool output found for function call call_1.')).classification;
  expect(detail).toBe(
    'The history sent to the provider lacks a tool result or a reasoning item that it needs.',
  );
});
