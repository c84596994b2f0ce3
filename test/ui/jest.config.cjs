const base = require('../../jest.config.cjs');

/** In a real Chromium. Named `.spec.ts` so that `npm test` does not run them. */
/** @type {import('jest').Config} */
module.exports = {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/ui'],
  testMatch: ['**/*.spec.ts'],
  maxWorkers: 2,
};
