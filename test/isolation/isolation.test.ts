import { runs as times } from '../support/property.js';
import { playRound, ROUND } from './round.js';

const COUNT = times(20_000, 1_000);
const SEED = Number(process.env['CHATDEBUG_TEST_SEED']);

test(`no exchange of ${COUNT} is attributed to another user, from seed ${SEED}`, async () => {
  const found: string[] = [];
  let exchanges = 0;
  for (let first = 0; exchanges < COUNT && found.length === 0; first += ROUND) {
    const seed = SEED + first;
    const round = await playRound(seed, first);
    exchanges += round.exchanges;
    found.push(...round.found.map((problem) => `seed ${seed}: ${problem}`));
  }
  expect(found).toEqual([]);
}, 900_000);
