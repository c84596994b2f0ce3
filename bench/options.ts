import { parseArgs } from 'node:util';

export const CASES = ['json', 'stream', 'chunks', 'startup', 'classify'] as const;
export type Case = (typeof CASES)[number];

export const HELP = `Usage: npm run bench [-- options]

Measures what this package costs an application: CPU time of real openai calls to a provider on
this machine with and without it, what start-up adds, and what classifying an error takes.
bench/README.md says how to read it.

  --only LIST     only these, separated by commas: ${CASES.join(',')}
  --rounds N      how often each variant is measured (default 20; few rounds are noisy)
  --json          print JSON instead of tables
  --profile DIR   write a CPU profile of each measured process there; its figures mean nothing
  --help          print this and exit
`;

export interface BenchOptions {
  readonly help: boolean;
  readonly json: boolean;
  readonly rounds: number;
  readonly only: readonly Case[];
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
      rounds: { type: 'string' },
    },
  });
  const { help = false, json = false, only, profile, rounds } = values;
  if (profile === '') throw new Error("Option '--profile' takes a directory");
  return { help, json, rounds: readRounds(rounds), only: readCases(only), profile };
}

function readRounds(text = '20'): number {
  const rounds = Number(text);
  if (!/^\d{1,6}$/.test(text) || rounds < 1 || rounds > MAX_ROUNDS) {
    throw new Error(`Option '--rounds' takes a whole number from 1 to ${MAX_ROUNDS}, not '${text}'`);
  }
  return rounds;
}

function readCases(text: string = CASES.join(',')): Case[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !(CASES as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new Error(
      `Option '--only' takes names of ${CASES.join(',')} with commas between, not '${unknown}'`,
    );
  }
  return CASES.filter((name) => names.includes(name));
}
