import { randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Program, REPOSITORY, runNode } from '../support/child.js';
import { buildTree } from '../support/tree.js';
import { type Endpoints, startEndpoints } from './support/endpoints.js';
import { IMPORT_REGISTER, PACKAGE, program, REQUIRE_REGISTER, TURN } from './support/program.js';

/** Two copies of the built package, as a bundler makes them. */
const copies = join(REPOSITORY, '.cache', `copies-${randomUUID()}`);
const copyOf = (name: string) => join(copies, name, 'node_modules', PACKAGE);
let endpoints: Endpoints;
beforeAll(() => {
  for (const name of ['a', 'b', 'other version']) {
    mkdirSync(copyOf(name), { recursive: true });
    for (const part of ['dist', 'package.json'])
      cpSync(join(REPOSITORY, part), join(copyOf(name), part), { recursive: true });
  }
  const dist = join(copyOf('other version'), 'dist');
  for (const file of readdirSync(dist).filter((name) => name.endsWith('.js')))
    writeFileSync(join(dist, file), readFileSync(join(dist, file), 'utf8').replaceAll('0.1.0', '9.9.9'));
});
afterAll(() => rmSync(copies, { recursive: true }));
beforeEach(async () => {
  endpoints = await startEndpoints();
});
afterEach(() => endpoints.close());

const WARNING =
  /^\(node:\d+\) \[CHATDEBUG\] ChatDebugWarning: Ignored the second start: recording is already started in this process, with the options of the first start\n\(Use `node --trace-warnings .*\n$/;

async function runTwice(app: Program, nodeOptions: readonly string[] = []) {
  const ended = await runNode(app, { nodeOptions, env: endpoints.env });
  expect(ended).toMatchObject({ code: 0, stderr: expect.stringMatching(WARNING) });
  return { stdout: ended.stdout.trim(), runs: buildTree(endpoints.receiver.spans) };
}

const turn = (chatId: string) => ({
  chatId,
  status: 'completed',
  steps: [{ number: 1, attempts: [{ number: 1, statusCode: 200 }] }],
});

test('in code: one start, the handle of the first, one warning', async () => {
  const body = `const first = startChatDebug();
    console.log(startChatDebug({ capture: 'off' }) === first); await turn('c');`;
  const { stdout, runs } = await runTwice(program(body));
  expect(stdout).toBe('true');
  expect(runs).toMatchObject([turn('c')]);
});

test('by --import, then in code: the handle is that of the first', async () => {
  const body = "const handle = startChatDebug(); await turn('c'); await handle.shutdown(); await turn('d')";
  const { runs } = await runTwice(program(body), IMPORT_REGISTER);
  expect(runs).toMatchObject([turn('c')]);
  expect(runs).toHaveLength(1);
});

test('by --require and --import of one copy: the module is loaded once, without a warning', async () => {
  const nodeOptions = [...REQUIRE_REGISTER, ...IMPORT_REGISTER];
  const ended = await runNode(program("await turn('c');"), { nodeOptions, env: endpoints.env });
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(buildTree(endpoints.receiver.spans)).toMatchObject([turn('c')]);
});

describe('two copies of the package', () => {
  const withCopies = (body: string, second = 'b') => ({
    type: 'commonjs' as const,
    source: `const [a, b] = ${JSON.stringify([copyOf('a'), copyOf(second)])}.map((path) => require(path));
      if (a.withRun === b.withRun) throw new Error('one copy');
      const { withRun, withStep } = a;
      ${TURN}
      (async () => { ${body} })();`,
  });

  test('start once and share the run in the context', async () => {
    const { stdout, runs } = await runTwice(
      withCopies(`const first = a.startChatDebug();
        const same = b.startChatDebug() === first;
        await a.withRun({ chatId: 'a around b' }, () => b.withStep({}, ask));
        await b.withRun({ chatId: 'b around a' }, async () => {
          await a.withStep({}, () => b.withStep({}, ask));
          await a.reuseStep(async () => { await b.withStep({}, ask); await a.withStep({}, ask); });
        });
        const run = b.startRun({ chatId: 'by hand' });
        await run.with(() => a.withStep({}, ask));
        run.end();
        console.log(same);`),
    );
    expect(stdout).toBe('true');
    expect(runs).toMatchObject([
      turn('a around b'),
      {
        chatId: 'b around a',
        steps: [{ attempts: [{ statusCode: 200 }] }, { attempts: [{ number: 1 }, { number: 2 }] }],
      },
      turn('by hand'),
    ]);
  });

  test('a run of one is joined by its id through the other', async () => {
    const app = withCopies(`a.startChatDebug(); b.startChatDebug();
      const run = b.startRun({ chatId: 'c' });
      await a.withRun({ runId: run.id, chatId: 'joins' }, () => a.withStep({}, ask));
      run.end();`);
    const { runs } = await runTwice(app);
    expect(runs).toMatchObject([turn('c')]);
    expect(endpoints.receiver.spans).toHaveLength(2);
  });

  test('a recording started by one can be shut down and restarted by the other', async () => {
    const app = withCopies(`a.startChatDebug();
      await a.withRun({ chatId: 'first' }, () => b.withStep({}, ask));
      await b.startChatDebug().shutdown();
      await a.withRun({ chatId: 'nobody listens' }, () => b.withStep({}, ask));
      b.startChatDebug();
      await a.withRun({ chatId: 'second' }, () => a.withStep({}, ask));`);
    const { runs } = await runTwice(app);
    expect(runs).toMatchObject([turn('first'), turn('second')]);
  });

  describe('of different versions', () => {
    const apart = (body: string) => withCopies(body, 'other version');

    test('the second start warns that it records nothing, and the first continues', async () => {
      const app = apart(`a.startChatDebug(); b.startChatDebug();
        await a.withRun({ chatId: 'first' }, () => a.withStep({}, ask));
        console.log(await b.withRun({ chatId: 'other' }, () => b.withStep({}, () => 'called')));`);
      const ended = await runNode(app, { env: endpoints.env });
      expect(ended).toMatchObject({ code: 0, stdout: 'called\n' });
      expect(ended.stderr).toContain(
        'This copy of the package records nothing: it is version 9.9.9, and version 0.1.0 is already started in this process',
      );
      expect(buildTree(endpoints.receiver.spans)).toMatchObject([turn('first')]);
    });

    test('a copy that is only loaded does not affect the other', async () => {
      const app = apart(`a.withRun({}, () => 1); b.startChatDebug();
        await a.withRun({ chatId: 'not started' }, () => a.withStep({}, () => 1));
        await b.withRun({ chatId: 'started' }, () => b.withStep({}, ask));`);
      expect(await runNode(app, { env: endpoints.env })).toMatchObject({ code: 0, stderr: '' });
      expect(buildTree(endpoints.receiver.spans)).toMatchObject([turn('started')]);
    });
  });

  test('by register of one and code of the other', async () => {
    const register = ['--require', join(copyOf('a'), 'dist', 'register.js')];
    const body = "b.startChatDebug(); await b.withRun({ chatId: 'c' }, () => b.withStep({}, ask));";
    const { runs } = await runTwice(withCopies(body), register);
    expect(runs).toMatchObject([turn('c')]);
  });
});
