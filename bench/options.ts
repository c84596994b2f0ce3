import { parseArgs } from 'node:util';
import { WORKS } from './works.js';

export type CallsCase = keyof typeof WORKS;
export const CALLS_CASES = Object.keys(WORKS) as CallsCase[];

export const CASES = [...CALLS_CASES, 'chunks', 'startup', 'classify'] as const;
export type Case = (typeof CASES)[number];

export const HELP = `Usage: npm run bench [-- options]

Measures what this package costs an application: CPU time of real calls of openai and the AI SDK to a
provider on this machine with and without it, what start-up adds, and what classifying an error takes.
bench/README.md says how to read it.

  --only LIST     only these, separated by commas: ${CALLS_CASES.join(',')},
                  chunks,startup,classify
  --rivals        the calls (${CALLS_CASES.join(',')}) beside what one
                  might take instead; installs bench/rivals where it is not
  --rounds N      how often each variant is measured (default 12; few rounds are noisy)
  --json          print JSON instead of tables
  --svg FILE      write a chart of the calls there as well
  --write         --rivals, and what comes of it into docs/benchmark.md and docs/benchmark.svg
  --profile DIR   write a CPU profile of each measured process there; its figures mean nothing
  --help          print this and exit
`;

export interface BenchOptions {
  readonly help: boolean;
  readonly json: boolean;
  readonly rivals: boolean;
  readonly write: boolean;
  readonly rounds: number;
  readonly only: readonly Case[];
  readonly svg: string | undefined;
  readonly profile: string | undefined;
}

const MAX_ROUNDS = 10_000;

/** @throws Error that names the option it can't use. */
export function parseOptions(args: string[]): BenchOptions {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean' },
      json: { type: 'boolean' },
      only: { type: 'string' },
      profile: { type: 'string' },
      rivals: { type: 'boolean' },
      rounds: { type: 'string' },
      svg: { type: 'string' },
      write: { type: 'boolean' },
    },
  });
  const { help = false, json = false, write = false, profile, svg } = values;
  if (profile === '') throw new Error("Option '--profile' takes a directory");
  if (svg === '') throw new Error("Option '--svg' takes a file");
  if (write && profile !== undefined) throw new Error("Option '--write' does not go with '--profile'");
  if (write && values.only !== undefined) throw new Error("Option '--write' does not go with '--only'");
  const rivals = write || values.rivals === true;
  const only = readCases(rivals ? CALLS_CASES : CASES, values.only);
  return { help, json, write, rivals, rounds: readRounds(values.rounds), only, svg, profile };
}

function readRounds(text = '12'): number {
  const rounds = Number(text);
  if (!/^\d{1,6}$/.test(text) || rounds < 1 || rounds > MAX_ROUNDS) {
    throw new Error(`Option '--rounds' takes a whole number from 1 to ${MAX_ROUNDS}, not '${text}'`);
  }
  return rounds;
}

function readCases(cases: readonly Case[], text: string = cases.join(',')): Case[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !(cases as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new Error(
      `Option '--only' takes names of ${cases.join(',')} with commas between, not '${unknown}'`,
    );
  }
  return cases.filter((name) => names.includes(name));
}
