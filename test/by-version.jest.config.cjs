const base = require('../jest.config.cjs');

/** Tests whose outcome can differ between versions of Node.js, and what differs. */
const BY_VERSION = {
  'attempt/': "diagnostics channels, undici's copies, streams, abort signals, zlib",
  'websocket/': "the WebSocket of Node.js and undici's copies",
  'sdk-calls/': "the SDKs on Node's own fetch",
  'isolation/': 'in whose async context undici works',
  'field-cases/': 'how responses come in, zlib',
  'outcomes/outcomes': "how exchanges end on Node's own fetch and on npm undici",
  'error/live': "the errors of Node's own fetch, of sockets and abort signals",
  'run/context': 'AsyncLocalStorage: promise hooks up to Node 22, context frames from Node 24',
  'run/(streaming-route|flush-in-run|joining|ownership|callbacks|background-calls|recognition|consequences)':
    'async context across streams and pools',
  'run/(frozen-process|process-end|killed|bounds|memory|fake-timers)': 'timers, garbage collection, signals',
  'delivery/(process-end|last-delivery|outages|request-rate|protocols|endpoint|proxy)':
    'node:http, node:http2, TLS, proxies, worker threads in the exit event',
  'delivery/spool-crash': 'how a process dies, Unix domain sockets',
  'start/(register|twice|instrumentation)': '--import, --require and ES modules that load CommonJS',
  'start/(loading|runtime-warnings|shutdown-process|promises-followed|signals)':
    'process warnings, open handles, signals',
  'ai-sdk/(stream-endings|outcomes|retries)': 'web streams and their cancellation',
  'debug-tab/events': 'web streams and their cancellation, abort signals, timers',
  'run/watch-runs': 'timers, what keeps a process alive',
  'viewer/': 'SQLite: node:sqlite from Node 22 on, a package before',
  'docs/readme-program': 'what a user starts with',
};

/** @type {import('jest').Config} */
module.exports = {
  ...base,
  rootDir: '..',
  testMatch: undefined,
  testRegex: Object.keys(BY_VERSION).map((path) => `/test/${path}.*\\.test\\.ts$`),
};
