import type { Counter, Histogram, Meter, Observable, ObservableCallback } from '@opentelemetry/api';
import type { ChatDebugStats } from '../handle.js';
import * as semconv from '../semconv.js';

/** Of a duration, in seconds: those that the GenAI conventions give for each of a client's histograms. */
const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKENS = [
  1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
];

/** What is recorded as it happens. */
export interface Instruments {
  readonly duration: Histogram;
  readonly timeToFirstChunk: Histogram;
  readonly tokenUsage: Histogram;
  readonly runs: Counter;
  readonly attempts: Counter;
}

/** What stands at the moment when a reader collects. */
export type Observed = Pick<ChatDebugStats, 'liveRuns' | 'bodyBytes' | 'delivery'>;

/** Every instrument of this package that is recorded to, with its unit and buckets. */
export function createInstruments(meter: Meter): Instruments {
  return {
    duration: meter.createHistogram(semconv.METRIC_GEN_AI_CLIENT_OPERATION_DURATION, {
      description: 'How long model calls take, all their tries included',
      unit: 's',
      advice: { explicitBucketBoundaries: SECONDS },
    }),
    timeToFirstChunk: meter.createHistogram(semconv.METRIC_GEN_AI_CLIENT_OPERATION_TIME_TO_FIRST_CHUNK, {
      description: 'How long it takes until a streamed answer begins',
      unit: 's',
      advice: { explicitBucketBoundaries: SECONDS },
    }),
    tokenUsage: meter.createHistogram(semconv.METRIC_GEN_AI_CLIENT_TOKEN_USAGE, {
      description: 'Tokens of model calls, where they are known',
      unit: '{token}',
      advice: { explicitBucketBoundaries: TOKENS },
    }),
    runs: meter.createCounter(semconv.METRIC_CHATDEBUG_RUNS, {
      description: 'Runs that ended, by what became of them',
      unit: '{run}',
    }),
    attempts: meter.createCounter(semconv.METRIC_CHATDEBUG_ATTEMPTS, {
      description: 'HTTP exchanges with providers',
      unit: '{attempt}',
    }),
  };
}

/**
 * Creates every instrument that is looked at rather than recorded to.
 *
 * @returns the undo
 */
export function observe(meter: Meter, observed: () => Observed): () => void {
  const each: readonly (readonly [Observable, ObservableCallback])[] = [
    [
      meter.createObservableUpDownCounter(semconv.METRIC_CHATDEBUG_LIVE_RUNS, {
        description: 'Runs under way',
        unit: '{run}',
      }),
      (result) => result.observe(observed().liveRuns),
    ],
    [
      meter.createObservableUpDownCounter(semconv.METRIC_CHATDEBUG_LIVE_BYTES, {
        description: 'Memory that runs under way hold for bodies',
        unit: 'By',
      }),
      (result) => result.observe(observed().bodyBytes),
    ],
    [
      meter.createObservableUpDownCounter(semconv.METRIC_CHATDEBUG_DELIVERY_QUEUE, {
        description: 'Spans that are not delivered yet',
        unit: '{span}',
      }),
      (result) => {
        const { queued, inFlight } = observed().delivery;
        result.observe(queued + inFlight);
      },
    ],
    [
      meter.createObservableCounter(semconv.METRIC_CHATDEBUG_DELIVERY_LOST, {
        description: 'Spans that were lost on their way',
        unit: '{span}',
      }),
      (result) => {
        for (const [reason, spans] of Object.entries(observed().delivery.lost)) {
          result.observe(spans, { [semconv.ATTR_CHATDEBUG_DELIVERY_LOSS_REASON]: reason });
        }
      },
    ],
  ];
  for (const [observable, callback] of each) observable.addCallback(callback);
  return () => {
    for (const [observable, callback] of each) observable.removeCallback(callback);
  };
}
