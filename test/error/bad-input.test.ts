import { classifyError, ERROR_KINDS, explainError } from '../../src/error/index.js';
import fc, { runs } from '../support/property.js';

const traps: ProxyHandler<object> = {};
for (const trap of Object.getOwnPropertyNames(Reflect)) {
  Object.assign(traps, {
    [trap]: () => {
      throw new Error(`${trap} is not for you`);
    },
  });
}

const hostile = (): object => new Proxy({}, traps);

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  return proxy;
};

const throwing = (...keys: readonly string[]): object => {
  const error = new Error('still readable');
  for (const key of keys) {
    Object.defineProperty(error, key, {
      get: () => {
        throw new Error('no');
      },
    });
  }
  return error;
};

/** A proxy that returns itself for everything. */
const mirror: object = new Proxy(() => {}, { get: () => mirror, apply: () => mirror });

function circular(): object {
  const body: Record<string, unknown> = { message: 'round', code: 'server_error' };
  body['error'] = body;
  return { status: 500, body };
}

function cycle(): Error {
  const first = new Error('first');
  first.cause = new Error('second', { cause: first });
  return first;
}

function endless(): object {
  return {
    get cause() {
      return endless();
    },
  };
}

test.each<readonly [string, unknown]>([
  ['undefined', undefined],
  ['null', null],
  ['a number', 503],
  ['NaN', Number.NaN],
  ['a bigint', 1n],
  ['a symbol', Symbol('x')],
  ['true', true],
  ['an empty text', ''],
  ['a function', () => {}],
  ['an empty object', {}],
  ['an object without prototype', Object.create(null)],
  ['a list', [1, 'two', { three: 3 }]],
  ['a Proxy that throws', hostile()],
  ['a revoked Proxy', revoked()],
  ['an endless mirror', mirror],
  ['endless causes', endless()],
  [
    'hostile parts',
    { error: hostile(), errors: hostile(), body: revoked(), headers: hostile(), response: hostile() },
  ],
  ['hostile headers', { headers: { get: () => hostile() }, errors: revoked(), code: 'x' }],
  [
    'hostile lists',
    { errors: new Proxy([new Error('x')], { get: () => hostile() }), headers: [revoked(), [hostile()]] },
  ],
  ['a body that is no JSON', { status: 500, body: '{{{{' }],
  ['a circular body', circular()],
  [
    'fields of odd types',
    { message: {}, name: 7, code: [], status: {}, headers: 'x', cause: 3, errors: 'x', body: 9 },
  ],
  ['odd statuses', { status: 0, statusCode: -1, $metadata: { httpStatusCode: 1e9 }, code: 99 }],
])('%s is classified', (_, error) => {
  const { classification, rule } = explainError(error);
  expect(ERROR_KINDS).toContain(classification.kind);
  expect(rule).not.toBe('attached');
});

test('a getter that throws is skipped', () => {
  const error = throwing('name', 'code', 'status', 'cause', 'headers', 'error', 'response');
  expect(classifyError(error)).toMatchObject({ kind: 'generic', detail: 'still readable' });
  expect(classifyError(Object.assign(throwing('message', 'code'), { status: 429 })).kind).toBe('rate_limit');
});

test('a cycle of causes ends', () => {
  expect(classifyError(cycle()).detail).toBe('first: second');
});

test('only the outer ones of 100,000 causes are read', () => {
  let error: unknown = { status: 429 };
  for (let i = 0; i < 100_000; i += 1) error = { cause: error };
  expect(classifyError(error).kind).toBe('generic');
  expect(classifyError(new Error('503', { cause: error })).kind).toBe('timeout');
});

test('no more than 64 KiB of a text are read', () => {
  const far = `${'x '.repeat(5_000_000)} overloaded`;
  expect(classifyError(new Error(far)).kind).toBe('generic');
  expect(classifyError(new Error(`overloaded ${far}`)).kind).toBe('overloaded');
  expect(
    classifyError({ status: 500, body: `${' '.repeat(70_000)}{"error":{"message":"overloaded"}}` }).kind,
  ).toBe('generic');
  const many = Array.from({ length: 10 }, () => new Error('x '.repeat(20_000)));
  expect(classifyError(new AggregateError([...many, new Error('overloaded')], '')).kind).toBe('generic');
});

const KEYS = [
  'name',
  'message',
  'code',
  'type',
  'status',
  'statusCode',
  'error',
  'body',
  'responseBody',
  'data',
  'cause',
  'errors',
  'lastError',
  'headers',
  'response',
  '$metadata',
  'details',
  'detail',
];

const anything = fc.letrec<{ thrown: unknown }>((tie) => ({
  thrown: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.anything(),
    fc.string(),
    fc.integer({ min: 0, max: 700 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('thrown'), { noNullPrototype: false }),
    fc.array(tie('thrown'), { maxLength: 4 }),
    fc.jsonValue().map((value) => JSON.stringify(value)),
  ),
})).thrown;

test('any value has the same, frozen result each time, with a short text', () => {
  fc.assert(
    fc.property(anything, (thrown) => {
      const result = classifyError(thrown);
      expect(classifyError(thrown)).toEqual(result);
      expect(Object.isFrozen(result)).toBe(true);
      expect(ERROR_KINDS).toContain(result.kind);
      expect((result.detail ?? '').length).toBeLessThanOrEqual(500);
      expect(typeof result.errorType).toBe('string');
    }),
    { numRuns: runs(2_000) },
  );
});
