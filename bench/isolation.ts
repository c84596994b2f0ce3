/**
 * Simulates a million exchanges of concurrent users, as `test/isolation` does, and checks the recording of each: `npm
 * run bench:isolation`. Exits with 0 if everything is correct, with 1 at the first incorrect round, and with 2 for an
 * invalid option.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { playRound, ROUND } from '../test/isolation/round.js';

const HELP = `Usage: npm run bench:isolation [-- options]

  --exchanges N   how many (default 1000000); it ends with the round that reaches them
  --seed N        of the first round (default: a random one). A round is decided by its seed.
  --help          print this and exit
`;

const SAY_MILLIS = 10_000;
const MOST_PRINTED = 20;

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new Error(`Invalid --${name} "${text}": expected a whole number of at most nine digits`);
  return Number(text);
}

async function play(exchanges: number, firstSeed: number): Promise<boolean> {
  const startedAt = performance.now();
  let saidAt = startedAt;
  let done = 0;
  const say = (what: string) => {
    const rate = Math.round((done / (performance.now() - startedAt)) * 1_000);
    console.log(`${done.toLocaleString('en')} exchanges, ${rate} a second: ${what}`);
  };
  console.log(`seed ${firstSeed}`);
  for (let first = 0; done < exchanges; first += ROUND) {
    const seed = firstSeed + first;
    const { exchanges: played, found } = await playRound(seed, first);
    done += played;
    if (found.length > 0) {
      for (const problem of found.slice(0, MOST_PRINTED)) console.log(problem);
      say(`${found.length} problems; npm run bench:isolation -- --seed ${seed} --exchanges 1`);
      return false;
    }
    if (performance.now() - saidAt > SAY_MILLIS) {
      saidAt = performance.now();
      say(`so far nothing is another's, seed ${seed}`);
    }
  }
  say("nothing is another's");
  return true;
}

async function main(): Promise<number> {
  let options: { exchanges: number; seed: number };
  try {
    const { values } = parseArgs({
      options: { exchanges: { type: 'string' }, seed: { type: 'string' }, help: { type: 'boolean' } },
    });
    if (values.help) {
      process.stdout.write(HELP);
      return 0;
    }
    const { exchanges = '1000000', seed = String(randomInt(100_000_000)) } = values;
    options = { exchanges: wholeNumber('exchanges', exchanges), seed: wholeNumber('seed', seed) };
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : error}`);
    return 2;
  }
  return (await play(options.exchanges, options.seed)) ? 0 : 1;
}

main().then((code) => {
  // Connections of the default dispatchers stay open.
  process.exit(code);
});
