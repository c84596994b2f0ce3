import { fork } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { figure, table } from '../figures.js';
import type { ApplicationSettings, Message, Report, Sample } from './application.js';
import type { Collected } from './collector.js';
import type { FarSide, FarSideSettings } from './far-side.js';
import { growthOf, type Played, type Statement, statementsAbout } from './statements.js';

/** An hour at ten turns a second, in ten minutes. */
const TURNS_PER_SECOND = 60;
const SAMPLES = 150;
const SHORTEST_SAMPLE_MILLIS = 1_000;
/** The Collector restarts ten times, or as often as time permits. */
const CYCLES = 10;
const SHORTEST_CYCLE_MILLIS = 20_000;
/** The time limit for the exit of a process. */
const END_MILLIS = 20_000;
const MB = 1_000_000;

type OnSample = (capture: SoakCapture, sample: Sample) => void;

async function play(capture: SoakCapture, minutes: number, onSample: OnSample): Promise<Played> {
  const millis = minutes * 60_000;
  const cycleMillis = Math.max(SHORTEST_CYCLE_MILLIS, millis / CYCLES);
  const farSide = startChild('far-side.ts', { cycleMillis } satisfies FarSideSettings);
  const settings: ApplicationSettings = {
    ...(await farSide.next((message) => message as FarSide)),
    capture,
    minutes,
    turnsPerSecond: TURNS_PER_SECOND,
    sampleMillis: Math.max(SHORTEST_SAMPLE_MILLIS, millis / SAMPLES),
  };
  const application = startChild('application.ts', settings, [
    '--expose-gc',
    '--disable-warning=ExperimentalWarning',
  ]);
  const samples: Sample[] = [];
  const report = await reportOf(application, (sample) => {
    samples.push(sample);
    onSample(capture, sample);
  });
  const exitCode = await application.ended(END_MILLIS);
  const collected = farSide.next((message) => message as Collected);
  farSide.send({});
  const played = { samples, report, collected: await collected, exitCode };
  farSide.disconnect();
  return played;
}

function reportOf(application: Child, onSample: (sample: Sample) => void): Promise<Report> {
  return application.next((given) => {
    const message = given as Message;
    if ('report' in message) return message.report;
    onSample(message.sample);
    return undefined;
  });
}

function textOf(capture: SoakCapture, played: Played, statements: readonly Statement[]): string {
  const { samples, report, collected } = played;
  const turns = Object.values(report.played).reduce((sum, count) => sum + count, 0);
  const mb = (bytes: number): string => figure(bytes / MB, 1);
  const memory = table(
    [`${capture}: ${figure(turns, 0)} turns`, 'from MB', 'to MB', 'MB per hour', 'bytes per turn'],
    growthOf(samples).map(({ name, first, last, perHour, perTurn }) => [
      name,
      mb(first),
      mb(last),
      `${mb(perHour.perX)} ± ${mb(perHour.margin)}`,
      `${figure(perTurn.perX, 0)} ± ${figure(perTurn.margin, 0)}`,
    ]),
  );
  const said = table(
    [`${capture}: assertions`, '', ''],
    statements.map(({ says, found, holds }) => [says, holds ? 'yes' : 'NO', found]),
  );
  const repeated = `${figure(collected.repeated, 0)} duplicate spans, after a lost response.`;
  return [memory, capture === 'bare' ? '' : `${said}\n${repeated}`]
    .filter((text) => text !== '')
    .join('\n\n');
}

/** @returns whether everything holds */
async function soak({ minutes, captures, json }: SoakOptions): Promise<boolean> {
  const latest = new Map<SoakCapture, Sample>();
  const show: OnSample = (capture, sample) => {
    latest.set(capture, sample);
    if (!process.stderr.isTTY) return;
    const each = [...latest].map(
      ([name, { turns, heapBytes }]) => `${name} ${turns} turns, ${figure(heapBytes / MB, 1)} MB`,
    );
    const left = Math.max(0, minutes * 60 - sample.seconds);
    process.stderr.write(`\r\x1b[K${Math.ceil(left)} s left; ${each.join('; ')}`);
  };
  const results = await Promise.all(
    captures.map(async (capture) => {
      const played = await play(capture, minutes, show);
      return { capture, played, statements: capture === 'bare' ? [] : statementsAbout(played) };
    }),
  );
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  const texts = results.map(({ capture, played, statements }) => textOf(capture, played, statements));
  console.log(json ? JSON.stringify(results, null, 2) : [`Node ${process.version}`, ...texts].join('\n\n'));
  return results.every(({ statements }) => statements.every(({ holds }) => holds));
}

async function main(): Promise<number> {
  let options: SoakOptions;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`soak: ${error instanceof Error ? error.message : error}\nTry: npm run soak -- --help`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  return (await soak(options)) ? 0 : 1;
}

const CAPTURES = ['errors', 'full', 'bare'] as const;
type SoakCapture = (typeof CAPTURES)[number];

const HELP = `Usage: npm run soak [-- options]

Plays an hour's worth of mixed traffic in ten minutes, with real clients, faults and a Collector that
is restarted, and ends with 1 where memory grows, something stays open or a counter does not add up.
bench/long-run/README.md describes the load and the assertions.

  --minutes N      how long (default 10; below 4 nothing is said of how memory grows)
  --capture LIST   an application each, all at once: ${CAPTURES.join(',')} (default errors,full);
                   bare is one without this package, to compare with
  --json           print JSON instead of tables, with every sample
  --help           print this and exit
`;

interface SoakOptions {
  readonly help: boolean;
  readonly json: boolean;
  readonly minutes: number;
  readonly captures: readonly SoakCapture[];
}

const SHORTEST = 0.5;
const LONGEST = 24 * 60;

/** @throws Error that names the invalid option */
function parseOptions(args: string[]): SoakOptions {
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
    throw new Error(`Invalid --capture "${unknown}": expected ${CAPTURES.join(' or ')}`);
  const long = Number(minutes);
  if (!(long >= SHORTEST && long <= LONGEST))
    throw new Error(`Invalid --minutes "${minutes}": expected a number from ${SHORTEST} to ${LONGEST}`);
  return { help, json, minutes: long, captures: CAPTURES.filter((name) => wanted.includes(name)) };
}

/** A program of this folder in a process of its own. */
interface Child {
  send(message: object): void;
  /** Resolves with the next message that `recognise` accepts. Rejects if the process ends without one. */
  next<T>(recognise: (message: object) => T | undefined): Promise<T>;
  disconnect(): void;
  /** Its exit code, or `undefined` if it has not ended in time and was killed. */
  ended(millis: number): Promise<number | undefined>;
}

function startChild(file: string, settings: object, execArgv: readonly string[] = []): Child {
  const child = fork(join(__dirname, file), [JSON.stringify(settings)], {
    execArgv: ['--import', 'tsx', ...execArgv],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
  });
  const exit = new Promise<number | undefined>((resolve) => {
    child.once('exit', (code) => resolve(code ?? undefined));
  });
  // `exit` may come before the last message.
  const disconnected = new Promise<void>((resolve) => void child.once('disconnect', resolve));
  return {
    send: (message) => void child.send(message),
    next: (recognise) =>
      new Promise((resolve, reject) => {
        const look = (message: object): void => {
          const found = recognise(message);
          if (found === undefined) return;
          child.off('message', look);
          resolve(found);
        };
        child.on('message', look);
        void disconnected.then(() => reject(new Error(`${file} has ended or closed its channel`)));
      }),
    disconnect: () => child.disconnect(),
    ended: async (millis) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), millis);
      const code = await exit;
      clearTimeout(timer);
      return code;
    },
  };
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
