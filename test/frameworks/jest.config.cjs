const base = require('../../jest.config.cjs');

/** The examples as users have them: installed, built and started. Named `.spec.ts` so that `npm test` does not run them. */
/** @type {import('jest').Config} */
module.exports = {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/frameworks'],
  testMatch: ['**/*.spec.ts'],
  maxWorkers: 1,
};
