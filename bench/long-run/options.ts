import { parseArgs } from 'node:util';

export const CAPTURES = ['errors', 'full', 'bare'] as const;
export type SoakCapture = (typeof CAPTURES)[number];

export const HELP = `Usage: npm run soak [-- options]

Plays an hour's worth of mixed traffic in ten minutes, with real clients, faults and a Collector that
is restarted, and ends with 1 where memory grows, something stays open or a counter does not add up.
bench/long-run/README.md says what is played and what must hold.

  --minutes N      how long (default 10; below 4 nothing is said of how memory grows)
  --capture LIST   an application each, all at once: ${CAPTURES.join(',')} (default errors,full);
                   bare is one without this package, to compare with
  --json           print JSON instead of tables, with every sample
  --help           print this and exit
`;

export interface SoakOptions {
  readonly help: boolean;
  readonly json: boolean;
  readonly minutes: number;
  readonly captures: readonly SoakCapture[];
}

const SHORTEST = 0.5;
const LONGEST = 24 * 60;

/** @throws Error that names the option it can't use. */
export function parseOptions(args: string[]): SoakOptions {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean' },
      json: { type: 'boolean' },
      minutes: { type: 'string' },
      capture: { type: 'string' },
    },
  });
  const { help = false, json = false, minutes = '10', capture = 'errors,full' } = values;
  const wanted = capture.split(',').map((name) => name.trim());
  const unknown = wanted.find((name) => !(CAPTURES as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new Error(`Option '--capture' takes ${CAPTURES.join(',')}, not '${unknown}'`);
  const long = Number(minutes);
  if (!(long >= SHORTEST && long <= LONGEST))
    throw new Error(`Option '--minutes' takes a number from ${SHORTEST} to ${LONGEST}, not '${minutes}'`);
  return { help, json, minutes: long, captures: CAPTURES.filter((name) => wanted.includes(name)) };
}
