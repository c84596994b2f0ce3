import type { Work } from './calls-cases.js';
import { jsonExchange, STREAM_WORD } from './exchanges.js';
import { profileArguments, startPeer } from './peer.js';
import type { ServersTaken, ServersUrls } from './servers.js';
import type { Variant } from './variants.js';

/** Provider and OTLP receiver, in one process beside the measured ones. */
export interface Servers {
  readonly urls: ServersUrls;
  /** What came since the last look, once it is as many spans. */
  take(spans: number): Promise<ServersTaken>;
  /** Makes requests to a server, several at once, for so long. */
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

/** What the calls of one process cost. */
export interface Sample {
  readonly cpuMicrosPerCall: number;
  readonly p99Millis: number;
  readonly sentBytesPerCall: number;
  /** What was wrong, where something was: the round then does not count. */
  readonly invalid: string | undefined;
}

/** What bench/measured/caller.mjs reports. */
interface Ran {
  readonly cpuMicros: number;
  readonly p99Millis: number;
  readonly wrong: number;
  readonly lookedUp: readonly string[];
}

export interface CallerOptions {
  readonly node: string;
  readonly servers: Servers;
  readonly profile: string | undefined;
}

/** Settings of a measured process that makes calls to the provider. */
export function callSettings(variant: Variant, { urls }: Servers): object {
  return { variant, provider: urls.provider, text: jsonExchange().text, word: STREAM_WORD };
}

/** Makes the calls of one work in a process of their own. */
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
