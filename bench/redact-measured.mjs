// What ships, in plain Node: tsx makes it a third slower. Takes the bodies on its standard input, and gives of each
// the CPU times, in microseconds, of redacting it and of `JSON.parse` and `JSON.stringify` in the same rounds.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const ROUNDS = 40;
const CHARACTERS_PER_ROUND = 300_000;

const redact = (await bundled('../src/redact/body.ts')).bodyRedactor();
const contentType = 'application/json';

/** CPU time: on a busy machine the time of day measures the neighbours. */
function micros(calls, work) {
  const start = process.cpuUsage();
  for (let call = 0; call < calls; call++) work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / calls;
}

const times = JSON.parse(readFileSync(0, 'utf8')).map((text) => {
  const calls = Math.ceil(CHARACTERS_PER_ROUND / text.length);
  return Array.from({ length: ROUNDS }, () => ({
    redacted: micros(calls, () => redact({ text, contentType, truncated: false })),
    written: micros(calls, () => JSON.stringify(JSON.parse(text))),
  }));
});
console.log(JSON.stringify(times));

/** The module as the build has it. */
async function bundled(path) {
  const input = fileURLToPath(new URL(path, import.meta.url));
  const { output } = await (await rolldown({ input, platform: 'node' })).generate({ format: 'esm' });
  return import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);
}
