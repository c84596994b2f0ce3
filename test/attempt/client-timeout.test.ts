import { Attempt } from '../../src/attempt/attempt.js';
import { ByteBudget } from '../../src/attempt/body/capture.js';
import { clientTimeout } from '../../src/attempt/exchange.js';
import { classifyError } from '../../src/error/index.js';

const STARTED_AT = 5_000;

function attempt(statusCode: number | undefined): Attempt {
  const request = { method: 'POST', origin: 'http://a', path: '/', call: undefined, headers: [] };
  const begun = new Attempt(
    request,
    STARTED_AT,
    'errors',
    { maxBodyBytes: 0, stallMillis: 0, failureContentBytes: 0 },
    { budget: new ByteBudget(0, () => {}) },
  );
  begun.statusCode = statusCode;
  return begun;
}

test.each<[string, Record<string, string>, millis: number, statusCode: number | undefined, boolean]>([
  ['no header', {}, 600_000, undefined, false],
  ['a timeout of less than a second, stated as 0', { 'x-stainless-timeout': '0' }, 700, undefined, false],
  ['no number', { 'x-stainless-timeout': 'soon' }, 10_000, undefined, false],
  ['long before it', { 'x-stainless-timeout': '10' }, 5_000, undefined, false],
  ['when it is due', { 'x-stainless-timeout': '10' }, 10_003, undefined, true],
  ['a moment before, by the clock of the request', { 'X-Stainless-Timeout': '10' }, 9_970, undefined, true],
  ['after the headers, at the end of the text', { 'x-stainless-timeout': '10' }, 10_003, 200, false],
  ["Google's", { 'x-server-timeout': '10' }, 10_003, undefined, true],
  ["Google's, which covers the body", { 'x-server-timeout': '10' }, 10_003, 200, true],
])('aborted with %s', (_, headers, millis, statusCode, isTimeout) => {
  const timeout = clientTimeout(attempt(statusCode), STARTED_AT + millis, headers);
  expect(timeout !== undefined).toBe(isTimeout);
});

test('is a retryable timeout', () => {
  const timeout = clientTimeout(attempt(undefined), STARTED_AT + 600_000, { 'x-stainless-timeout': '600' });
  expect(classifyError(timeout)).toMatchObject({
    kind: 'timeout',
    retryable: true,
    detail: 'the client timed out after 600 s',
  });
});
