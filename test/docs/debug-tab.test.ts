import { startNode } from '../support/child.js';
import { read } from './pages.js';

const [, source = ''] = /<!-- program -->\n```js\n(.*?)```/s.exec(read('docs/debug-tab.md')) ?? [];

test("the page's program answers authorised requests only", async () => {
  const child = startNode({ source, type: 'module' });
  const url = (await child.line('http:')).trim();
  const ask = (headers: Record<string, string>) => fetch(`${url}state?chat=c`, { headers });
  const state = await ask({ authorization: 'Bearer me' });
  expect(await state.json()).toMatchObject({ version: 1, isShown: false, capture: 'errors' });
  expect((await ask({})).status).toBe(404);
  child.kill();
  await child.ended;
});
