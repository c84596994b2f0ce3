import { bodyRedactor } from '../src/redact/body.js';
import { leaks, Planter, randomFrom } from '../test/redact/planted.js';

/** The number of planted secrets in random bodies. */
interface PlantedCount {
  readonly bodies: number;
  /** Checked fields, headings, lines and cuts: the count of `fieldsOf`, and one for each cut. */
  readonly cases: number;
  readonly leaks: number;
  /** Bodies without a secret that were changed. */
  readonly changed: number;
}

const CASES = 1_000_000;
const CUTS = 3;

/** Plants secrets until that many cases have been tried. The cases are always the same. */
function plant(atLeast: number): PlantedCount {
  const redactOwn = bodyRedactor({ keys: ['ssn'] });
  const count = { bodies: 0, cases: 0, leaks: 0, changed: 0 };
  for (let seed = 0; count.cases < atLeast; seed++) {
    const body = new Planter(randomFrom(seed)).any();
    const harmless = new Planter(randomFrom(seed), false).any();
    const cut = randomFrom(~seed);
    const results = [
      redactOwn({ ...body, truncated: false }),
      ...Array.from({ length: CUTS }, () =>
        redactOwn({ ...body, text: body.text.slice(0, cut() * body.text.length), truncated: true }),
      ),
    ];
    count.bodies += 1;
    count.cases += body.secrets.length * results.length;
    count.leaks += results.filter(leaks).length;
    if (redactOwn({ ...harmless, truncated: false }) !== harmless.text) count.changed += 1;
  }
  return count;
}

function main(): void {
  const { bodies, cases, leaks: leaked, changed } = plant(Number(process.argv[2] ?? CASES));
  console.log(
    `${cases} planted secrets tried in ${bodies} bodies: ${leaked} leaked, ${changed} harmless bodies changed`,
  );
  if (leaked + changed > 0) process.exitCode = 1;
}

main();
