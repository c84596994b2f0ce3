import { attachClassification, classifyError, explainError } from '../../src/error/index.js';

const nested = (inner: unknown, depth: number): unknown => {
  let error = inner;
  for (let i = 0; i < depth; i += 1) error = new Error('outer 500', { cause: error });
  return error;
};

test('returns the same error, unchanged', () => {
  const error = Object.freeze(new Error('x'));
  expect(attachClassification(error, { kind: 'config' })).toBe(error);
  expect(Reflect.ownKeys(error).sort()).toEqual(['message', 'stack']);
  expect(classifyError(error).kind).toBe('config');
});

test.each([0, 1, 10, 60, 100_000])('takes precedence below %i causes', (depth) => {
  const error = nested(attachClassification(new Error('x'), { kind: 'stream_silence_timeout' }), depth);
  expect(explainError(error)).toMatchObject({
    rule: 'attached',
    evidence: 'kind stream_silence_timeout',
    classification: { kind: 'stream_silence_timeout', retryable: true },
  });
});

test('accepts the earlier name of a kind', () => {
  const error = attachClassification(new Error('no token'), { kind: 'startup_timeout' });
  expect(explainError(error)).toMatchObject({
    evidence: 'kind stream_silence_timeout',
    classification: {
      kind: 'stream_silence_timeout',
      message: 'The model provider sent nothing for too long.',
      retryable: true,
      errorType: 'Error',
    },
  });
});

test('the outermost classification takes precedence', () => {
  const inner = attachClassification(new Error('x'), { kind: 'config' });
  const outer = attachClassification(new Error('y', { cause: inner }), { kind: 'missing_key' });
  expect(classifyError(outer).kind).toBe('missing_key');
});

test('is found among several errors and after many retries', () => {
  const error = attachClassification(new Error('x'), { kind: 'content_filter' });
  expect(classifyError(new AggregateError([new Error('y'), error])).kind).toBe('content_filter');
  expect(classifyError({ lastError: error }).kind).toBe('content_filter');
});

test('missing fields are determined by the rules', () => {
  const error = attachClassification(Object.assign(new Error('429 slow'), { status: 429 }), {
    retryable: false,
  });
  expect(explainError(error)).toMatchObject({
    rule: 'rate limit',
    classification: { kind: 'rate_limit', retryable: false, statusCode: 429, detail: 'slow' },
  });
});

test('accepts every field', () => {
  const all = {
    kind: 'generic',
    message: 'A message.',
    detail: 'A detail.',
    provider: 'mine',
    retryable: true,
    statusCode: 500,
    retryAfterMillis: 3,
    chainBroken: true,
    requestId: 'r1',
    exceptionType: 'Mine',
    errorType: 'mine',
  } as const;
  expect(classifyError(attachClassification(new Error('x'), all))).toEqual(all);
});

test('fields of the wrong type and texts with secrets are dropped', () => {
  const wrong = {
    kind: 'odd',
    retryable: 'yes',
    statusCode: 42,
    retryAfterMillis: Number.NaN,
    requestId: {},
    detail: 7,
  };
  const error = Reflect.apply(attachClassification, undefined, [new Error('x'), wrong]);
  expect(classifyError(error)).toEqual(classifyError(new Error('x')));
  const key = 'sk-proj-0123456789abcdef0123';
  const telling = attachClassification(new Error('x'), {
    detail: `with ${key}`,
    message: `for ${key}`,
    provider: key,
  });
  expect(JSON.stringify(classifyError(telling))).not.toContain(key);
});

test('a string is accepted and ignored', () => {
  expect(attachClassification('text', { kind: 'config' })).toBe('text');
  expect(classifyError('text').kind).toBe('generic');
});

test('attaching again replaces', () => {
  const error = attachClassification(new Error('x'), { kind: 'config' });
  expect(classifyError(attachClassification(error, { kind: 'auth' })).kind).toBe('auth');
});

test('another copy of the package reads it', () => {
  const error = attachClassification(new Error('x'), { kind: 'config' });
  jest.isolateModules(() => {
    const copy = require('../../src/error/index.js') as typeof import('../../src/error/index.js');
    expect(copy.classifyError).not.toBe(classifyError);
    expect(copy.classifyError(error).kind).toBe('config');
  });
});
