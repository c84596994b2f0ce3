import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { bodyRedactor } from '../src/redact/body.js';
import { leaks, Planter, randomFrom } from '../test/redact/planted.js';
import { BODY_KINDS, type BodyKind, chatBody } from './redact-bodies.js';
import { median } from './statistics.js';

/** What redacting one body costs, beside parsing and writing it. */
export interface RedactRow {
  readonly kind: BodyKind;
  readonly length: number;
  readonly redactMicros: number;
  readonly jsonMicros: number;
  /** Of the two, in the same round: the median. It should be 2 at most. */
  readonly ratio: number;
}

/** What was tried with secrets planted in every place of random bodies. */
export interface PlantedCount {
  readonly bodies: number;
  /** Fields, headings, lines and cuts that were looked at: what `fieldsOf` counts, and one for each cut. */
  readonly cases: number;
  readonly leaks: number;
  /** Bodies without a secret that were changed. */
  readonly changed: number;
}

interface Round {
  readonly redacted: number;
  readonly written: number;
}

const LENGTHS = [1_000, 10_000, 100_000, 1_000_000];
const CASES = 1_000_000;
const CUTS = 3;

/** Median CPU time of one body of each kind and length, and of `JSON.parse` and `JSON.stringify` in the same rounds. */
export function benchRedact(): readonly RedactRow[] {
  const bodies = BODY_KINDS.flatMap((kind) =>
    LENGTHS.map((length) => ({ kind, text: chatBody(kind, length) })),
  );
  const measured = execFileSync(process.execPath, [join(__dirname, 'redact-measured.mjs')], {
    input: JSON.stringify(bodies.map(({ text }) => text)),
    encoding: 'utf8',
    maxBuffer: 2 ** 24,
  });
  const times: readonly (readonly Round[])[] = JSON.parse(measured);
  return bodies.map(({ kind, text }, index) => rowOf(kind, text.length, times[index] ?? []));
}

function rowOf(kind: BodyKind, length: number, rounds: readonly Round[]): RedactRow {
  return {
    kind,
    length,
    redactMicros: median(rounds.map(({ redacted }) => redacted)),
    jsonMicros: median(rounds.map(({ written }) => written)),
    ratio: median(rounds.map(({ redacted, written }) => redacted / written)),
  };
}

/** Plants secrets until so many cases have been tried; the same ones each time. */
export function plant(atLeast: number): PlantedCount {
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
  const cases = Number(process.argv[2] ?? CASES);
  for (const { kind, length, redactMicros, jsonMicros, ratio } of benchRedact()) {
    const times = `${redactMicros.toFixed(1).padStart(10)} µs, JSON ${jsonMicros.toFixed(1).padStart(9)} µs`;
    console.log(`${times}  ${ratio.toFixed(2)} ×  ${kind}, ${length} characters`);
  }
  const { bodies, cases: tried, leaks: leaked, changed } = plant(cases);
  console.log(
    `${tried} planted secrets tried in ${bodies} bodies: ${leaked} leaked, ${changed} harmless bodies changed`,
  );
  if (leaked + changed > 0) process.exitCode = 1;
}

if (require.main === module) main();
