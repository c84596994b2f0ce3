import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import { ownRules } from '../../src/redact/own-rules';

const R = '[REDACTED]';
const warn = jest.fn();

beforeEach(() => {
  warn.mockClear();
  const logger: DiagLogger = { error: warn, warn, info: warn, debug: warn, verbose: warn };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
});
afterEach(() => diag.disable());

test('patterns replace every match, with or without the flag g, in any order of texts', () => {
  const patterns = [/emp-\d+/, /\bProject \w+/gi, /x*/];
  const own = ownRules({ patterns, redact: undefined });
  const text = 'emp-1 and emp-2 in project Blue, xx';
  for (let i = 0; i < 3; i += 1) expect(own(text, 'a')).toBe(`${R} and ${R} in ${R}, ${R}`);
  expect(patterns.map(({ lastIndex }) => lastIndex)).toEqual([0, 0, 0]);
  expect(own('nothing of it', 'a')).toBe('nothing of it');
});

test("a pattern's own lastIndex is neither used nor moved", () => {
  const pattern = /secret/g;
  pattern.lastIndex = 5;
  expect(ownRules({ patterns: [pattern], redact: undefined })('secret', 'a')).toBe(R);
  expect(pattern.lastIndex).toBe(5);
});

test('the function comes last, and is told the attribute', () => {
  const redact = jest.fn((value: string, where: string) => `${where}: ${value}`);
  expect(ownRules({ patterns: [/b+/], redact })('abba', 'user.id')).toBe(`user.id: a${R}a`);
});

test.each([
  [
    'throws',
    () => {
      throw new Error('mine');
    },
  ],
  ['gives back no text', () => undefined as unknown as string],
  ['gives back a promise', () => Promise.resolve('x') as unknown as string],
])('where the function %s, the value is left out, and diag is told once', (_, redact) => {
  const own = ownRules({ patterns: [], redact });
  expect([own('private', 'a'), own('private', 'b')]).toEqual([R, R]);
  expect(warn.mock.calls.length).toBeLessThanOrEqual(1);
  expect(String(warn.mock.calls)).not.toContain('private');
});
