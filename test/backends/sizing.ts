import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Decide } from '../../src/index.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import type { Reply } from '../support/provider.js';
import { ANSWERED, BROKEN, startApplication } from './support/application.js';
import { type Collector, startCollector } from './support/collector.js';
import { scratchDirectory, stopAllPrograms } from './support/program.js';

/**
 * The memory of one Collector with collector-config.yaml for runs of two model calls, sent with `decide: 'collector'`:
 * the figures in docs/collector.md. `npx tsx test/backends/sizing.ts`, after `npm run test:backends`.
 */
const UNDECIDED = 50_000;
const KEPT = 100_000;
const QUEUED = 20_000;
const SECONDS = 20;
const TURNS_PER_REQUEST = 10;
const AT_ONCE = 4;
/** Nothing listens there. */
const NOWHERE = { JAEGER_ENDPOINT: '127.0.0.1:9', TEMPO_ENDPOINT: '127.0.0.1:9' };

async function main(): Promise<void> {
  const healthy = await oneTurn(ANSWERED);
  const broken = await oneTurn(BROKEN);
  console.log(`a turn: ${JSON.stringify(healthy).length} bytes of JSON, ${healthy.length} spans`);

  const waiting = await start('600s');
  const before = await settled(waiting);
  await sendAll(waiting, healthy, UNDECIDED);
  const undecided = (await settled(waiting)) - before;
  console.log(
    `idle: ${mib(before)}; ${UNDECIDED} undecided: ${mib(undecided)} more, ${per(undecided, UNDECIDED)} each`,
  );
  await waiting.stop('SIGKILL');

  const keeping = await start('1s');
  const empty = await settled(keeping);
  await sendAll(keeping, broken, KEPT);
  const remembered = (await settled(keeping)) - empty;
  console.log(`${KEPT} kept and remembered: ${mib(remembered)} more, ${per(remembered, KEPT)} each`);
  await keeping.stop('SIGKILL');

  const queue = scratchDirectory();
  const outage = await startCollector({
    config: 'collector-config.yaml',
    env: { ...NOWHERE, QUEUE_DIRECTORY: queue },
  });
  await sendAll(outage, await oneTurn(BROKEN, 'process'), QUEUED);
  const onDisk = (await readdir(queue)).map((name) => statSync(join(queue, name)).size);
  console.log(
    `${QUEUED} kept runs waiting: ${onDisk.map((bytes) => per(bytes, QUEUED))} each, for each backend`,
  );
  await outage.stop('SIGKILL');

  const busy = await start('10s');
  const cpuBefore = cpuSeconds(busy);
  const turns = await flatOut(busy, healthy);
  const cpu = cpuSeconds(busy) - cpuBefore;
  console.log(
    `flat out: ${Math.round(turns / SECONDS)} turns/s, ${Math.round((cpu * 1e6) / turns)} µs of CPU each, ${mib(rss(busy))}`,
  );
  await busy.stop('SIGKILL');

  const deciders = await Promise.all([start('10s'), start('10s')]);
  const spread = await startCollector({
    config: 'examples/collector/gateway-spread.yaml',
    env: { DECIDERS: JSON.stringify(deciders.map(({ grpc }) => grpc)) },
  });
  const spreadTurns = await flatOut(spread, healthy);
  // Accepted data waits on disk.
  await pause(15_000);
  const [first = 0, second = 0] = deciders.map(cpuSeconds);
  const share = Math.round((100 * first) / (first + second));
  console.log(
    `first tier: ${Math.round(spreadTurns / SECONDS)} turns/s, ${Math.round((cpuSeconds(spread) * 1e6) / spreadTurns)} µs of CPU each, ` +
      `${mib(rss(spread))}; of the deciders' work ${share} % was done by one`,
  );
  await stopAllPrograms();
}

/** Sends turns until the condition holds, and returns their number. */
async function flatOut(collector: Collector, turn: readonly object[]): Promise<number> {
  const end = Date.now() + SECONDS * 1_000;
  let turns = 0;
  await inParallel(async () => {
    while (Date.now() < end) {
      await send(collector, turn, TURNS_PER_REQUEST);
      turns += TURNS_PER_REQUEST;
    }
  });
  return turns;
}

/** The spans of one turn as they are sent. */
async function oneTurn(second: Reply, decide: Decide = 'collector'): Promise<object[]> {
  const receiver = await startOtlpReceiver();
  const application = await startApplication(receiver.url, { decide });
  await application.turn({ chatId: 'c', ownerId: 'o' }, ANSWERED, second);
  await application.stop();
  await receiver.close();
  return receiver.bodies.flatMap((body) => {
    const { resourceSpans } = JSON.parse(body.toString());
    return resourceSpans.flatMap((one: { scopeSpans: { spans: object[] }[] }) =>
      one.scopeSpans.flatMap(({ spans }) => spans),
    );
  });
}

function start(decisionWait: string): Promise<Collector> {
  // Kept data is dropped: only the decision is measured.
  const exporter = { retry_on_failure: { enabled: false }, sending_queue: { enabled: false } };
  return startCollector({
    config: 'collector-config.yaml',
    env: NOWHERE,
    overrides: {
      processors: { tail_sampling: { decision_wait: decisionWait, num_traces: 2 * UNDECIDED } },
      exporters: { 'otlp_grpc/jaeger': exporter },
      service: {
        pipelines: { 'traces/runs': { exporters: ['otlp_grpc/jaeger'] } },
        telemetry: { logs: { level: 'fatal' } },
      },
    },
  });
}

async function sendAll(collector: Collector, turn: readonly object[], count: number): Promise<void> {
  let left = count;
  await inParallel(async () => {
    while (left > 0) {
      left -= TURNS_PER_REQUEST;
      await send(collector, turn, TURNS_PER_REQUEST);
    }
  });
}

function inParallel(work: () => Promise<void>): Promise<unknown> {
  return Promise.all(Array.from({ length: AT_ONCE }, work));
}

const agent = new Agent({ keepAlive: true });

/** Each has its own trace id. */
function send({ url }: Collector, turn: readonly object[], count: number): Promise<void> {
  const spans = Array.from({ length: count }, () => {
    const traceId = randomBytes(16).toString('hex');
    return turn.map((span) => ({ ...span, traceId }));
  }).flat();
  const scope = { name: 'opentelemetry-instrumentation-chatdebug', version: '0.1.0' };
  const body = JSON.stringify({ resourceSpans: [{ resource: {}, scopeSpans: [{ scope, spans }] }] });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    request(`${url}/v1/traces`, { method: 'POST', agent, headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`answered ${response.statusCode}`));
      response.resume().on('end', resolve);
    })
      .on('error', reject)
      .end(body);
  });
}

/** Bytes, once they are stable. */
async function settled(collector: Collector): Promise<number> {
  await pause(15_000);
  return rss(collector);
}

function rss({ pid }: Collector): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024;
}

/** Linux counts in hundredths of a second. */
function cpuSeconds({ pid }: Collector): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const mib = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
const per = (bytes: number, count: number): string => `${Math.round(bytes / count)} bytes`;

main().then(
  () => process.exit(),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
