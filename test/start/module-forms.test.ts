import * as manifest from '../../package.json';
import { runNode } from '../support/child.js';
import { buildTree } from '../support/tree.js';
import { type Endpoints, startEndpoints } from './support/endpoints.js';
import { IMPORT_REGISTER, PACKAGE, TURN } from './support/program.js';

const ENTRIES = ['.', './ai-sdk', './query', './debug-tab'] as const;

let endpoints: Endpoints;
beforeEach(async () => {
  endpoints = await startEndpoints();
});
afterEach(() => endpoints.close());

test.each(ENTRIES)('%s as an ES module and as CommonJS is one module, with the same names', async (entry) => {
  const name = JSON.stringify(entry.replace('.', PACKAGE));
  const source = `import { createRequire } from 'node:module';
    import { fileURLToPath } from 'node:url';
    import * as module from ${name};
    const require = createRequire(import.meta.url);
    const commonJs = require(${name});
    const names = Object.keys(module);
    console.log(fileURLToPath(import.meta.resolve(${name})).replaceAll('\\\\', '/'));
    console.log(names.length > 0, names.length === Object.keys(commonJs).length, names.every((it) => module[it] === commonJs[it]));`;
  const { stdout, stderr } = await runNode({ source, type: 'module' });
  const [file, ...same] = stdout.split('\n');
  expect([file?.endsWith(manifest.exports[entry].import.slice(1)), same[0], stderr]).toEqual([
    true,
    'true true true',
    '',
  ]);
});

test('a run of an ES module has the steps of a CommonJS file that it calls', async () => {
  const source = `import { createRequire } from 'node:module';
    import { chatDebug, withRun, withStep } from '${PACKAGE}';
    const commonJs = createRequire(import.meta.url)('${PACKAGE}');
    ${TURN}
    await withRun({ chatId: 'c', capture: 'full' }, async () => {
      await commonJs.withStep({ operation: 'generate' }, ask);
      await withStep({ operation: 'generate' }, ask);
    });
    await commonJs.chatDebug().forceFlush();
    console.log(chatDebug() === commonJs.chatDebug());`;
  endpoints.provider.reply({ type: 'json', body: {} });
  const ended = await runNode(
    { source, type: 'module' },
    { nodeOptions: IMPORT_REGISTER, env: endpoints.env },
  );
  expect(ended).toMatchObject({ code: 0, stdout: 'true\n', stderr: '' });
  const runs = buildTree(endpoints.receiver.spans);
  expect(runs.map(({ chatId, steps }) => [chatId, steps.length])).toEqual([['c', 2]]);
});
