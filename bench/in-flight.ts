import { streamExchange } from './exchanges.js';
import { type Spread, spreadOf } from './figures.js';
import { type Bench, interleaved, startPeer } from './schedule.js';
import {
  AGAIN,
  BARE,
  ERRORS,
  ERRORS_RUN,
  FLOOR,
  FULL,
  FULL_FAILED,
  UNDICI,
  type Variant,
} from './variants.js';

/** The memory that a streaming call in progress holds, in addition to bare in the same round. */
export interface InFlightRow {
  readonly variant: string;
  readonly label: string;
  readonly calls: number;
  readonly heapBytes: Spread;
  /** Buffers. */
  readonly externalBytes: Spread;
}

export interface InFlightFigures {
  readonly title: string;
  /** The part of the response that each call has received: its head and its chunks. */
  readonly receivedBytes: number;
  readonly rounds: number;
  readonly rows: readonly InFlightRow[];
}

interface Held {
  readonly heapBytes: number;
  readonly externalBytes: number;
}

const CHUNKS = 16;
const SOME = 500;
export const MANY = 10_000;
const VARIANTS = [BARE, AGAIN, FLOOR, ERRORS, ERRORS_RUN, UNDICI, FULL_FAILED, FULL];
const HELD = [
  ...VARIANTS.map((variant) => ({ variant, calls: SOME })),
  ...[BARE, ERRORS].map((variant) => ({ variant, calls: MANY })),
];
type HeldCase = (typeof HELD)[number];

/** Fewer rounds than for CPU time: the figures differ little between rounds. */
const MIN_ROUNDS = 1;

export async function inFlightFigures(bench: Bench): Promise<InFlightFigures> {
  const rounds = await interleaved('in flight', HELD, { ...bench, minRounds: MIN_ROUNDS }, (held) =>
    measure(held, bench),
  );
  return {
    title: `A streaming call in flight after ${CHUNKS} chunks`,
    receivedBytes: Buffer.concat(streamExchange(CHUNKS + 1).slice(0, CHUNKS + 1)).length,
    rounds: rounds.length,
    rows: HELD.flatMap((held, index) => (held.variant === BARE ? [] : rowOf(held, index, rounds))),
  };
}

async function measure({ variant, calls }: HeldCase, { node, servers }: Bench): Promise<Held> {
  const peer = startPeer('measured/in-flight.mjs', {
    node,
    execArgv: ['--expose-gc'],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: servers.urls.receiver },
    settings: { variant, provider: servers.urls.provider, chunks: CHUNKS },
  });
  const held = await peer.ask<Held>({ calls });
  await peer.kill();
  await servers.take(0);
  return held;
}

function rowOf({ variant, calls }: HeldCase, index: number, rounds: readonly Held[][]): InFlightRow {
  const bare = HELD.findIndex((held) => held.variant === BARE && held.calls === calls);
  const added = (figure: keyof Held): Spread =>
    spreadOf(
      rounds.map((round) => (round[index]?.[figure] ?? Number.NaN) - (round[bare]?.[figure] ?? Number.NaN)),
    );
  return {
    variant: variant.name,
    label: labelOf(variant, calls),
    calls,
    heapBytes: added('heapBytes'),
    externalBytes: added('externalBytes'),
  };
}

function labelOf({ label }: Variant, calls: number): string {
  return `${label}, ${calls.toLocaleString('en-US')} calls`;
}
