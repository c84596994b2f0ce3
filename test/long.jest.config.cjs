const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const base = require('./by-version.jest.config.cjs');

// Inherited by the workers. Read by `runs` in test/support/property.ts.
process.env.CHATDEBUG_TEST_LONG = '1';

/** Tests that do more in a long run. */
const LONGER = readdirSync(__dirname, { recursive: true })
  .filter((path) => path.endsWith('.test.ts') && !path.includes('node_modules'))
  .filter((path) => readFileSync(join(__dirname, path), 'utf8').includes('support/property.js'));

/**
 * Properties with many more runs, the checks in `*.long.ts` that measure time, and tests that can differ between versions
 * of Node.js. The other tests would only repeat `npm test`.
 *
 * @type {import('jest').Config}
 */
module.exports = {
  ...base,
  testRegex: [
    ...base.testRegex,
    '\\.long\\.ts$',
    ...LONGER.map((path) => `/test/${path.replaceAll('.', '\\.')}$`),
  ],
};
