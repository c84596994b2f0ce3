const base = require('../../jest.config.cjs');

/** Real programs, one file at a time. Named `.spec.ts` so that `npm test` does not run them. */
/** @type {import('jest').Config} */
module.exports = {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/backends'],
  testMatch: ['**/*.spec.ts'],
  maxWorkers: 1,
};
