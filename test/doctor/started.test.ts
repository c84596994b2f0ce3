import { checkRequests } from '../../src/doctor/requests.js';
import { checkStarted } from '../../src/doctor/started.js';
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
])('%s: %s', (path, content, says) => {
  app.write(path, content);
  expect(checkStarted(app.surroundings())).toMatchObject({ state: 'ok', says });
});

test.each([
  ['node_modules/chat/index.js', 'startChatDebug()'],
  ['.git/config.json', 'startChatDebug()'],
  ['README.md', REGISTER],
  ['package.json', { description: REGISTER }],
])('%s with %s starts nothing', (path, content) => {
  app.write(path, content);
  const { state, advice } = checkStarted(app.surroundings());
  expect([state, advice.at(-1)]).toEqual(['warn', expect.stringContaining(REGISTER)]);
});

test('NODE_OPTIONS: only what has started counts', async () => {
  const env = { NODE_OPTIONS: REGISTER };
  expect(checkStarted(app.surroundings(env))).toMatchObject({ state: 'warn' });
  const handle = startChatDebug();
  expect(checkStarted(app.surroundings(env))).toMatchObject({ state: 'ok' });
  await handle.shutdown();
});

test('requests of both clients are seen, unless something takes their place', async () => {
  expect(await checkRequests(app.surroundings())).toMatchObject({ state: 'ok' });
  const { fetch } = globalThis;
  globalThis.fetch = async () => new Response('mocked');
  try {
    expect(await checkRequests(app.surroundings())).toMatchObject({
      state: 'fail',
      says: 'requests by fetch are not seen',
    });
  } finally {
    globalThis.fetch = fetch;
  }
});
