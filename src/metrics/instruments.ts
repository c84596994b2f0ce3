import type { Histogram, Meter, Observable, ObservableCallback } from '@opentelemetry/api';
import type { ChatDebugStats } from '../handle.js';
import * as semconv from '../semconv.js';
import { Counts } from './counts.js';

/** Of a duration, in seconds: those that the GenAI conventions give for each of a client's histograms. */
const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKENS = [
  1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
];

/** What stands at the moment when a reader collects. */
export type Observed = Pick<ChatDebugStats, 'liveRuns' | 'bodyBytes' | 'stalls' | 'delivery'>;

/** What is recorded and counted as it happens. */
export interface Instruments {
  readonly duration: Histogram;
  readonly timeToFirstChunk: Histogram;
  readonly tokenUsage: Histogram;
  readonly runs: Counts;
  readonly attempts: Counts;
  /** Nobody is told of what is only looked at any more. */
  stop(): void;
}

/** Every instrument of this package, with its unit and buckets. */
export function createInstruments(meter: Meter, observed: () => Observed): Instruments {
  const histogram = (name: string, unit: string, explicitBucketBoundaries: number[], description: string) =>
    meter.createHistogram(name, { description, unit, advice: { explicitBucketBoundaries } });
  const runs = new Counts();
  const attempts = new Counts();
  return {
    duration: histogram(
      semconv.METRIC_GEN_AI_CLIENT_OPERATION_DURATION,
      's',
      SECONDS,
      'How long model calls take, all their tries included',
    ),
    timeToFirstChunk: histogram(
      semconv.METRIC_GEN_AI_CLIENT_OPERATION_TIME_TO_FIRST_CHUNK,
      's',
      SECONDS,
      'How long it takes until a streamed answer begins',
    ),
    tokenUsage: histogram(
      semconv.METRIC_GEN_AI_CLIENT_TOKEN_USAGE,
      '{token}',
      TOKENS,
      'Tokens of model calls, where they are known',
    ),
    runs,
    attempts,
    stop: observe(meter, [
      [
        'Counter',
        semconv.METRIC_CHATDEBUG_RUNS,
        '{run}',
        'Runs that ended, by what became of them',
        runs.observe,
      ],
      [
        'Counter',
        semconv.METRIC_CHATDEBUG_ATTEMPTS,
        '{attempt}',
        'HTTP exchanges with providers',
        attempts.observe,
      ],
      [
        'UpDownCounter',
        semconv.METRIC_CHATDEBUG_LIVE_RUNS,
        '{run}',
        'Runs under way',
        (result) => result.observe(observed().liveRuns),
      ],
      [
        'UpDownCounter',
        semconv.METRIC_CHATDEBUG_LIVE_BYTES,
        'By',
        'Memory that runs under way hold for bodies',
        (result) => result.observe(observed().bodyBytes),
      ],
      [
        'Counter',
        semconv.METRIC_CHATDEBUG_STREAM_STALLS,
        '{response}',
        'Responses that were silent for longer than stallMillis',
        (result) => result.observe(observed().stalls.total),
      ],
      [
        'UpDownCounter',
        semconv.METRIC_CHATDEBUG_DELIVERY_QUEUE,
        '{span}',
        'Spans that are not delivered yet',
        (result) => {
          const { queued, inFlight } = observed().delivery;
          result.observe(queued + inFlight);
        },
      ],
      [
        'Counter',
        semconv.METRIC_CHATDEBUG_DELIVERY_LOST,
        '{span}',
        'Spans that were lost on their way',
        (result) => {
          for (const [reason, spans] of Object.entries(observed().delivery.lost)) {
            result.observe(spans, { [semconv.ATTR_CHATDEBUG_DELIVERY_LOSS_REASON]: reason });
          }
        },
      ],
    ]),
  };
}

type Looked = readonly [
  kind: 'Counter' | 'UpDownCounter',
  name: string,
  unit: string,
  description: string,
  look: ObservableCallback,
];

/** @returns the undo */
function observe(meter: Meter, all: readonly Looked[]): () => void {
  const watched = all.map(([kind, name, unit, description, look]) => {
    const observable: Observable = meter[`createObservable${kind}`](name, { description, unit });
    observable.addCallback(look);
    return () => observable.removeCallback(look);
  });
  return () => {
    for (const undo of watched) undo();
  };
}
