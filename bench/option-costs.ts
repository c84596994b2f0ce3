import { measureCalls, startServers } from './calls-case.js';
import { CALLS_CASES } from './calls-cases.js';
import { figure, table } from './figures.js';
import { AGAIN, BARE, ERRORS, ERRORS_CONTENT, ERRORS_METRICS, ERRORS_USAGE } from './variants.js';

const ROUNDS = 7;
const VARIANTS = [BARE, AGAIN, ERRORS, ERRORS_CONTENT, ERRORS_METRICS, ERRORS_USAGE];
const WORKS = [CALLS_CASES.json, CALLS_CASES.stream];

/**
 * The cost of `failureContent`, a meter provider and `usageMetrics` for a successful call. Each round measures a process
 * of each variant, in the opposite order to the round before. The figure of a variant is its lowest.
 */
async function main(): Promise<void> {
  const servers = await startServers();
  const options = { node: process.execPath, servers, profile: undefined };
  for (const work of WORKS) {
    const lowest = new Map<string, number>(VARIANTS.map(({ label }) => [label, Number.POSITIVE_INFINITY]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const variant of round % 2 === 0 ? VARIANTS : VARIANTS.toReversed()) {
        const { cpuMicrosPerCall, invalid } = await measureCalls(variant, work, options);
        const { label } = variant;
        if (invalid !== undefined) console.log(invalid);
        else lowest.set(label, Math.min(cpuMicrosPerCall, lowest.get(label) ?? cpuMicrosPerCall));
      }
    }
    const bare = lowest.get(BARE.label) ?? Number.NaN;
    const rows = [...lowest].map(([label, micros]) => [label, figure(micros), (micros / bare).toFixed(3)]);
    console.log(`${work.title}\n${table(['', 'CPU µs', 'of the baseline'], rows)}\n`);
  }
  await servers.stop();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
