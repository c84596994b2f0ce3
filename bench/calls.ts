import { jsonExchange, STREAM_WORD } from './exchanges.js';
import { type Peer, profileArguments, startPeer } from './peer.js';
import type { ServersTaken, ServersUrls } from './servers.js';
import { spansPerCall, type Variant } from './variants.js';

/** What is called, and how often in a row for one figure. */
export interface Work {
  readonly kind: 'json' | 'stream';
  /** Of the provider, before `/v1`. */
  readonly path: string;
  readonly chunks: number;
  readonly calls: number;
  /** How often before anything counts. */
  readonly warmUps: number;
  /** Whether to look at memory as well. */
  readonly held: boolean;
}

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
    measure: (work) => measure(peer, variant, servers, work),
    hold: async (work) => {
      const { bytesPerCall } = await peer.ask<{ bytesPerCall: number }>({ ask: 'hold', ...work });
      await servers.take(spansPerCall(variant) * work.calls);
      return bytesPerCall;
    },
    stop: peer.stop,
  };
}

async function measure(peer: Peer, variant: Variant, servers: Servers, work: Work): Promise<Sample> {
  const ran = await peer.ask<{ cpuMicros: number; wrong: number }>({ ask: 'run', ...work });
  const spans = spansPerCall(variant) * work.calls;
  const taken = await servers.take(spans);
  return {
    cpuMicrosPerCall: ran.cpuMicros / work.calls,
    exportedBytesPerCall: taken.bytes / work.calls,
    invalid: whatIsWrong(
      [ran.wrong === 0, `${ran.wrong} of ${work.calls} calls returned something else`],
      [taken.requests === work.calls, `${taken.requests} requests arrived for ${work.calls} calls`],
      [taken.spans === spans, `${taken.spans} spans arrived of ${spans}`],
    ),
  };
}

function whatIsWrong(
  ...checks: readonly (readonly [right: boolean, otherwise: string])[]
): string | undefined {
  return checks.find(([right]) => !right)?.[1];
}
