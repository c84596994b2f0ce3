import { figure, table } from '../table.js';
import type { ApplicationSettings, Message, Report, Sample } from './application.js';
import { type Child, startChild } from './child.js';
import type { Collected } from './collector.js';
import type { FarSide, FarSideSettings } from './far-side.js';
import { HELP, parseOptions, type SoakCapture, type SoakOptions } from './options.js';
import { growthOf, type Played, type Statement, statementsAbout } from './statements.js';

/** An hour at ten turns a second, in ten minutes. */
const TURNS_PER_SECOND = 60;
const SAMPLES = 150;
const SHORTEST_SAMPLE_MILLIS = 1_000;
/** The Collector is restarted ten times, or as often as there is time for. */
const CYCLES = 10;
const SHORTEST_CYCLE_MILLIS = 20_000;
/** What ends by itself does so at once. */
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
    [`${capture}: what must hold`, '', ''],
    statements.map(({ says, found, holds }) => [says, holds ? 'yes' : 'NO', found]),
  );
  const repeated = `${figure(collected.repeated, 0)} spans came twice, their first answer being lost.`;
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

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
