import { jsonExchange, STREAM_WORD } from './exchanges.js';
import { type Peer, profileArguments, startPeer } from './peer.js';
import type { ServersTaken, ServersUrls } from './servers.js';
import { median } from './statistics.js';
import type { Variant } from './variants.js';
import type { Work } from './works.js';

/** What one variant cost in one round. */
export interface Sample {
  readonly cpuMicrosPerCall: number;
  readonly exportedBytesPerCall: number;
  /** What was wrong, where something was: the round then does not count. */
  readonly invalid: string | undefined;
}

/** The measured process of one variant. */
export interface Caller {
  readonly variant: Variant;
  /** Makes calls of which nothing is asked; whoever wants them counted takes them from the servers. */
  warmUp(work: Work): Promise<void>;
  measure(work: Work): Promise<Sample>;
  /** Bytes that each call holds while it goes on. */
  hold(work: Work): Promise<number>;
  stop(): Promise<void>;
}

/** Provider and OTLP receiver, in one process beside the measured ones. */
export interface Servers {
  readonly urls: ServersUrls;
  take(spans: number): Promise<ServersTaken>;
  stop(): Promise<void>;
}

export async function startServers(): Promise<Servers> {
  const peer = startPeer('servers.ts', { execArgv: ['--import', 'tsx'] });
  const urls = await peer.ask<ServersUrls>({ ask: 'urls' });
  return { urls, take: (spans) => peer.ask<ServersTaken>({ ask: 'take', spans }), stop: peer.stop };
}

export function startCaller(variant: Variant, servers: Servers, profile: string | undefined): Caller {
  const peer = startPeer('caller.mjs', {
    execArgv: ['--expose-gc', ...profileArguments(profile, variant.name)],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: servers.urls.receiver },
    settings: { variant, provider: servers.urls.provider, text: jsonExchange().text, word: STREAM_WORD },
  });
  return {
    variant,
    warmUp: async (work) => {
      for (let i = 0; i < work.warmUps; i += 1) await peer.ask({ ask: 'run', ...work });
    },
    measure: (work) => measure(peer, variant, servers, work),
    hold: async (work) => {
      const { bytesPerCall } = await peer.ask<{ bytesPerCall: number }>({ ask: 'hold', ...work });
      await servers.take(variant.spansPerCall * work.calls);
      return bytesPerCall;
    },
    stop: peer.stop,
  };
}

/** What bench/caller.mjs says of some calls. */
interface Ran {
  readonly cpuMicros: number;
  /** Calls that returned something else. */
  readonly wrong: number;
  /** Names of hosts that something wanted to reach; none of the bench's has one. */
  readonly lookedUp: readonly string[];
}

async function measure(peer: Peer, variant: Variant, servers: Servers, work: Work): Promise<Sample> {
  await part(peer, variant, servers, work);
  const parts: Sample[] = [];
  for (let i = 0; i < work.parts; i += 1) parts.push(await part(peer, variant, servers, work));
  const wrong = parts.find(({ invalid }) => invalid !== undefined);
  const cpuMicrosPerCall = median(parts.map((each) => each.cpuMicrosPerCall));
  const exportedBytesPerCall = median(parts.map((each) => each.exportedBytesPerCall));
  return { cpuMicrosPerCall, exportedBytesPerCall, invalid: wrong?.invalid };
}

async function part(peer: Peer, variant: Variant, servers: Servers, work: Work): Promise<Sample> {
  const ran = await peer.ask<Ran>({ ask: 'run', ...work });
  const spans = variant.spansPerCall * work.calls;
  const taken = await servers.take(spans);
  return {
    cpuMicrosPerCall: ran.cpuMicros / work.calls,
    exportedBytesPerCall: taken.bytes / work.calls,
    invalid: whatIsWrong(
      [ran.wrong === 0, `${variant.label}: ${ran.wrong} of ${work.calls} calls returned something else`],
      [
        taken.requests === work.calls,
        `${variant.label}: ${taken.requests} requests arrived for ${work.calls} calls`,
      ],
      [taken.spans === spans, `${variant.label}: ${taken.spans} spans arrived of ${spans}`],
      [ran.lookedUp.length === 0, `${variant.label} reached for ${ran.lookedUp}`],
    ),
  };
}

function whatIsWrong(
  ...checks: readonly (readonly [right: boolean, otherwise: string])[]
): string | undefined {
  return checks.find(([right]) => !right)?.[1];
}
