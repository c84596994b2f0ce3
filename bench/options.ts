import { parseArgs } from 'node:util';
import type { CaseName } from './figures.js';

/** Every case with its share of the time. */
export const SHARES: Readonly<Record<CaseName, number>> = {
  json: 16,
  warm: 28,
  stream: 12,
  long: 9,
  parallel: 10,
  'ai-json': 7,
  'ai-stream': 8,
  flight: 8,
  failure: 7,
  startup: 2,
  parts: 4,
};
export const CASES = Object.keys(SHARES) as CaseName[];

/** Thousands of calls a process. */
const SLOWEST: CaseName = 'warm';
const MINUTES = 24;
const QUICK_MINUTES_PER_NODE = 3;

export const HELP = `Usage: npm run bench [-- options]

Measures what this package costs an application, beside alternatives and beside the targets: CPU time of
real calls to a provider on this machine, memory, start-up, the first failure. bench/README.md says more.

  --node LIST     the versions of Node to measure, separated by commas: major numbers (those of test/nodes,
                  which are installed if need be) or paths (default: the one that runs this, and 24)
  --only LIST     only these cases, separated by commas:
                  ${CASES.join(',')}
  --minutes N     how long all of it may take (default ${MINUTES}); each case takes at least two rounds
  --quick         ${QUICK_MINUTES_PER_NODE} minutes for each version, at least one round of each case: rough figures;
                  without ${SLOWEST} unless --only names it
  --json          print every figure with its spread as JSON
  --write         write the figures into docs/benchmark.md and docs/benchmark.svg
  --profile DIR   write a CPU profile of each measured process there; the figures then mean nothing
  --help          print this and exit
`;

export interface BenchOptions {
  readonly help: boolean;
  readonly json: boolean;
  readonly write: boolean;
  readonly minutesPerNode: number;
  readonly minRounds: number;
  readonly nodes: readonly string[];
  readonly only: readonly CaseName[];
  readonly profile: string | undefined;
}

/** @throws Error that names the option that is not valid */
export function parseOptions(args: string[]): BenchOptions {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean' },
      json: { type: 'boolean' },
      minutes: { type: 'string' },
      node: { type: 'string' },
      only: { type: 'string' },
      profile: { type: 'string' },
      quick: { type: 'boolean' },
      write: { type: 'boolean' },
    },
  });
  const { help = false, json = false, write = false, quick = false, profile } = values;
  if (profile === '') throw new Error("Option '--profile' takes a directory");
  if (write && (profile !== undefined || values.only !== undefined || quick))
    throw new Error("Option '--write' does not go with '--only', '--quick' or '--profile'");
  if (quick && values.minutes !== undefined) throw new Error("Option '--minutes' does not go with '--quick'");
  const nodes = names(values.node) ?? defaultNodes();
  return {
    help,
    json,
    write,
    minutesPerNode: quick ? QUICK_MINUTES_PER_NODE : minutesOf(values.minutes) / nodes.length,
    minRounds: quick ? 1 : 2,
    nodes,
    only: casesOf(values.only, quick ? CASES.filter((name) => name !== SLOWEST) : CASES),
    profile,
  };
}

/** The running one, which in a clone of the repository is the oldest that is supported, and the newest LTS. */
function defaultNodes(): string[] {
  const running = process.versions.node.split('.')[0] ?? '';
  return [...new Set([running, '24'])];
}

function minutesOf(text: string | undefined): number {
  if (text === undefined) return MINUTES;
  if (!/^[1-9]\d{0,3}$/.test(text))
    throw new Error(`Option '--minutes' takes a whole number from 1 to 9999, not '${text}'`);
  return Number(text);
}

function casesOf(text: string | undefined, otherwise: readonly CaseName[]): CaseName[] {
  const chosen = names(text) ?? otherwise;
  const unknown = chosen.find((name) => !(CASES as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new Error(
      `Option '--only' takes names of ${CASES.join(',')} with commas between, not '${unknown}'`,
    );
  return CASES.filter((name) => chosen.includes(name));
}

function names(text: string | undefined): string[] | undefined {
  return text?.split(',').map((name) => name.trim());
}
