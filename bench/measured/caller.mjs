/**
 * The measured process: makes calls as an application makes them, first some that do not count, and reports what the
 * others cost. Plain JavaScript, so that no loader of the benchmark runs in it. Started by bench/calls-case.ts.
 */
import dns from 'node:dns';
import { inspect } from 'node:util';
import { setUp } from './set-up.mjs';

const { variant, work, ...settings } = JSON.parse(process.argv[2]);

// Every address is numeric: a lookup means that something connects to another machine.
const lookedUp = new Set();
dns.lookup = (host, options, done = options) => {
  lookedUp.add(host);
  done(Object.assign(new Error(`lookups are refused: ${host}`), { code: 'ENOTFOUND' }));
};

const recorder = await setUp(variant);
// After the set-up, since instrumentations patch a package while it is loaded.
const { callOf } = await import('./calls.mjs');
const call = callOf(work, settings, recorder);

/** @returns the latency of each call in milliseconds, and how many calls returned something unexpected */
async function run(calls) {
  const latencies = [];
  let wrong = 0;
  const worker = async () => {
    while (latencies.length < calls) {
      const at = latencies.push(0) - 1;
      const start = performance.now();
      if (!(await recorder.around(call))) wrong += 1;
      latencies[at] = performance.now() - start;
    }
  };
  await Promise.all(Array.from({ length: work.parallel }, worker));
  await recorder.flush();
  return { latencies, wrong };
}

async function measure() {
  const { wrong: wrongBefore } = await run(work.warmUp);
  const before = process.cpuUsage();
  const { latencies, wrong } = await run(work.calls);
  const { user, system } = process.cpuUsage(before);
  latencies.sort((a, b) => a - b);
  return {
    cpuMicros: user + system,
    p99Millis: latencies[Math.ceil(latencies.length * 0.99) - 1],
    wrong: wrongBefore + wrong,
    lookedUp: [...lookedUp],
  };
}

process.once('message', () => {
  measure().then(
    (answer) => process.send({ answer }),
    (error) => process.send({ error: inspect(error) }),
  );
});
process.once('disconnect', () => process.exit());
