import { IMPORT_REGISTER, program } from '../start/support/program.js';
import { type Child, type ChildOptions, startNode } from '../support/child.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { runs } from '../support/property.js';
import { startProvider } from '../support/provider.js';
import { deliverTo, stopAll } from './support/delivering.js';
import { FIVE, holdingFive } from './support/ending.js';
import { filesIn, removeAll, temporaryDirectory, until } from './support/spooling.js';

/** The time for which a process is stopped. */
const STOPPED_MILLIS = runs(60_000, 300);
const DOWN = { type: 'json', status: 503, body: {} } as const;

let receiver: OtlpReceiver;
let directory: string;
beforeEach(async () => {
  receiver = await startOtlpReceiver();
  directory = temporaryDirectory();
});
afterEach(async () => {
  await stopAll();
  await receiver.close();
  removeAll();
});

const spool = () => ({ directory, maxBytes: 64 * 1024 * 1024, maxAgeMillis: 3_600_000, scanMillis: 20 });

/** Holds five spans, then runs the text. The receiver decides whether the endpoint is up. */
const start = (text: string, options: ChildOptions = {}, batchMillis = 1): Child =>
  startNode(holdingFive(text, { spool: spool(), batchMillis }), {
    ...options,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  });

const arrived = () => receiver.spans.map(({ name }) => name);

/** Starts another process, which ends once all remaining spans have arrived. */
async function deliverTheRest(spans: number): Promise<void> {
  receiver.respond();
  const next = deliverTo(receiver.url, { spool: spool() });
  await receiver.waitForSpans(spans);
  await next.forceFlush();
  await until(() => next.stats().spooled === 0 && next.stats().queued === 0);
  await next.shutdown();
}

const FOREVER = 'setInterval(() => {}, 1_000);';
const KILL = "process.kill(process.pid, 'SIGKILL');";

test.each<[string, string, string[]]>([
  ['SIGKILL in the same tick', KILL, []],
  ['SIGKILL 1 ms later', `${FOREVER} setTimeout(() => { ${KILL} }, 1);`, []],
  ['SIGKILL 10 ms later', `${FOREVER} setTimeout(() => { ${KILL} }, 10);`, []],
  ['SIGKILL 100 ms later', `${FOREVER} setTimeout(() => { ${KILL} }, 100);`, []],
  ['process.abort()', 'process.abort();', []],
  ['no memory', 'const all = []; for (;;) all.push(Array(10_000).fill(0.5));', ['--max-old-space-size=20']],
])('%s: the next process delivers everything, once', async (_how, text, nodeOptions) => {
  receiver.respond(() => DOWN);
  const { code, signal } = await start(text, { nodeOptions }).ended;
  expect([code, signal]).not.toEqual([0, null]);
  expect(arrived()).toEqual([]);
  await deliverTheRest(5);
  expect([arrived(), receiver.repeated()]).toEqual([FIVE, 0]);
  expect(filesIn(directory)).toEqual([]);
});

test('spans confirmed before the crash are not sent again', async () => {
  const text = `(async () => {
    await delivery.forceFlush();
    console.log('down');
    process.stdin.once('data', () => { write('later'); ${KILL} });
  })();`;
  const child = start(text);
  await child.line('down');
  receiver.respond(() => DOWN);
  child.send('write');
  await child.ended;
  await deliverTheRest(6);
  expect([arrived(), receiver.repeated()]).toEqual([[...FIVE, 'later'], 0]);
});

test('spans undelivered at a normal exit arrive too', async () => {
  receiver.respond(() => DOWN);
  const stats = "process.on('exit', () => console.log(JSON.stringify(delivery.stats())));";
  const { code, stdout } = await start(`${stats} process.exit(3);`).ended;
  expect(code).toBe(3);
  expect(JSON.parse(stdout)).toEqual({
    ...{ queued: 0, inFlight: 0, exported: 0, lost: {} },
    ...{ spooled: 5, recovered: 0 },
  });
  await deliverTheRest(5);
  expect([arrived(), receiver.repeated()]).toEqual([FIVE, 0]);
  expect(filesIn(directory)).toEqual([]);
});

test('a running process delivers the spans of a dead one', async () => {
  receiver.respond(() => DOWN);
  const running = deliverTo(receiver.url, { spool: spool() });
  await start(`${FOREVER} setTimeout(() => { ${KILL} }, 1);`).ended;
  receiver.respond();
  await receiver.waitForSpans(5);
  expect(running.stats().recovered).toBe(5);
});

test('a stopped process keeps its files and delivers them when it continues', async () => {
  receiver.respond(() => DOWN);
  const text = `${FOREVER} process.stdin.once('data', () => process.exit(0)); console.log('held');`;
  // Nothing is in flight when it is stopped.
  const child = start(text, { timeoutMillis: STOPPED_MILLIS + 250_000 });
  await child.line('held');
  child.kill('SIGSTOP');
  // Another process has died: once its file is taken over, the directory has been searched.
  await start(KILL).ended;
  receiver.respond();
  const next = deliverTo(receiver.url, { spool: spool() });
  const stopped = performance.now();
  await receiver.waitForSpans(5);
  await start(KILL).ended;
  await receiver.waitForSpans(10);
  await until(() => performance.now() - stopped > STOPPED_MILLIS, STOPPED_MILLIS + 30_000);
  expect(next.stats().recovered).toBe(10);
  child.kill('SIGCONT');
  child.send('end');
  await child.ended;
  expect(receiver.spans).toHaveLength(15);
  await next.shutdown();
  expect(receiver.repeated()).toBe(0);
  expect(filesIn(directory)).toEqual([]);
});

test.each([
  ['1 ms later', 'setTimeout(kill, 1);'],
  ['10 ms later', 'setTimeout(kill, 10);'],
  ['once all spans are recorded', 'setInterval(() => recorded() === 2 && kill(), 1);'],
])('SIGKILL after a failed call, %s: the recorded spans arrive', async (_, killing) => {
  const provider = await startProvider();
  provider.reply({ type: 'json', status: 500, body: { error: { message: 'odd' } } });
  receiver.respond(() => DOWN);
  // Until then the code that writes spans is loading.
  const body = `const handle = startChatDebug();
    ${FOREVER}
    await new Promise((resolve) => process.stdin.once('data', resolve));
    await turn('a').catch(() => {});
    const recorded = () => handle.stats().delivery.queued + handle.stats().delivery.inFlight;
    const kill = () => {
      require('node:fs').writeSync(1, recorded() + ' recorded\\n');
      ${KILL}
    };
    ${killing}`;
  const child = startNode(program(body, 'commonjs'), {
    nodeOptions: IMPORT_REGISTER,
    env: {
      PROVIDER_URL: provider.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      CHATDEBUG_SPOOL_DIRECTORY: directory,
    },
  });
  child.send('fail');
  const recorded = Number((await child.line('recorded')).split(' ')[0]);
  await child.ended;
  await provider.close();
  await deliverTheRest(recorded);
  expect(receiver.spans).toHaveLength(recorded);
});
