import { keptHeaderName } from '../../src/attempt/attempt.js';
import { readHeaders } from '../../src/attempt/request-line.js';

const KEPT = [
  'content-type',
  'content-encoding',
  'retry-after',
  'retry-after-ms',
  'x-amzn-errortype',
  'x-request-id',
  'request-id',
  'x-goog-request-id',
  'apim-request-id',
  'x-amzn-requestid',
];

test.each(KEPT)('%s is read in errors mode, as bytes and as text, in any case', (name) => {
  for (const spelling of [name, name.toUpperCase(), name.replace(/^./, (first) => first.toUpperCase())]) {
    expect(keptHeaderName(spelling)).toBe(name);
    expect(keptHeaderName(Buffer.from(spelling))).toBe(name);
  }
});

test.each(['set-cookie', 'x-user-email', 'content-typo', 'content-typ', 'x_request_id', 'date', ''])(
  '%j is not read',
  (name) => {
    expect(keptHeaderName(name)).toBeUndefined();
    expect(keptHeaderName(Buffer.from(name))).toBeUndefined();
  },
);

test('only the listed headers are kept, each with its own value', () => {
  const list = ['Set-Cookie', 'a=1', 'X-Request-ID', 'req_1', 'Date', 'now', 'Retry-After', '3'].map((one) =>
    Buffer.from(one),
  );
  expect(readHeaders(list, keptHeaderName)).toEqual(['x-request-id', 'req_1', 'retry-after', '3']);
});
