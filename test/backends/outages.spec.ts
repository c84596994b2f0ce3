import { setTimeout as pause } from 'node:timers/promises';
import { jaegerRuns } from '../../src/query/index.js';
import { type Application, BROKEN, SERVICE, startApplication } from './support/application.js';
import type { Collector } from './support/collector.js';
import type { Jaeger } from './support/jaeger.js';
import { startPipeline } from './support/pipeline.js';
import { stopAllPrograms } from './support/program.js';
import { until } from './support/until.js';

/** The pause between two turns. */
const PACE_MILLIS = 200;
const BEFORE = 10;
/** 20 seconds, at that pace. */
const MEANWHILE = 100;
const AFTER = 10;
const ALL = BEFORE + MEANWHILE + AFTER;

let collector: Collector;
let jaeger: Jaeger;
let application: Application;
beforeEach(async () => {
  ({ collector, jaeger } = await startPipeline());
  // The same error each time, and each run must be kept.
  application = await startApplication(collector.url, { keepPerFingerprint: ALL, keepPerMinute: 2 * ALL });
});
afterEach(async () => {
  await application.stop();
  await stopAllPrograms();
});

/** Sequential turns that fail. */
async function turns(chatId: string, count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) {
    await application.turn({ chatId }, BROKEN);
    await pause(PACE_MILLIS);
  }
}

/** The number of runs of a chat in Jaeger, once it has as many. */
function stored(chatId: string, count: number): Promise<number> {
  const ask = jaegerRuns({ endpoint: jaeger.url, service: SERVICE });
  return until(async () => {
    const { length } = await ask.list(chatId, { limit: 1_000 });
    return length >= count && length;
  }, `${count} runs in Jaeger`);
}

test('nothing is lost while the Collector is down for 20 s', async () => {
  await turns('collector', BEFORE);
  await collector.stop();
  await turns('collector', MEANWHILE);
  collector = await collector.again();
  await turns('collector', AFTER);
  expect(await stored('collector', ALL)).toBe(ALL);
  expect(application.handle.stats().delivery.lost).toEqual({});
});

test('nothing is lost while Jaeger is down and the Collector is killed', async () => {
  await turns('jaeger', BEFORE);
  await jaeger.stop();
  await turns('jaeger', MEANWHILE);
  await application.handle.forceFlush();
  // Accepted data is on disk a moment later.
  await pause(1_000);
  await collector.stop('SIGKILL');
  collector = await collector.again();
  jaeger = await jaeger.again();
  await turns('jaeger', AFTER);
  expect(await stored('jaeger', ALL)).toBe(ALL);
  expect(application.handle.stats().delivery.lost).toEqual({});
});
