import { startNode } from '../support/child.js';
import { startProvider } from '../support/provider.js';
import { codeBlocks, read } from './pages.js';

const page = read('docs/debug-tab.md');
const [program = '', sources = '', watching = '', ...others] = codeBlocks('js', page);

test('it has only the programs that are tested below', () => {
  expect(others).toEqual([]);
});

test("the page's program answers authorised requests only", async () => {
  const child = startNode({ source: program, type: 'module' });
  const url = (await child.line('http:')).trim();
  const ask = (headers: Record<string, string>) => fetch(`${url}state?chat=c`, { headers });
  const state = await ask({ authorization: 'Bearer me' });
  expect(await state.json()).toMatchObject({ version: 1, isShown: false, capture: 'errors' });
  expect((await ask({})).status).toBe(404);
  child.kill();
  await child.ended;
});

const PACKAGE = 'opentelemetry-instrumentation-chatdebug';

test('a list of sources is a source', async () => {
  const source = `
    import { startChatDebug } from '${PACKAGE}';
    import { createDebugTab, processRuns } from '${PACKAGE}/debug-tab';
    import { jaegerRuns } from '${PACKAGE}/query';
    startChatDebug();
    ${sources}
    console.log(typeof createDebugTab({ source, authorize: () => true }));
    process.exit();`;
  expect(await startNode({ source, type: 'module' }).ended).toMatchObject({ code: 0, stdout: 'function\n' });
});

test('runs in progress are printed while their call runs', async () => {
  const provider = await startProvider();
  provider.reply({ type: 'hang', when: 'in-body' });
  const source = `
    import { startChatDebug, withRun } from '${PACKAGE}';
    const handle = startChatDebug();
    const request = { signal: undefined };
    void withRun({ chatId: 'chat-1' }, async () => {
      const body = JSON.stringify({ model: 'm', messages: [] });
      await (await fetch('${provider.url}/v1/chat/completions', { method: 'POST', body })).text();
    });
    ${watching}`;
  const child = startNode({ source, type: 'module' });
  expect(await child.line('chat_turn')).toMatch(/^[\w-]{36} chat_turn 1 \d{13}\S* \d+ \d/);
  child.kill();
  await child.ended;
  await provider.close();
});
