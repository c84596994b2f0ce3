import type { CallsCase, Work } from './calls-cases.js';
import { jsonExchange, STREAM_WORD } from './exchanges.js';
import { type Spread, spreadOf } from './figures.js';
import { type Bench, interleaved, profileArguments, startPeer } from './schedule.js';
import type { ServersTaken, ServersUrls } from './servers.js';
import { AGAIN, AGAIN_TOO, type Variant } from './variants.js';

/** The cost of a call in one variant. Ratios and additions compare with bare in the same round. */
export interface CallsRow {
  readonly variant: string;
  readonly label: string;
  readonly sends: Variant['sends'];
  readonly loaded: 'none' | 'ours' | 'rival';
  readonly cpuMicros: Spread;
  readonly p99Millis: Spread;
  readonly ratio: Spread;
  readonly addedMicros: Spread;
  readonly p99Ratio: Spread;
  readonly sentBytes: number;
}

/** The cost of the same calls in each variant, bare first. */
export interface CallsFigures {
  readonly title: string;
  readonly rounds: number;
  /** The problem of each discarded round. */
  readonly invalid: readonly string[];
  readonly rows: readonly CallsRow[];
}

export async function callsFigures(calls: CallsCase, bench: Bench): Promise<CallsFigures> {
  const rounds = await interleaved(calls.title, calls.variants, bench, (variant) =>
    measureCalls(variant, calls, bench),
  );
  const wrong = rounds.map((round) => round.find(({ invalid }) => invalid !== undefined)?.invalid);
  const valid = rounds.filter((_, index) => wrong[index] === undefined);
  if (valid.length === 0) throw new Error(`${calls.title}: no round is valid; ${wrong[0]}`);
  return {
    title: calls.title,
    rounds: valid.length,
    invalid: wrong.filter((reason) => reason !== undefined),
    rows: calls.variants.map((variant, index) => rowOf(variant, index, valid)),
  };
}

function rowOf(
  { name, label, sends, ours, rival }: Variant,
  index: number,
  rounds: readonly Sample[][],
): CallsRow {
  const of = (figure: (own: Sample, bare: Sample) => number): Spread =>
    spreadOf(
      rounds.map((round) => {
        const [own, bare] = [round[index], round[0]];
        return own === undefined || bare === undefined ? Number.NaN : figure(own, bare);
      }),
    );
  return {
    variant: name,
    label,
    sends,
    loaded: ours ? 'ours' : rival ? 'rival' : 'none',
    cpuMicros: of((own) => own.cpuMicrosPerCall),
    p99Millis: of((own) => own.p99Millis),
    ratio: of((own, bare) => own.cpuMicrosPerCall / bare.cpuMicrosPerCall),
    addedMicros: of((own, bare) => own.cpuMicrosPerCall - bare.cpuMicrosPerCall),
    p99Ratio: of((own, bare) => own.p99Millis / bare.p99Millis),
    sentBytes: of((own) => own.sentBytesPerCall).median,
  };
}

/** The largest deviation from 1 in the middle half of the rounds, for two processes without a recorder. */
export function noiseOf({ rows }: CallsFigures, figure: 'ratio' | 'p99Ratio'): number {
  const again = rows.filter(({ variant }) => variant === AGAIN.name || variant === AGAIN_TOO.name);
  return Math.max(...again.flatMap((row) => [Math.abs(row[figure].low - 1), Math.abs(row[figure].high - 1)]));
}

/** Provider and OTLP receiver, in a process of their own. */
export interface Servers {
  readonly urls: ServersUrls;
  /** Resolves with the data received since the last request, once it has that many spans. */
  take(spans: number): Promise<ServersTaken>;
  /** Sends parallel requests to a server for this time. */
  load(url: string, millis: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startServers(): Promise<Servers> {
  const peer = startPeer('servers.ts', { execArgv: ['--import', 'tsx'] });
  const urls = await peer.ask<ServersUrls>({ ask: 'urls' });
  return {
    urls,
    take: (spans) => peer.ask<ServersTaken>({ ask: 'take', spans }),
    load: (url, millis) => peer.ask<void>({ ask: 'load', url, millis }),
    stop: peer.stop,
  };
}

/** The cost of the calls of one process. */
interface Sample {
  readonly cpuMicrosPerCall: number;
  readonly p99Millis: number;
  readonly sentBytesPerCall: number;
  /** The problem, if any. The round is then discarded. */
  readonly invalid: string | undefined;
}

/** The output of bench/measured/caller.mjs. */
interface Ran {
  readonly cpuMicros: number;
  readonly p99Millis: number;
  readonly wrong: number;
  readonly lookedUp: readonly string[];
}

interface CallerOptions {
  readonly node: string;
  readonly servers: Servers;
  readonly profile: string | undefined;
}

/** Settings of a measured process that makes calls to the provider. */
export function callSettings(variant: Variant, { urls }: Servers): object {
  return { variant, provider: urls.provider, text: jsonExchange().text, word: STREAM_WORD };
}

/** Makes the calls of one workload in a separate process. */
export async function measureCalls(
  variant: Variant,
  work: Work,
  { node, servers, profile }: CallerOptions,
): Promise<Sample> {
  const peer = startPeer('measured/caller.mjs', {
    node,
    execArgv: profileArguments(profile, `${work.kind}-${variant.name}`),
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: servers.urls.receiver },
    settings: { ...callSettings(variant, servers), work },
  });
  const ran = await peer.ask<Ran>({});
  const calls = work.warmUp + work.calls;
  const spans = variant.spansPerCall * calls;
  const taken = await servers.take(spans);
  await peer.stop();
  return {
    cpuMicrosPerCall: ran.cpuMicros / work.calls,
    p99Millis: ran.p99Millis,
    sentBytesPerCall: taken.bytes / calls,
    invalid: firstWrong(
      [ran.wrong === 0, `${variant.label}: ${ran.wrong} of ${calls} calls returned something else`],
      [taken.requests === calls, `${variant.label}: ${taken.requests} requests arrived for ${calls} calls`],
      [taken.spans === spans, `${variant.label}: ${taken.spans} spans arrived of ${spans}`],
      [ran.lookedUp.length === 0, `${variant.label} looked up ${ran.lookedUp}`],
    ),
  };
}

function firstWrong(
  ...checks: readonly (readonly [isRight: boolean, otherwise: string])[]
): string | undefined {
  return checks.find(([isRight]) => !isRight)?.[1];
}
