const base = require('../frameworks/jest.config.cjs');

/** The package in the tests of an application with fake timers. */
/** @type {import('jest').Config} */
module.exports = { ...base, roots: ['<rootDir>/test/fake-clocks'] };
