/** An empty application: prints the cost of its start-up and the loaded modules. Run by bench/start-up.ts. */
import { createRequire } from 'node:module';

const { user, system } = process.cpuUsage();
console.log(
  JSON.stringify({
    millis: performance.now(),
    cpuMillis: (user + system) / 1_000,
    residentBytes: process.memoryUsage.rss(),
    modules: Object.keys(createRequire(import.meta.url).cache),
  }),
);
