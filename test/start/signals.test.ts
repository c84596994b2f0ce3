import { type Ended, runNode } from '../support/child.js';
import { buildTree } from '../support/tree.js';
import { type Endpoints, startEndpoints } from './support/endpoints.js';
import { IMPORT_REGISTER, program } from './support/program.js';

let endpoints: Endpoints;
beforeEach(async () => {
  endpoints = await startEndpoints();
});
afterEach(() => endpoints.close());

const run = (body: string, env: Record<string, string> = {}): Promise<Ended> =>
  runNode(program(body), {
    nodeOptions: IMPORT_REGISTER,
    env: {
      ...endpoints.env,
      CHATDEBUG_CAPTURE: 'errors',
      CHATDEBUG_KEEP_KINDS: 'generic,timeout',
      ...env,
    },
  });

const tree = () => buildTree(endpoints.receiver.spans);
const chats = () =>
  tree()
    .map(({ chatId }) => chatId)
    .sort();

/** Keeps the process alive, so that only the signal ends it. */
const TERMINATE = "setTimeout(() => {}, 9e3); process.kill(process.pid, 'SIGTERM');";
const FAIL_FIVE = `const fail = (chatId) => withRun({ chatId }, async () => { throw new Error('odd'); });
  await Promise.allSettled(['1', '2', '3', '4', '5'].map(fail));`;
const FIVE = ['1', '2', '3', '4', '5'];

test.each([
  ['SIGTERM', TERMINATE, { code: null, signal: 'SIGTERM' }],
  ['SIGINT', TERMINATE.replace('SIGTERM', 'SIGINT'), { code: null, signal: 'SIGINT' }],
  ['process.exit()', 'process.exit(3);', { code: 3, signal: null }],
  ['an uncaught error', "process.nextTick(() => { throw new Error('uncaught'); });", { code: 1 }],
  [
    'SIGTERM, which the application answers with process.exit(),',
    `process.on('SIGTERM', () => process.exit(4)); ${TERMINATE}`,
    { code: 4 },
  ],
])('%s in the tick in which five runs fail loses none of them', async (_how, end, ended) => {
  expect(await run(`${FAIL_FIVE} ${end}`)).toMatchObject(ended);
  expect(chats()).toEqual(FIVE);
});

test('five refused calls outside every run, and SIGTERM before their responses are read', async () => {
  endpoints.provider.reply({ type: 'json', status: 500, body: { error: { message: 'odd' } } });
  const body = `const url = process.env.PROVIDER_URL + '/v1/chat/completions';
    const refused = (n) => fetch(url, { method: 'POST', body: JSON.stringify({ model: 'm' + n }) });
    const responses = await Promise.all([1, 2, 3, 4, 5].map(refused));
    console.log(responses.map(({ status }) => status).join());
    ${TERMINATE}`;
  const { signal, stdout } = await run(body);
  expect([signal, stdout]).toEqual(['SIGTERM', '500,500,500,500,500\n']);
  expect(tree()).toHaveLength(5);
});

test.each([
  ['a signal', ''],
  ['signal-exit', "const { onExit } = await import('signal-exit'); onExit(() => {});"],
])('a retryable broken stream is evidence when %s ends the process', async (_how, prepare) => {
  endpoints.provider.reply({ type: 'sse', events: [{ data: { choices: [] } }], cutAfter: 1 });
  const body = `${prepare} const url = process.env.PROVIDER_URL + '/v1/chat/completions';
    const response = await fetch(url, { method: 'POST', body: '{"stream":true}' });
    await response.text().catch(() => {});
    ${TERMINATE}`;
  expect(await run(body)).toMatchObject({ signal: 'SIGTERM' });
  expect(tree()).toMatchObject([{ steps: [{ status: 'error', attempts: [{ status: 'failed' }] }] }]);
});

test('a call whose function waits before a retry is evidence when the process ends', async () => {
  endpoints.provider.reply({ type: 'cut', when: 'before-headers' });
  const body = `withRun({ chatId: 'c' }, () => withStep({}, async () => {
      await ask().catch(() => {});
      ${TERMINATE}
      await new Promise((resolve) => setTimeout(resolve, 9e3));
      return ask();
    }));`;
  expect(await run(body)).toMatchObject({ signal: 'SIGTERM' });
  expect(tree()).toMatchObject([{ chatId: 'c', steps: [{ status: 'error' }] }]);
});

test('an application that handles the signal is not blocked: spans are sent meanwhile, the exit waits for the rest', async () => {
  endpoints.receiver.respond(() => ({ type: 'json', body: {}, delayMillis: 1_000 }));
  const body = `${FAIL_FIVE}
    const { monitorEventLoopDelay } = await import('node:perf_hooks');
    await new Promise((resolve) => setTimeout(resolve, 100));
    process.once('SIGTERM', () => {
      const at = performance.now();
      setImmediate(() => {
        console.log(Math.round(performance.now() - at));
        setTimeout(() => process.exit(0), 50);
      });
    });
    ${TERMINATE}`;
  const { code, stdout } = await run(body, { OTEL_BSP_SCHEDULE_DELAY: '60000' });
  expect(code).toBe(0);
  expect(Number(stdout)).toBeLessThan(900);
  expect(new Set(chats())).toEqual(new Set(FIVE));
});

test('signal listeners exist only while spans could be lost', async () => {
  endpoints.provider.reply({ type: 'cut', when: 'before-headers' });
  const body = `const count = () => ['SIGTERM', 'SIGINT'].map((signal) => process.listenerCount(signal)).join();
    const seen = [count()];
    await withRun({}, () => 1);
    seen.push(count());
    await withRun({ chatId: 'c' }, () => ask()).catch(() => {});
    seen.push(count());
    await chatDebug().forceFlush();
    seen.push(count());
    console.log(seen.join(' '));`;
  expect(await run(body)).toMatchObject({ code: 0, stdout: '0,0 0,0 1,1 0,0\n' });
  expect(chats()).toEqual(['c']);
});

test('a dropped run is not awaited', async () => {
  endpoints.provider.reply({ type: 'cut', when: 'before-headers' });
  const body = `const count = () => process.listenerCount('SIGTERM');
    await ask().catch(() => {});
    const seen = [count()];
    withRun({}, () => seen.push(count()));
    console.log(seen.join());`;
  expect(await run(body, { CHATDEBUG_MAX_RUNS: '1' })).toMatchObject({ code: 0, stdout: '1,0\n' });
});
