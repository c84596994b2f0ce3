/** An application that does nothing: prints what it cost to come this far, and the modules loaded. Run by bench/start-up.ts. */
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
