import { join, sep } from 'node:path';
import { REPOSITORY, runNode } from '../support/child.js';
import { buildTree } from '../support/tree.js';
import { type Endpoints, startEndpoints } from './support/endpoints.js';
import { IMPORT_REGISTER, program, REQUIRE_REGISTER } from './support/program.js';

const DIST = join(REPOSITORY, 'dist', sep);
const API = join(REPOSITORY, 'node_modules', '@opentelemetry', 'api', sep);

let endpoints: Endpoints;
beforeEach(async () => {
  endpoints = await startEndpoints();
});
afterEach(() => endpoints.close());

/** For a program: `ours()` and `foreign()` are the loaded modules of this package and of others, except OpenTelemetry's API. */
const LOADED = `const cached = () => Object.keys(require.cache).filter((file) => file !== __filename);
  const ours = () => cached().filter((file) => file.startsWith(${JSON.stringify(DIST)})).map((file) => file.slice(${DIST.length}));
  const foreign = () => cached().filter((file) => ![${JSON.stringify(DIST)}, ${JSON.stringify(API)}].some((f) => file.startsWith(f)));
  const writes = (file) => ['delivery.js', 'provider.js', 'span-writer.js'].includes(file);`;

/** A failed turn that is kept. */
const FAILED = `const failed = (chatId) => withRun({ chatId }, () =>
    withStep({}, () => ask().then(() => Promise.reject(new Error('odd'))))).catch(() => {});`;

const start = (body: string, capture = 'errors', env: Record<string, string> = {}) =>
  runNode(program(`${LOADED}\n${FAILED}\n${body}`, 'commonjs'), {
    nodeOptions: IMPORT_REGISTER,
    env: { ...endpoints.env, CHATDEBUG_CAPTURE: capture, ...env },
  });

const chats = () =>
  buildTree(endpoints.receiver.spans)
    .map(({ chatId }) => chatId)
    .sort();

test.each([
  ['--import', IMPORT_REGISTER],
  ['--require', REQUIRE_REGISTER],
])('%s loads the API and few files of the package', async (_, nodeOptions) => {
  const source = `${LOADED} console.log(JSON.stringify([ours().sort(), foreign()]));`;
  const { stdout, stderr } = await runNode({ source, type: 'commonjs' }, { nodeOptions, env: endpoints.env });
  const [ours, foreign] = JSON.parse(stdout);
  expect([ours, foreign, stderr]).toEqual([['register.js', 'start.js'], [], '']);
});

test('code that records calls is loaded with the first of them, code that judges responses with its response', async () => {
  const body = `const parts = () => ours().filter((file) => ['recording.js', 'judging.js'].includes(file)).sort().join();
    const seen = [parts()];
    await fetch(process.env.PROVIDER_URL + '/health', { method: 'POST', body: '{}' }).then((other) => other.text());
    seen.push(parts());
    const asked = ask();
    const look = () => {
      if (parts() === '') return setImmediate(look);
      seen.push(parts());
    };
    look();
    await asked;
    seen.push(parts());
    console.log(JSON.stringify(seen));`;
  const { stdout, stderr } = await start(body);
  expect([JSON.parse(stdout), stderr]).toEqual([['', '', 'recording.js', 'judging.js,recording.js'], '']);
});

test('code that records calls is loaded without a call in a long-running process', async () => {
  const body = `const look = () => {
      if (!ours().includes('recording.js')) return setTimeout(look, 10);
      console.log('loaded');
    };
    look();`;
  expect(await start(body)).toMatchObject({ code: 0, stdout: 'loaded\n', stderr: '' });
});

