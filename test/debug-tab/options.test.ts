import { createDebugTab, type DebugTabOptions } from '../../src/debug-tab/index.js';
import { jaegerRuns } from '../../src/query/index.js';

const GOOD = {
  source: jaegerRuns({ endpoint: 'http://localhost:16686', service: 's' }),
  authorize: () => true,
};

test.each([
  [
    { source: undefined },
    'source of createDebugTab: expected jaegerRuns(…), tempoRuns(…), processRuns() or a list',
  ],
  [{ source: [] }, 'source of createDebugTab: expected'],
  [{ source: { has: true } }, 'source of createDebugTab: expected'],
  [{ source: [{}] }, 'source of createDebugTab: expected'],
  [{ authorize: undefined }, 'authorize of createDebugTab: expected a function (request, chatId) => boolean'],
  [{ path: 'debug' }, 'path of createDebugTab: expected a path that starts with /'],
  [{ setCapture: true }, 'setCapture of createDebugTab: expected a function'],
  [{ captureOf: 'full' }, 'captureOf of createDebugTab: expected a function'],
  [{ otherSpans: 'false' }, 'otherSpans of createDebugTab: expected true or false'],
])('rejects invalid options: %p', (options, message) => {
  const create = () => createDebugTab({ ...GOOD, ...options } as unknown as DebugTabOptions);
  expect(create).toThrow(`Invalid option ${message}`);
});

test('accepts every valid option', () => {
  const setCapture = () => {};
  const captureOf = () => 'full' as const;
  expect(() =>
    createDebugTab({ ...GOOD, path: '/tab', setCapture, captureOf, otherSpans: true }),
  ).not.toThrow();
});
