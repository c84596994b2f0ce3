const base = require('../frameworks/jest.config.cjs');

/** `recordedFetch` and `installFetch` on Bun and Deno, in Cloudflare Workers and in Vercel's Edge Runtime. */
/** @type {import('jest').Config} */
module.exports = { ...base, roots: ['<rootDir>/test/runtimes'] };
