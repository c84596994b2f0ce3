import { figure } from '../figures.js';
import type { Report, Sample } from './application.js';
import type { Collected } from './collector.js';

/** The results of one application and its servers. */
export interface Played {
  readonly samples: readonly Sample[];
  readonly report: Report;
  readonly collected: Collected;
  /** The exit code of the application, `undefined` if it had to be killed. */
  readonly exitCode: number | undefined;
}

export interface Statement {
  readonly says: string;
  readonly found: string;
  readonly holds: boolean;
}

interface Growth {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  /** Between them. */
  readonly turns: number;
  readonly perHour: Slope;
  readonly perTurn: Slope;
}

/** The fraction of samples to skip until compiled code, caches and pools have their final size. */
const SETTLE = 1 / 3;
/** In shorter runs memory does not settle: its slopes are shown and not judged. */
const LONG_SECONDS = 240;
/** A leaked record holds a kilobyte at least, and most turns make two. */
const MOST_HEAP_PER_TURN = 100;
/** A connection that `node:http` keeps holds the context in which it was opened. */
const MOST_RECORDS = 30;
/** In total. Partly used pages are not returned, and compiled code grows with the number of cases. */
const MOST_RSS = 32_000_000;

/** How memory grew once it had settled. */
export function growthOf(samples: readonly Sample[]): readonly Growth[] {
  const end = samples.at(-1)?.seconds ?? 0;
  const settled = samples.filter(({ seconds }) => seconds >= end * SETTLE);
  return (
    [
      ['heap and buffers', 'heapBytes'],
      ['resident', 'rssBytes'],
    ] as const
  ).map(([name, bytes]) => ({
    name,
    first: settled[0]?.[bytes] ?? Number.NaN,
    last: settled.at(-1)?.[bytes] ?? Number.NaN,
    turns: (settled.at(-1)?.turns ?? Number.NaN) - (settled[0]?.turns ?? Number.NaN),
    perHour: slopeOf(settled.map((sample) => [sample.seconds / 3_600, sample[bytes]])),
    perTurn: slopeOf(settled.map((sample) => [sample.turns, sample[bytes]])),
  }));
}

/** The requirements for an application with the package. */
export function statementsAbout(played: Played): readonly Statement[] {
  const { report, collected } = played;
  return [...aboutMemory(played), ...aboutTheEnd(played), ...aboutCounters(report, collected)];
}

/** A slope fails if it is above the bound with confidence, since noise cannot be distinguished from a small slope. */
function aboutMemory({ samples, report }: Played): Statement[] {
  const records: Statement = {
    says: 'no records stay in memory',
    found: `${report.records} (at most ${MOST_RECORDS})`,
    holds: report.records <= MOST_RECORDS,
  };
  const [heap, rss] = growthOf(samples);
  if ((samples.at(-1)?.seconds ?? 0) < LONG_SECONDS) return [records];
  return [
    records,
    grows('the heap does not grow', heap, MOST_HEAP_PER_TURN),
    grows('resident memory does not grow', rss, MOST_RSS / (rss?.turns ?? Number.NaN)),
  ];
}

function grows(says: string, growth: Growth | undefined, most: number): Statement {
  const { perX = Number.NaN, margin = Number.NaN } = growth?.perTurn ?? {};
  const found = `${figure(perX, 0)} ± ${figure(margin, 0)} bytes per turn (at most ${figure(most, 0)})`;
  return { says, found, holds: perX - margin <= most };
}

function aboutTheEnd({ report, exitCode }: Played): Statement[] {
  const { wrong, unhandled, open } = report;
  return [
    none('calls that should succeed succeed', wrong),
    none('no rejection is unhandled', unhandled),
    none('nothing keeps the process alive', open),
    equal('the process exits', exitCode, 0),
  ];
}

function aboutCounters(report: Report, collected: Collected): Statement[] {
  const { atRest, atEnd } = report;
  if (atRest === undefined || atEnd === undefined) return [];
  const { runs, delivery, keptBudget } = atEnd;
  const dropped = total(runs.dropped);
  const lost = total(runs.lost);
  const isBudgeted = collected.represented > 0;
  return [
    equal('runs started = runs of the turns', runs.started, report.runs),
    equal('runs started = kept + dropped + lost', runs.started, runs.kept + dropped + lost),
    equal('no run is undecided or lost', runs.undecided + lost, 0),
    equal('runs received = runs kept', collected.runs, runs.kept),
    equal('spans received = spans delivered', collected.spans, delivery.exported),
    equal('no span is lost', total(delivery.lost), 0),
    isBudgeted
      ? equal('runs represented + left out', collected.represented + keptBudget.unrepresented, report.told)
      : equal('steps received = steps of the runs', collected.steps, collected.stepsOfRuns),
    equal('metrics: runs', collected.counters['chatdebug.runs'], total({ kept: runs.kept, dropped, lost })),
    equal('metrics: attempts = requests made', collected.counters['chatdebug.attempts'], report.exchanges),
    equal('no memory is held at rest', atRest.bodyBytes + atRest.liveRuns, 0),
  ];
}

function equal(says: string, one: number | undefined, other: number | undefined): Statement {
  return { says, found: `${shown(one)} = ${shown(other)}`, holds: one === other };
}

function none(says: string, found: readonly string[]): Statement {
  const [first = 'none'] = found;
  return {
    says,
    found: found.length > 1 ? `${found.length}, such as ${first}` : first,
    holds: found.length === 0,
  };
}

function shown(count: number | undefined): string {
  return count === undefined ? 'unknown' : figure(count, 0);
}

function total(counts: Readonly<Record<string, number | undefined>>): number {
  return Object.values(counts).reduce((sum: number, count = 0) => sum + count, 0);
}

/** A straight line through points, by least squares. */
interface Slope {
  readonly perX: number;
  /** Half the width of the 95 % confidence interval of the slope, for independent points. */
  readonly margin: number;
}

type Point = readonly [x: number, y: number];

/** `NaN` for fewer than three points. */
export function slopeOf(points: readonly Point[]): Slope {
  const { length } = points;
  const meanX = sum(points.map(([x]) => x)) / length;
  const meanY = sum(points.map(([, y]) => y)) / length;
  const spread = sum(points.map(([x]) => (x - meanX) ** 2));
  const perX = sum(points.map(([x, y]) => (x - meanX) * (y - meanY))) / spread;
  const residuals = sum(points.map(([x, y]) => (y - meanY - perX * (x - meanX)) ** 2));
  const margin = length < 3 ? Number.NaN : 1.96 * Math.sqrt(residuals / (length - 2) / spread);
  return { perX, margin };
}

function sum(values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0);
}
