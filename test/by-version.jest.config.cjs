const base = require('../jest.config.cjs');

/** The tests whose outcome depends on the version of Node.js, and on what. */
const BY_VERSION = {
  attempt: "diagnostics channels, undici's copies, streams, abort signals and zlib",
  'sdk-calls': "the clients on Node's own fetch",
  outcomes: "how exchanges end, on Node's own fetch and on npm undici",
  'error/live': "the errors of Node's fetch, sockets and abort signals",
  'run/context': 'AsyncLocalStorage: promise hooks up to Node 22, context frames from 24',
  'run/streaming-route': 'async context across streams',
  'run/(frozen-process|process-end|killed|bounds|memory)': 'timers, garbage collection, the end of a process',
  'delivery/(process-end|last-delivery|outages|endpoint)':
    'node:http, TLS, worker threads in the exit event, signals',
  start: '--import and --require, process warnings, promise hooks, timers',
  'ai-sdk/(stream-endings|outcomes|retries)': 'web streams and their cancellation',
  'doctor/program': 'the command line',
  'docs/(readme-program|quick-start)': 'what a user starts with',
};

/** @type {import('jest').Config} */
module.exports = {
  ...base,
  rootDir: '..',
  testMatch: undefined,
  testRegex: Object.keys(BY_VERSION).map((path) => `/test/${path}.*\\.test\\.ts$`),
};
