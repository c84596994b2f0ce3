/**
 * Imports go one way: a folder or file may import only those above it in this list. Types count as imports too.
 */
const LAYERS = [
  'semconv|async-storage|memoize|types|clock|version|self-diagnostics|runtime-warnings|content-kind|loading|retry-after',
  'query',
  'redact',
  'error',
  'wire',
  'verdict',
  'sampling|delivery',
  'attempt/body',
  'attempt',
  'step',
  'run',
  'config',
  'handle',
  'process-state',
  'tracing',
  'metrics',
  'nothing-started',
  'api',
  'ai-sdk',
  'recorded-fetch',
  'recording',
  'start|chat-debug',
  'instrumentation',
  'edge',
  'index|register',
  'case',
  'debug-tab',
  'replay|minimise',
  'command|doctor|viewer',
  'cli',
];

const path = (layers) => `^src/(${layers.join('|')})(/|\\.ts$)`;

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...LAYERS.slice(0, -1).map((layer, index) => ({
      name: `nothing-above-${layer.split('|')[0].replace('/', '-')}`,
      severity: 'error',
      // `attempt/body` is above the rest of `attempt`.
      from:
        layer === 'attempt'
          ? { path: path([layer]), pathNot: path(['attempt/body']) }
          : { path: path([layer]) },
      to:
        layer === 'attempt/body'
          ? { path: path(LAYERS.slice(index + 1)), pathNot: path([layer]) }
          : { path: path(LAYERS.slice(index + 1)) },
    })),
    {
      name: 'query-stands-alone',
      comment: 'It is loaded only by code that queries a backend, never with the recording.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(query|debug-tab|case|viewer|replay|minimise|cli)/' },
      to: { path: '^src/query/' },
    },
    {
      name: 'ui-runs-in-browsers',
      comment:
        'The contract has types only. The .tsx files are checked by the build, since the parser here does not read them.',
      severity: 'error',
      from: { path: '^src/ui/' },
      to: {
        pathNot: '^(src/ui/|src/(semconv|debug-tab/contract)\\.ts$|(node_modules|.*/node_modules)/preact/)',
      },
    },
    {
      name: 'ui-stands-alone',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/ui/' },
      to: { path: '^src/ui/' },
    },
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphan',
      severity: 'error',
      from: { orphan: true, pathNot: '^src/(tsconfig\\.json|version\\.ts|ui/.*)$' },
      to: {},
    },
    {
      name: 'recording-needs-no-sdk',
      comment:
        'Only the private pipeline loads OpenTelemetry SDK packages; everything else needs the API alone.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: '^src/(tracing/(provider|own-tracer)|sampling/.*|delivery/.*|config/(config|options))\\.ts$',
      },
      to: { path: 'node_modules/@opentelemetry/(?!api/)' },
    },
    {
      name: 'undici-is-observed-not-loaded',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: 'node_modules/undici/' },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.tsx$' },
  },
};
