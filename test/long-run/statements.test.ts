import { type Played, slopeOf, statementsAbout } from '../../bench/long-run/statements.js';

const STATS: NonNullable<Played['report']['atEnd']> = {
  liveRuns: 0,
  bodyBytes: 0,
  runs: { started: 10, undecided: 0, kept: 3, dropped: { no_evidence: 5, budget: 2 }, lost: {} },
  keptBudget: { fingerprints: 1, forgotten: 0, unrepresented: 1 },
  evicted: { max_runs: 0, idle: 0, max_steps: 0, max_attempts: 0, max_bytes: 0 },
  stalls: { now: 0, total: 0 },
  delivery: { queued: 0, inFlight: 0, exported: 7, lost: {} },
};

/** Heap and resident memory grow by that many bytes per turn, over ten minutes. */
function samples(heapBytes: number, rssBytes = 0): Played['samples'] {
  return Array.from({ length: 100 }, (_, index) => ({
    seconds: 6 * (index + 1),
    turns: 360 * index,
    heapBytes: 60_000_000 + 360 * index * heapBytes + (index % 7) * 100_000,
    rssBytes: 200_000_000 + 360 * index * rssBytes,
  }));
}

const GOOD: Played = {
  samples: samples(0),
  report: {
    played: { 'all goes well': 10 },
    wrong: [],
    unhandled: [],
    runs: 10,
    exchanges: 12,
    told: 5,
    atRest: STATS,
    atEnd: STATS,
    records: 3,
    open: [],
  },
  collected: {
    spans: 7,
    repeated: 1,
    runs: 3,
    steps: 4,
    stepsOfRuns: 4,
    represented: 4,
    counters: { 'chatdebug.runs': 10, 'chatdebug.attempts': 12 },
  },
  exitCode: 0,
};

const failing = (played: Played) =>
  statementsAbout(played)
    .filter(({ holds }) => !holds)
    .map(({ says }) => says);

const reporting = (report: Partial<Played['report']>): Played => ({
  ...GOOD,
  report: { ...GOOD.report, ...report },
});
const collecting = (collected: Partial<Played['collected']>): Played => ({
  ...GOOD,
  collected: { ...GOOD.collected, ...collected },
});
const ending = (atEnd: Partial<typeof STATS>): Played => reporting({ atEnd: { ...STATS, ...atEnd } });

test('everything holds for a healthy application', () => {
  expect(failing(GOOD)).toEqual([]);
});

test.each<[string, Played]>([
  ['no records stay in memory', reporting({ records: 500 })],
  ['the heap does not grow', { ...GOOD, samples: samples(1_000) }],
  ['resident memory does not grow', { ...GOOD, samples: samples(0, 3_000) }],
  ['calls that should succeed succeed', reporting({ wrong: ['Error: no luck'] })],
  ['no rejection is unhandled', reporting({ unhandled: ['Error: no luck'] })],
  ['nothing keeps the process alive', reporting({ open: ['Timeout'] })],
  ['the process exits', { ...GOOD, exitCode: undefined }],
  ['runs started = runs of the turns', reporting({ runs: 9 })],
  ['runs started = kept + dropped + lost', ending({ runs: { ...STATS.runs, dropped: {} } })],
  ['no run is undecided or lost', ending({ runs: { ...STATS.runs, undecided: 1 } })],
  ['runs received = runs kept', collecting({ runs: 2 })],
  ['spans received = spans delivered', collecting({ spans: 6 })],
  ['no span is lost', ending({ delivery: { ...STATS.delivery, lost: { queue_full: 1 } } })],
  ['runs represented + left out', reporting({ told: 6 })],
  ['steps received = steps of the runs', collecting({ represented: 0, steps: 3 })],
  ['metrics: runs', collecting({ counters: { 'chatdebug.runs': 9, 'chatdebug.attempts': 12 } })],
  ['metrics: attempts = requests made', reporting({ exchanges: 13 })],
  ['no memory is held at rest', reporting({ atRest: { ...STATS, bodyBytes: 1 } })],
])('reports a violation: %s', (says, played) => {
  expect(failing(played)).toContain(says);
});

test('reports no slopes for a short run', () => {
  expect(failing({ ...GOOD, samples: samples(1_000).slice(0, 20) })).toEqual([]);
});

test('a slope and its confidence interval', () => {
  const noise = [1, -1, -1, 1, 1, -1, -1, 1];
  const { perX, margin } = slopeOf(noise.map((off, x) => [x, 3 + 2 * x + off]));
  expect(perX).toBeCloseTo(2);
  expect(margin).toBeCloseTo((1.96 * Math.sqrt(8 / 6)) / Math.sqrt(42));
});
