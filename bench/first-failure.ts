import { setTimeout as sleep } from 'node:timers/promises';
import { callSettings } from './calls-case.js';
import { type Spread, spreadOf } from './figures.js';
import { type Bench, interleaved, startPeer } from './schedule.js';
import { AGAIN, BARE, ERRORS, ERRORS_RUN } from './variants.js';

/** How long the event loop of a server under load is blocked while the first failed call is recorded. */
export interface FirstFailureRow {
  readonly variant: string;
  readonly label: string;
  /** The longest block by `monitorEventLoopDelay`, before the failure. */
  readonly before: Spread;
  /** The same after it. */
  readonly delay: Spread;
  /** The same, measured by a timer of one millisecond. */
  readonly timer: Spread;
  /** The modules that it loads. */
  readonly modules: number;
  /** Whether the recording arrived in every round; `undefined` where nothing is recorded. */
  readonly hasArrived: boolean | undefined;
}

export interface FirstFailureFigures {
  readonly title: string;
  readonly rounds: number;
  readonly rows: readonly FirstFailureRow[];
}

/** The output of bench/measured/server.mjs. */
interface Blocks {
  readonly delayMillis: number;
  readonly timerMillis: number;
  readonly modules: number;
}

interface Sample {
  readonly before: Blocks;
  readonly after: Blocks;
  readonly spans: number;
}

/**
 * The call of a run fails with a 500. Where a call opens its run by itself, a 500 is recorded only once no other attempt can
 * come, many seconds later: so that one gets an error inside a 200, which is recorded at once.
 */
const FAILURES = [
  { variant: BARE, label: `${BARE.label}, HTTP 500`, failure: 'error' },
  { variant: AGAIN, label: `${AGAIN.label}, HTTP 500`, failure: 'error' },
  { variant: ERRORS, label: `${ERRORS.label}, error inside a 200`, failure: 'error-inside' },
  { variant: ERRORS_RUN, label: `${ERRORS_RUN.label}, HTTP 500`, failure: 'error' },
] as const;
type Failure = (typeof FAILURES)[number];

const WARM_UP_MILLIS = 2_000;
/** Both windows have the same length. It suffices for the recording to arrive. */
const WINDOW_MILLIS = 2_000;

export async function firstFailureFigures(bench: Bench): Promise<FirstFailureFigures> {
  const rounds = await interleaved('first failure', FAILURES, bench, (failure) => measure(failure, bench));
  return {
    title: 'First failure of a server under load: longest event loop block',
    rounds: rounds.length,
    rows: FAILURES.map((failure, index) =>
      rowOf(
        failure,
        rounds.flatMap((round) => round[index] ?? []),
      ),
    ),
  };
}

async function measure({ variant, failure }: Failure, { node, servers, profile }: Bench): Promise<Sample> {
  const peer = startPeer('measured/server.mjs', {
    node,
    execArgv: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: servers.urls.receiver },
    settings: { ...callSettings(variant, servers), failure },
  });
  const url = await peer.ask<string>({ ask: 'url' });
  const loaded = servers.load(`${url}/ok`, WARM_UP_MILLIS + 2 * WINDOW_MILLIS);
  await sleep(WARM_UP_MILLIS);
  await peer.ask({ ask: 'start' });
  await peer.ask({ ask: 'take' });
  await sleep(WINDOW_MILLIS);
  const before = await peer.ask<Blocks>({ ask: 'take' });
  await (await fetch(`${url}/fail`)).arrayBuffer();
  await loaded;
  const after = await peer.ask<Blocks>({ ask: 'take' });
  const { spans } = await servers.take(variant.ours === undefined ? 0 : 1);
  await peer.stop();
  return { before, after, spans };
}

function rowOf({ variant: { name, ours }, label }: Failure, samples: readonly Sample[]): FirstFailureRow {
  const of = (figure: (sample: Sample) => number): Spread => spreadOf(samples.map(figure));
  return {
    variant: name,
    label,
    before: of(({ before }) => before.delayMillis),
    delay: of(({ after }) => after.delayMillis),
    timer: of(({ after }) => after.timerMillis),
    modules: of(({ before, after }) => after.modules - before.modules).median,
    hasArrived: ours && samples.every(({ spans }) => spans > 0),
  };
}
