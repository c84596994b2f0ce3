import { runNode } from '../support/child.js';
import { type Endpoints, startEndpoints } from './support/endpoints.js';
import { IMPORT_REGISTER, program } from './support/program.js';

let endpoints: Endpoints;
beforeAll(async () => {
  endpoints = await startEndpoints();
});
afterAll(() => endpoints.close());

/** If promises are tracked, each of them has its own async id (Node's documentation of `async_hooks`). */
const FOLLOWED = `import { executionAsyncId } from 'node:async_hooks';
  const idOfAPromise = () => Promise.resolve().then(executionAsyncId);
  const followed = async () => (await idOfAPromise()) !== (await idOfAPromise());`;

test.each([
  ['errors', 0],
  ['full', 2],
])('automatic runs and their export (%s) do not make Node track promises', async (capture, spans) => {
  const before = endpoints.receiver.spans.length;
  const body = `${FOLLOWED}
    const during = [];
    for (let call = 0; call < 3; call++) {
      await ask();
      during.push(await followed());
    }
    const flushed = chatDebug().forceFlush();
    const exporting = setInterval(async () => during.push(await followed()), 1);
    await flushed;
    clearInterval(exporting);
    during.push(await followed());
    console.log(during.includes(true));`;
  const env = { ...endpoints.env, CHATDEBUG_CAPTURE: capture };
  const ended = await runNode(program(body), { nodeOptions: IMPORT_REGISTER, env });
  expect(ended).toMatchObject({ code: 0, stdout: 'false\n', stderr: '' });
  expect(endpoints.receiver.spans.length - before).toBe(3 * spans);
});
