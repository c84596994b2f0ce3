// What ships, in plain Node: tsx makes it a third slower. Takes the bodies on its standard input, and gives of each
// the CPU times, in microseconds, of redacting it and of `JSON.parse` and `JSON.stringify` in the same rounds.
import { readFileSync } from 'node:fs';
import { bodyRedactor } from '../dist/redact/body.js';

const ROUNDS = 40;
const CHARACTERS_PER_ROUND = 300_000;

const redact = bodyRedactor();
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
