import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY, runNode, startNode } from '../support/child.js';
import { startRefusingPort } from '../support/loopback.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import type { Reply } from '../support/reply.js';
import { endBothWays, FIVE, holdingFive } from './support/ending.js';

let receiver: OtlpReceiver;
beforeEach(async () => {
  receiver = await startOtlpReceiver();
});
afterEach(() => receiver.close());

const run = (text: string, options: object = {}, env: Record<string, string> = {}) =>
  runNode(holdingFive(text, options), {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env },
  });

const arrived = () => receiver.spans.map(({ name }) => name);

/** Prints the delay of the exit, measured by listeners before and after those of the package. */
const TIMED = `
  let begun;
  process.prependListener('exit', () => { begun = performance.now(); });
  process.on('exit', () => {
    console.log(JSON.stringify({ held: performance.now() - begun, ...delivery.stats() }));
  });`;

const DRIP = { type: 'sse', events: Array(1_000).fill(': drip\n\n'), delayMillis: 10, status: 503 } as const;

test.each<[string, Reply]>([
  ['hangs', { type: 'hang', when: 'before-headers' }],
  ['never accepts', { type: 'json', status: 503, body: {} }],
  ['drips its refusal', DRIP],
])('an endpoint that %s delays the exit no longer than allowed', async (_what, reply) => {
  receiver.respond(() => reply);
  const { code, stdout } = await run(`${TIMED} process.exit(3);`, { exitTimeoutMillis: 300 });
  const { held, ...stats } = JSON.parse(stdout);
  expect(held).toBeLessThan(8_000);
  expect(stats).toEqual({ queued: 0, inFlight: 0, exported: 0, lost: { process_end: 5 } });
  expect(code).toBe(3);
});

test('an endpoint that hangs does not delay a signal and then the exit', async () => {
  receiver.respond(() => ({ type: 'hang', when: 'before-headers' }));
  const text = `
    let begun;
    process.prependListener('SIGTERM', () => { begun = performance.now(); });
    process.once('SIGTERM', () => process.exit(0));
    process.on('exit', () => console.log(performance.now() - begun));
    setInterval(() => {}, 1_000);
    setImmediate(() => process.kill(process.pid, 'SIGTERM'));`;
  const { code, stdout } = await run(text, { exitTimeoutMillis: 300 });
  expect(code).toBe(0);
  expect(Number(stdout)).toBeGreaterThan(250);
  expect(Number(stdout)).toBeLessThan(8_000);
});

test('a closed port costs almost nothing', async () => {
  const { url, release } = await startRefusingPort();
  const { stdout } = await run(`${TIMED} process.exit(3);`, {}, { OTEL_EXPORTER_OTLP_ENDPOINT: url });
  const { held, lost } = JSON.parse(stdout);
  expect(held).toBeLessThan(8_000);
  expect(lost).toEqual({ process_end: 5 });
  await release();
});

// A process that is kept alive is killed before the request or the retry ends.
test('requests in flight are sent again and do not keep the process alive', async () => {
  let hanging = () => {};
  const hung = new Promise<void>((resolve) => {
    hanging = resolve;
  });
  receiver.respond(() => {
    receiver.respond();
    hanging();
    return { type: 'hang', when: 'before-headers' };
  });
  const text = "process.stdin.once('data', () => { console.log('ending'); process.stdin.destroy(); });";
  const child = startNode(holdingFive(text, { batchMillis: 1, exportTimeoutMillis: 600_000 }), {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  });
  await hung;
  child.send('end');
  expect(await child.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
  expect(arrived()).toEqual(FIVE);
});

test('pending retries do not keep the process alive', async () => {
  let outage = 2;
  let tried = () => {};
  const down = new Promise<void>((resolve) => {
    tried = resolve;
  });
  receiver.respond(() => {
    if (--outage === 0) tried();
    return outage >= 0
      ? { type: 'json', status: 503, headers: { 'retry-after': outage > 0 ? '0' : '300' }, body: {} }
      : undefined;
  });
  const text = "process.stdin.once('data', () => process.stdin.destroy());";
  const child = startNode(holdingFive(text, { batchMillis: 1 }), {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  });
  await down;
  child.send('end');
  expect(await child.ended).toMatchObject({ code: 0, signal: null });
  expect(arrived()).toEqual(FIVE);
});

test('a flush awaited at the top level settles before the process ends', async () => {
  receiver.respond(() => ({ type: 'json', body: {}, delayMillis: 200 }));
  const { stdout, code } = await run("delivery.forceFlush().then(() => console.log('flushed'));");
  expect([stdout, code]).toEqual(['flushed\n', 0]);
});

test('process.exit() during a shutdown', async () => {
  const hung = new Promise<void>((resolve) => {
    receiver.respond(() => {
      receiver.respond();
      resolve();
      return { type: 'hang', when: 'before-headers' };
    });
  });
  const text = "delivery.shutdown(); process.stdin.once('data', () => process.exit(0));";
  const child = startNode(holdingFive(text, { batchMillis: 1, shutdownTimeoutMillis: 600_000 }), {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  });
  await hung;
  child.send('exit');
  await child.ended;
  expect(arrived()).toEqual(FIVE);
});

test('one invalid span at the end is lost alone, and 2,000 spans pass', async () => {
  const text = `
    tracer.startSpan('no time', { startTime: Number.NaN }).end();
    for (let i = 0; i < 2_000; i++) write('more');
    ${TIMED} process.exit(0);`;
  const { stdout } = await run(text);
  expect(receiver.spans).toHaveLength(2_005);
  expect(JSON.parse(stdout)).toMatchObject({ exported: 2_005, lost: { not_serialisable: 1 } });
});

test('after a signal that the application survives, undelivered spans are sent later, once', async () => {
  let outage = true;
  receiver.respond(() => (outage ? { type: 'json', status: 503, body: {} } : undefined));
  const text = `
    process.on('SIGTERM', () => console.log('alive', JSON.stringify(delivery.stats())));
    setImmediate(() => process.kill(process.pid, 'SIGTERM'));
    process.stdin.once('data', async () => { await delivery.forceFlush(); process.stdin.destroy(); });`;
  const child = startNode(holdingFive(text, { batchMillis: 60_000 }), {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  });
  expect(await child.line('alive')).toBe('alive {"queued":5,"inFlight":0,"exported":0,"lost":{}}');
  outage = false;
  child.send('flush');
  expect(await child.ended).toMatchObject({ code: 0, signal: null });
  expect(arrived()).toEqual(FIVE);
});

test('modules preloaded by the application do not run a second time', async () => {
  const directory = join(REPOSITORY, '.cache');
  mkdirSync(directory, { recursive: true });
  const preload = join(directory, `preload-${process.pid}.cjs`);
  writeFileSync(preload, "console.log('preloaded')");
  const ends = await endBothWays('process.exit(0);', receiver, {
    env: { NODE_OPTIONS: `--require ${preload}` },
  });
  rmSync(preload);
  expect(ends.with.stdout).toBe('preloaded\n');
  expect(ends.with).toEqual(ends.without);
  expect(arrived()).toEqual(FIVE);
});

test('without permission for threads, the spans are counted as lost and nothing else happens', async () => {
  const flag = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';
  const nodeOptions = ['--no-warnings', flag, '--allow-fs-read=*', '--allow-fs-write=*'];
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const { code, stdout, stderr } = await runNode(holdingFive(`${TIMED} process.exit(3);`), {
    nodeOptions,
    env,
  });
  expect([code, stderr]).toEqual([3, '']);
  expect(JSON.parse(stdout)).toMatchObject({ exported: 0, lost: { process_end: 5 } });
});
