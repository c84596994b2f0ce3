const base = require('../jest.config.cjs');

// The workers inherit it. `runs` in test/support/property.ts reads it.
process.env.CHATDEBUG_TEST_LONG = '1';

/**
 * All tests, properties with many more runs, and the checks in `*.long.ts` that measure time.
 *
 * @type {import('jest').Config}
 */
module.exports = { ...base, rootDir: '..', testMatch: ['**/*.test.ts', '**/*.long.ts'] };
