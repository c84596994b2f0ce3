import { classifyError } from '../../src/error/index.js';

function nodeAbort(cause?: unknown): Error {
  return Object.assign(new Error('The operation was aborted', { cause }), {
    name: 'AbortError',
    code: 'ABORT_ERR',
  });
}

function reasonOf(signal: AbortSignal): unknown {
  return signal.reason;
}

async function timedOut(): Promise<unknown> {
  const signal = AbortSignal.timeout(1);
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  return signal.reason;
}

test.each([
  ['an abort', reasonOf(AbortSignal.abort())],
  ["Node's own", nodeAbort()],
  ["Node's own, with the reason", nodeAbort(reasonOf(AbortSignal.abort()))],
  ["Node's own, with a reason that is a text", nodeAbort('the user left')],
  ['wrapped', new Error('chat failed', { cause: reasonOf(AbortSignal.abort()) })],
  ['in a text', 'exception AbortError: This operation was aborted sending request'],
])('%s is an interruption', (_, error) => {
  expect(classifyError(error)).toMatchObject({ kind: 'interrupted', retryable: false });
});

test("the caller's own deadline is a timeout that is not retryable", async () => {
  const reason = await timedOut();
  for (const error of [reason, nodeAbort(reason), new Error('x', { cause: reason })]) {
    expect(classifyError(error)).toMatchObject({ kind: 'timeout', retryable: false });
  }
});

test.each(['TimeoutError', 'ConnectTimeoutError', 'APIConnectionTimeoutError'])(
  'a %s of a client is retryable',
  (name) => {
    const error = Object.assign(new Error('Request timed out.'), { name });
    expect(classifyError(error)).toMatchObject({ kind: 'timeout', retryable: true });
  },
);

test.each([
  [new Error('overloaded'), 'overloaded'],
  [new Error('boom'), 'generic'],
  [Object.assign(new Error('x'), { status: 401 }), 'auth'],
])('an abort with the reason %p is that error', (reason, kind) => {
  expect(classifyError(nodeAbort(reason)).kind).toBe(kind);
  expect(classifyError(reasonOf(AbortSignal.abort(reason))).kind).toBe(kind);
});

test('evidence of the provider takes precedence over the abort', () => {
  const limited = Object.assign(new Error('x'), { status: 429 });
  expect(classifyError(new AggregateError([nodeAbort(), limited])).kind).toBe('rate_limit');
});
