const base = require('../../jest.config.cjs');

/** The examples as a user has them: installed, built and started. Named `.spec.ts` so that `npm test` leaves them alone. */
/** @type {import('jest').Config} */
module.exports = {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/frameworks'],
  testMatch: ['**/*.spec.ts'],
  maxWorkers: 1,
};
