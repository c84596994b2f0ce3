import { type Program, runNode } from '../support/child.js';
import { buildTree } from '../support/tree.js';
import { type Endpoints, startEndpoints } from './support/endpoints.js';
import { IMPORT_REGISTER, PACKAGE, program, REQUIRE_REGISTER } from './support/program.js';

let endpoints: Endpoints;
beforeEach(async () => {
  endpoints = await startEndpoints();
});
afterEach(() => endpoints.close());

const run = (app: Program, nodeOptions: readonly string[] = IMPORT_REGISTER) =>
  runNode(app, { env: endpoints.env, nodeOptions });
const chats = () => buildTree(endpoints.receiver.spans).map(({ chatId }) => chatId);

const OPENAI = `const client = new OpenAI({ apiKey: 'sk-none', baseURL: process.env.PROVIDER_URL + '/v1' });
const question = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello?' }] };
withRun({ chatId: 'c' }, () => withStep({}, () => client.chat.completions.create(question))).then(({ choices }) =>
  console.log(choices[0].message.content));`;

describe.each([
  ['--import', IMPORT_REGISTER],
  ['--require', REQUIRE_REGISTER],
])('%s', (_, nodeOptions) => {
  test.each([
    {
      type: 'module',
      source: `import OpenAI from 'openai'; import { withRun, withStep } from '${PACKAGE}';\n${OPENAI}`,
    },
    {
      type: 'commonjs',
      source: `const OpenAI = require('openai'); const { withRun, withStep } = require('${PACKAGE}');\n${OPENAI}`,
    },
  ] as const)('records a $type application', async (app) => {
    const ended = await run(app, nodeOptions);
    expect(ended).toEqual({ code: 0, signal: null, stdout: 'Hello.\n', stderr: '' });
    expect(buildTree(endpoints.receiver.spans)).toMatchObject([
      {
        chatId: 'c',
        status: 'completed',
        steps: [{ number: 1, attempts: [{ number: 1, statusCode: 200 }] }],
      },
    ]);
  });
});

test('an ES module has every public name', async () => {
  const source = `import * as all from '${PACKAGE}'; console.log(Object.keys(all).sort().join(' '));`;
  const required = {
    type: 'commonjs',
    source: `console.log(Object.keys(require('${PACKAGE}')).sort().join(' '))`,
  };
  const [imported, { stdout }] = await Promise.all([
    run({ type: 'module', source }, []),
    run(required as Program, []),
  ]);
  const names = stdout.trim().split(' ');
  expect(names).toEqual(expect.arrayContaining(['startChatDebug', 'startRun', 'withRun', 'withStep']));
  expect(imported.stdout.trim().split(' ')).toEqual(expect.arrayContaining(names));
});

test('it does not keep a process alive', async () => {
  const app: Program = ['-p', 'JSON.stringify(process.getActiveResourcesInfo())'];
  const [bare, registered] = await Promise.all([run(app, []), run(app)]);
  expect(registered).toEqual({ ...bare, code: 0, stderr: '' });
});

test('a process without runs has one beforeExit, as before', async () => {
  const app: Program = ['-e', "process.on('beforeExit', () => console.log('beforeExit'))"];
  expect(await run(app)).toEqual({ code: 0, signal: null, stdout: 'beforeExit\n', stderr: '' });
});

test('a turn begun by a beforeExit listener of the application is delivered too', async () => {
  const body = "await turn('first'); process.once('beforeExit', () => turn('last'));";
  expect(await run(program(body))).toMatchObject({ code: 0, stderr: '' });
  expect(chats()).toEqual(['first', 'last']);
});

test.each([
  ['a custom exit code', 'process.exitCode = 3;', { code: 3, stderr: '' }],
  ['process.exit', 'process.exit(4);', { code: 4, stderr: '' }],
  ['an uncaught error', "throw new Error('ours to see');", { code: 1 }],
  ['a promise that never settles', 'await new Promise(() => {});', { code: 13 }],
  [
    'a signal',
    "process.kill(process.pid, 'SIGTERM'); await new Promise((r) => setTimeout(r, 9e3));",
    { signal: 'SIGTERM' },
  ],
])('%s ends it as without the package', async (_, end, expected) => {
  const body = `await turn('c'); ${end}`;
  const [bare, registered] = await Promise.all([run(program(body), []), run(program(body))]);
  expect(registered).toMatchObject(expected);
  const lines = (stderr: string) => stderr.split('\n').length;
  expect({ ...registered, stderr: lines(registered.stderr) }).toEqual({
    ...bare,
    stderr: lines(bare.stderr),
  });
});

test('a normal exit delivers the recorded runs, also with an exit code and an unsettled top-level await', async () => {
  await run(program("await turn('one'); process.exitCode = 3;"));
  await run(program("await turn('two'); await new Promise(() => {});"));
  expect(chats()).toEqual(['one', 'two']);
});
