/**
 * An application that does nothing: says what it cost to come this far and which modules were loaded. With
 * `keep` it then has a run to write, and says what the first one costs. Run by bench/startup.ts.
 */
import { createRequire } from 'node:module';

const { cache } = createRequire(import.meta.url);

const look = () => ({
  millis: performance.now(),
  cpuMillis: (({ user, system }) => (user + system) / 1_000)(process.cpuUsage()),
  residentBytes: process.memoryUsage.rss(),
  modules: Object.keys(cache),
});

const looks = [look()];

if (process.argv[2] === 'keep') {
  const { withRun } = await import('opentelemetry-instrumentation-chatdebug');
  const nextTurn = () => new Promise((resolve) => void setImmediate(resolve));
  const { handle } = globalThis[Symbol.for('opentelemetry-instrumentation-chatdebug.state.v1')].started;
  looks.push(look());
  withRun({ kind: 'chat_turn', capture: 'full' }, () => {});
  // A run is written in the turn after its end.
  await nextTurn();
  await nextTurn();
  looks.push(look());
  await handle.forceFlush();
  looks.push(look());
}

console.log(JSON.stringify(looks));
