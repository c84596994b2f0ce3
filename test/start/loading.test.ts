import { join, sep } from 'node:path';
import { REPOSITORY, runNode } from '../support/child.js';
import { type Endpoints, startEndpoints } from './support/endpoints.js';
import { IMPORT_REGISTER, program, REQUIRE_REGISTER } from './support/program.js';

const OURS = [join(REPOSITORY, 'dist', sep), join(REPOSITORY, 'node_modules', '@opentelemetry', 'api', sep)];

let endpoints: Endpoints;
beforeAll(async () => {
  endpoints = await startEndpoints();
});
afterAll(() => endpoints.close());

/** What is loaded of neither this package nor OpenTelemetry's API. */
const FOREIGN = `Object.keys(require.cache).filter((file) => file !== __filename
  && !${JSON.stringify(OURS)}.some((folder) => file.startsWith(folder)))`;

const LOADED = "const loaded = () => Object.keys(require.cache).some((file) => file.includes('sdk-trace'));";

test.each([
  ['--import', IMPORT_REGISTER],
  ['--require', REQUIRE_REGISTER],
])('%s loads the API and our own files, and no network', async (_, nodeOptions) => {
  const source = `const loaded = process.moduleLoadList.filter((name) => / (http2?|https|internal\\/deps\\/undici\\/undici)$/.test(name));
    console.log(JSON.stringify([Object.keys(require.cache).length > 20, ${FOREIGN}, loaded]));`;
  const { stdout, stderr } = await runNode({ source, type: 'commonjs' }, { nodeOptions, env: endpoints.env });
  expect([JSON.parse(stdout), stderr]).toEqual([[true, [], []], '']);
});

test('a run that is not kept loads nothing', async () => {
  const body = `${LOADED} await turn('healthy'); await withRun({}, () => 1);
    setImmediate(() => setImmediate(() => console.log(loaded())));`;
  const env = { ...endpoints.env, CHATDEBUG_CAPTURE: 'errors' };
  const ended = await runNode(program(body, 'commonjs'), { nodeOptions: IMPORT_REGISTER, env });
  expect(ended).toMatchObject({ code: 0, stdout: 'false\n', stderr: '' });
});

test.each([
  ['a run in full capture', 'full', 'ask()'],
  [
    'a failed run',
    'errors',
    "ask().then(() => Promise.reject(new Error('odd'))).catch((e) => { seen.push(loaded()); throw e; })",
  ],
])('%s loads the rest, after the call and not inside it', async (_, capture, call) => {
  const before = endpoints.receiver.spans.length;
  const body = `${LOADED}
    const seen = [];
    await withRun({}, async () => {
      await withStep({}, () => ${call}).catch(() => {});
      seen.push(loaded());
    });
    seen.push(loaded());
    const wait = setInterval(() => {
      if (!loaded()) return;
      clearInterval(wait);
      console.log(seen.includes(true));
    }, 1);`;
  const env = { ...endpoints.env, CHATDEBUG_CAPTURE: capture };
  const ended = await runNode(program(body, 'commonjs'), { nodeOptions: IMPORT_REGISTER, env });
  expect(ended).toMatchObject({ code: 0, stdout: 'false\n', stderr: '' });
  expect(endpoints.receiver.spans.length - before).toBe(2);
});
