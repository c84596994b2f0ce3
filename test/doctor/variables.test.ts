import type { Finding } from '../../src/doctor/check.js';
import { checkVariables } from '../../src/doctor/variables.js';
import { type Application, newApplication } from './support/application.js';

let app: Application;
beforeEach(() => {
  app = newApplication();
});
afterEach(() => app.remove());

const CASES: [Record<string, string>, Finding['state'], says: string, ...advice: string[]][] = [
  [{}, 'ok', 'none is set: the defaults are in force'],
  [{ CHATDEBUG_CAPTURE: ' ', PATH: '/bin' }, 'ok', 'none is set: the defaults are in force'],
  [{ CHATDEBUG_CAPTURE: 'full', CHATDEBUG_MAX_RUNS: '5' }, 'ok', 'CHATDEBUG_CAPTURE, CHATDEBUG_MAX_RUNS'],
  [
    { CHATDEBUG_CAPTURE: 'everything', CHATDEBUG_RETAIN: 'all', CHATDEBUG_CAPTRUE: 'full' },
    'fail',
    'start-up refuses 2 variables',
    'CHATDEBUG_CAPTURE=everything: takes errors, full or off',
    'CHATDEBUG_RETAIN=all: takes failing or run',
    'CHATDEBUG_CAPTRUE is not known: is CHATDEBUG_CAPTURE meant?',
  ],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'user:topsecret@collector' },
    'fail',
    'start-up refuses a variable',
    'OTEL_EXPORTER_OTLP_ENDPOINT=collector: takes an http or https URL',
  ],
  [
    { CHATDEBUG_ANYTHING_ELSE_AT_ALL: '1' },
    'warn',
    'start-up takes them, but',
    'CHATDEBUG_ANYTHING_ELSE_AT_ALL is not known',
  ],
  [
    { CHATDEBUG_OTLP_PROTOCOL: 'grpc', CHATDEBUG_OTLP_ENDPOINT: 'http://collector:4317' },
    'ok',
    'CHATDEBUG_OTLP_PROTOCOL, CHATDEBUG_OTLP_ENDPOINT',
  ],
  [
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/xml' },
    'fail',
    'start-up refuses a variable',
    'OTEL_EXPORTER_OTLP_PROTOCOL=http/xml: takes http/json, http/protobuf or grpc',
  ],
  [
    { OTEL_SDK_DISABLED: 'true' },
    'warn',
    'start-up takes them, but',
    'OTEL_SDK_DISABLED=true starts nothing. Take it away to record.',
  ],
  [
    { CHATDEBUG_CAPTURE: 'off', OTEL_LOG_LEVEL: 'loud' },
    'warn',
    'start-up takes them, but',
    'CHATDEBUG_CAPTURE=off records only what captureFor or withRun({ capture }) asks for.',
    'OTEL_LOG_LEVEL=loud is no level: takes none, error, warn, info, debug, verbose or all.',
  ],
];

test.each(CASES)('%j', (env, state, says, ...advice) => {
  expect(checkVariables(app.surroundings(env))).toEqual({
    state,
    says,
    advice: expect.arrayContaining(advice),
  });
  expect(checkVariables(app.surroundings(env)).advice).toHaveLength(advice.length);
});

test('a file that the application may load is told of, by the names in it', () => {
  app.write(
    '.env',
    'OPENAI_API_KEY=topsecret\nCHATDEBUG_CAPTURE=full\nOTEL_EXPORTER_OTLP_HEADERS=a=topsecret\n',
  );
  const { state, advice } = checkVariables(app.surroundings({ CHATDEBUG_CAPTURE: 'errors' }));
  expect([state, advice]).toEqual([
    'warn',
    [expect.stringMatching(/^\.env has OTEL_EXPORTER_OTLP_HEADERS, which .* doctor$/)],
  ]);
});
