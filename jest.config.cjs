const swc = (parser) => [
  '@swc/jest',
  { jsc: { target: 'es2023', parser: { syntax: parser } }, module: { type: 'commonjs' } },
];

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // Chooses the random seed, and builds what child processes run.
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  // Half of the tests wait for a child process or a socket: a worker for each core keeps them all busy.
  maxWorkers: '100%',
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