test('start-up loads no large module of Node.js', async () => {
  const program = (module: string) => ({
    type: 'commonjs' as const,
    source: `require(${JSON.stringify(module)}); console.log(process.moduleLoadList.join());`,
  });
  const [api = '', register = ''] = await Promise.all(
    ['@opentelemetry/api', 'opentelemetry-instrumentation-chatdebug/register'].map(
      async (module) => (await runNode(program(module), { env: endpoints.env })).stdout,
    ),
  );
  const alone = new Set(api.split(','));
  const added = register.split(',').filter((name) => !alone.has(name));
  const large =
    /^NativeModule (crypto|fs\/promises|https?|http2|net|perf_hooks|stream|tls|worker_threads|zlib|internal\/deps\/.*)$/;
  expect(added.filter((name) => large.test(name))).toEqual([]);
});

test('a run that is not kept loads no code that writes spans', async () => {
  const body = `await turn('healthy'); await withRun({}, () => 1);
    setImmediate(() => setImmediate(() => console.log(ours().some(writes), foreign().length)));`;
  expect(await start(body)).toMatchObject({ code: 0, stdout: 'false 0\n', stderr: '' });
});

test.each([
  ['a run in full capture', 'full', "turn('c')"],
  ['a failed run', 'errors', "failed('c')"],
])('%s loads the rest after the call, one part in each turn, and no package', async (_, capture, call) => {
  const body = `const calls = ${call};
    let turns = 0;
    let isOver = false;
    const seen = new Map();
    calls.then(() => { isOver = !ours().some(writes); });
    const look = () => {
      turns += 1;
      for (const file of ours()) if (writes(file) && !seen.has(file)) seen.set(file, turns);
      if (seen.size < 3) return setImmediate(look);
      console.log(isOver, new Set(seen.values()).size, foreign().length);
    };
    look();`;
  expect(await start(body, capture)).toMatchObject({ code: 0, stdout: 'true 3 0\n', stderr: '' });
  expect(chats()).toEqual(['c']);
});

/** Resolves when the first part is loaded, and the others are not. */
const WHILE_LOADING = `const whileLoading = (act) => {
    const look = () => {
      const parts = ours().filter(writes).length;
      if (parts === 0) return setImmediate(look);
      if (parts > 1) throw new Error('loaded already');
      act();
    };
    look();
  };`;

test.each([
  ['the process exits', 'process.exit(0)', { code: 0 }],
  ['an error ends it', "throw new Error('ours to see')", { code: 1 }],
  [
    'a signal ends it',
    "process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 9e3)",
    { signal: 'SIGTERM' },
  ],
  ['somebody flushes', 'chatDebug().forceFlush().then(() => process.reallyExit(0))', { code: 0 }],
  ['the recording stops', 'chatDebug().shutdown().then(() => process.reallyExit(0))', { code: 0 }],
  ['more fails', "failed('second'); failed('third')", { code: 0 }],
])('nothing is lost if %s during loading', async (_, act, expected) => {
  const body = `const { chatDebug } = require('opentelemetry-instrumentation-chatdebug');
    ${WHILE_LOADING}
    whileLoading(() => { ${act}; });
    await failed('first');`;
  expect(await start(body)).toMatchObject(expected);
  expect(chats()).toEqual(act.includes('second') ? ['first', 'second', 'third'] : ['first']);
});

test('if loading fails, spans are lost, counted and reported, and the application continues', async () => {
  const body = `const { chatDebug } = require('opentelemetry-instrumentation-chatdebug');
    const Module = require('node:module');
    const load = Module._load;
    Module._load = (name, ...rest) => {
      if (name.endsWith('provider.js')) throw new Error('no such file');
      return load(name, ...rest);
    };
    await failed('c');
    await chatDebug().forceFlush();
    const { kept, lost, undecided } = chatDebug().stats().runs;
    console.log(JSON.stringify({ kept, lost, undecided }), await turn('healthy') !== undefined);`;
  const ended = await start(body, 'errors', { OTEL_LOG_LEVEL: 'warn' });
  expect(ended).toMatchObject({
    code: 0,
    stdout: '{"kept":0,"lost":{"not_written":1},"undecided":0} true\n',
    stderr: expect.stringContaining('a record could not be written'),
  });
});
