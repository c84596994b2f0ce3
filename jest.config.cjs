const { availableParallelism } = require('node:os');

const swc = (parser) => [
  '@swc/jest',
  { jsc: { target: 'es2023', parser: { syntax: parser } }, module: { type: 'commonjs' } },
];

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: '<rootDir>/test/support/environment.cjs',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // Chooses the random seed, and builds what child processes run.
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  // Shared by all configurations: jest then knows how long a file took in `npm test`, and starts the longest first.
  id: 'chatdebug',
  // A file waits almost half of its time, for child processes, sockets and timers.
  maxWorkers: 2 * availableParallelism(),
  // jest leaves part of each file in memory, up to 2 GB after 150 files. Collecting garbage then takes seconds.
  workerIdleMemoryLimit: '1GB',
  // A busy machine is no failure; what must be quick is measured in bench/.
  testTimeout: 300_000,
  transform: {
    '\\.[cm]?ts$': swc('typescript'),
    // The OTLP exporter loads node:http by a dynamic import, which jest can't run as it stands.
    'otlp-exporter-base/.+\\.js$': swc('ecmascript'),
    // An ES module.
    'node_modules/leven/.+\\.js$': swc('ecmascript'),
  },
  transformIgnorePatterns: [
    '/node_modules/(?!(?:(?:.+/node_modules/)?@opentelemetry/otlp-exporter-base|leven)/)',
  ],
  // Sources name their imports as Node resolves them (`./kind.js`); under jest the file is `./kind.ts`.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
};
