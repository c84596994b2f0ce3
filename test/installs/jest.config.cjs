const base = require('../frameworks/jest.config.cjs');

/** The packed package, installed by npm, pnpm and Yarn. */
/** @type {import('jest').Config} */
module.exports = { ...base, roots: ['<rootDir>/test/installs'] };
