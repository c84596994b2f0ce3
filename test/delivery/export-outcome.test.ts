import { ExportResultCode } from '@opentelemetry/core';
import {
  outcomeOfAnswer,
  outcomeOfResult,
  outcomeOfThrow,
  outcomeOfTimeout,
} from '../../src/delivery/transport.js';

test.each([
  [200, 'accepted'],
  [202, 'accepted'],
  [302, 'refused'],
  [400, 'split'],
  [401, 'refused'],
  [403, 'refused'],
  [404, 'refused'],
  [408, 'retry'],
  [413, 'split'],
  [429, 'retry'],
  [500, 'refused'],
  [501, 'refused'],
  [502, 'retry'],
  [503, 'retry'],
  [504, 'retry'],
])('a response with %i is %s', (status, kind) => {
  expect(outcomeOfAnswer({ status }).kind).toBe(kind);
});

test('a split has its reason', () => {
  expect(outcomeOfAnswer({ status: 413 })).toMatchObject({ reason: 'too_large' });
  expect(outcomeOfAnswer({ status: 400 })).toMatchObject({ reason: 'refused' });
  expect(outcomeOfThrow(new RangeError('NaN'))).toMatchObject({
    kind: 'split',
    reason: 'not_serialisable',
    detail: 'RangeError',
  });
});

const failed = (code?: number | string) =>
  ({ code: ExportResultCode.FAILED, error: Object.assign(new Error('failed'), { code }) }) as const;

test.each([
  ['its own status', failed(401), undefined, { kind: 'refused', detail: 'HTTP 401' }],
  ['its own status and another observed one', failed(401), { status: 503 }, { kind: 'refused' }],
  ['gRPC UNAVAILABLE', failed(14), undefined, { kind: 'retry', detail: 'gRPC 14' }],
  ['gRPC UNAUTHENTICATED', failed(16), undefined, { kind: 'refused' }],
  ['gRPC INVALID_ARGUMENT', failed(3), undefined, { kind: 'split', reason: 'refused' }],
  ['a broken connection', failed('ECONNREFUSED'), undefined, { kind: 'retry', detail: 'ECONNREFUSED' }],
  ['no further information', failed(), undefined, { kind: 'retry', afterMillis: undefined }],
  ['an observed response', failed(), { status: 429, retryAfter: '7' }, { kind: 'retry', afterMillis: 7_000 }],
  ['an observed refusal of another request', failed(), { status: 401 }, { kind: 'retry' }],
  ['success', { code: ExportResultCode.SUCCESS }, undefined, { kind: 'accepted', rejected: 0 }],
  [
    'partial success',
    { code: ExportResultCode.SUCCESS },
    { status: 200, rejected: 2 },
    { kind: 'accepted', rejected: 2 },
  ],
])('a result with %s', (_what, result, seen, outcome) => {
  expect(outcomeOfResult(result, seen)).toMatchObject(outcome);
});

test('a failure without an error', () => {
  expect(outcomeOfResult({ code: ExportResultCode.FAILED }, undefined).kind).toBe('retry');
});

test.each([
  [undefined, { kind: 'retry', detail: 'no answer in time' }],
  [{ status: 200 }, { kind: 'accepted' }],
  [
    { status: 503, retryAfter: '1' },
    { kind: 'retry', afterMillis: 1_000 },
  ],
])('timed out after %j', (seen, outcome) => {
  expect(outcomeOfTimeout(seen)).toMatchObject(outcome);
});
