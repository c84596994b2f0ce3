import type { Finding } from '../../src/doctor/check.js';
import { checkRequests, checkStarted, checkVariables } from '../../src/doctor/environment.js';
import { startChatDebug } from '../../src/index.js';
import { type Application, newApplication } from './support/application.js';

const REGISTER = '--import opentelemetry-instrumentation-chatdebug/register';

let app: Application;
beforeEach(() => {
  app = newApplication();
});
afterEach(() => app.remove());

test.each([
  [
    'package.json',
    { scripts: { dev: 'node app', start: `node ${REGISTER} app.mjs` } },
    'in package.json, script start',
  ],
  ['Dockerfile', `CMD node ${REGISTER} app.mjs`, 'in Dockerfile'],
  [
    'src/instrumentation.ts',
    "import { startChatDebug } from '…';\nstartChatDebug();",
    'in src/instrumentation.ts',
  ],
  ['otel.cjs', 'registerInstrumentations([new ChatDebugInstrumentation()])', 'in otel.cjs'],
])('%s: %s', (path, content, message) => {
  app.write(path, content);
  expect(checkStarted(app.context())).toMatchObject({ state: 'ok', message });
});

test.each([
  ['node_modules/chat/index.js', 'startChatDebug()'],
  ['.git/config.json', 'startChatDebug()'],
  ['README.md', REGISTER],
  ['package.json', { description: REGISTER }],
])('%s with %s starts nothing', (path, content) => {
  app.write(path, content);
  const { state, advice } = checkStarted(app.context());
  expect([state, advice.at(-1)]).toEqual(['warn', expect.stringContaining(REGISTER)]);
});

test('NODE_OPTIONS: only a started recording counts', async () => {
  const env = { NODE_OPTIONS: REGISTER };
  expect(checkStarted(app.context(env))).toMatchObject({ state: 'warn' });
  const handle = startChatDebug();
  expect(checkStarted(app.context(env))).toMatchObject({ state: 'ok' });
  await handle.shutdown();
});

test('requests of both clients are observed, unless something replaces them', async () => {
  expect(await checkRequests(app.context())).toMatchObject({ state: 'ok' });
  const { fetch } = globalThis;
  globalThis.fetch = async () => new Response('mocked');
  try {
    expect(await checkRequests(app.context())).toMatchObject({
      state: 'fail',
      message: 'requests by fetch are not observed',
    });
  } finally {
    globalThis.fetch = fetch;
  }
});

const CASES: [Record<string, string>, Finding['state'], message: string, ...advice: string[]][] = [
  [{}, 'ok', 'none set, the defaults apply'],
  [{ CHATDEBUG_CAPTURE: ' ', PATH: '/bin' }, 'ok', 'none set, the defaults apply'],
  [{ CHATDEBUG_CAPTURE: 'full', CHATDEBUG_MAX_RUNS: '5' }, 'ok', 'CHATDEBUG_CAPTURE, CHATDEBUG_MAX_RUNS'],
  [
    { CHATDEBUG_CAPTURE: 'everything', CHATDEBUG_RETAIN: 'all', CHATDEBUG_CAPTRUE: 'full' },
    'fail',
    '2 invalid variables',
    'Invalid CHATDEBUG_CAPTURE "everything": expected errors, full or off',
    'Invalid CHATDEBUG_RETAIN "all": expected failing or run',
    'Unknown variable CHATDEBUG_CAPTRUE: did you mean CHATDEBUG_CAPTURE?',
  ],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'user:topsecret@collector' },
    'fail',
    'an invalid variable',
    'Invalid OTEL_EXPORTER_OTLP_ENDPOINT "collector": expected an http or https URL',
  ],
  [
    { CHATDEBUG_ANYTHING_ELSE_AT_ALL: '1' },
    'warn',
    'valid, with warnings',
    'Unknown variable CHATDEBUG_ANYTHING_ELSE_AT_ALL',
  ],
  [
    { CHATDEBUG_OTLP_PROTOCOL: 'grpc', CHATDEBUG_OTLP_ENDPOINT: 'http://collector:4317' },
    'ok',
    'CHATDEBUG_OTLP_PROTOCOL, CHATDEBUG_OTLP_ENDPOINT',
  ],
  [
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/xml' },
    'fail',
    'an invalid variable',
    'Invalid OTEL_EXPORTER_OTLP_PROTOCOL "http/xml": expected http/json, http/protobuf or grpc',
  ],
  [
    { OTEL_SDK_DISABLED: 'true' },
    'warn',
    'valid, with warnings',
    'OTEL_SDK_DISABLED=true disables recording. Run: unset OTEL_SDK_DISABLED',
  ],
  [
    { CHATDEBUG_CAPTURE: 'off', OTEL_LOG_LEVEL: 'loud' },
    'warn',
    'valid, with warnings',
    'CHATDEBUG_CAPTURE=off records only the runs for which captureFor or withRun({ capture }) asks.',
    'Ignored OTEL_LOG_LEVEL "loud": expected none, error, warn, info, debug, verbose or all',
  ],
];

test.each(CASES)('%j', (env, state, message, ...advice) => {
  expect(checkVariables(app.context(env))).toEqual({
    state,
    message,
    advice: expect.arrayContaining(advice),
  });
  expect(checkVariables(app.context(env)).advice).toHaveLength(advice.length);
});

test('a file that the application may load is reported, by the names in it', () => {
  app.write(
    '.env',
    'OPENAI_API_KEY=topsecret\nCHATDEBUG_CAPTURE=full\nOTEL_EXPORTER_OTLP_HEADERS=a=topsecret\n',
  );
  const { state, advice } = checkVariables(app.context({ CHATDEBUG_CAPTURE: 'errors' }));
  expect([state, advice]).toEqual([
    'warn',
    [expect.stringMatching(/^\.env sets OTEL_EXPORTER_OTLP_HEADERS, which .* doctor$/)],
  ]);
});
