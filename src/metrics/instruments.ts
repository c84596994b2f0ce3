import type { Attributes, Histogram, Meter, Observable } from '@opentelemetry/api';
import type { Conventions } from '../conventions.js';
import type { ChatDebugStats } from '../handle.js';
import * as semconv from '../semconv.js';
import type { TokenUsage } from '../types.js';
import { DeliveryMetrics, type ObservableInstrument, type ObservedDelivery } from './delivery-metrics.js';
import { Counts, type KnownWords } from './known-words.js';

/** Values at collection. */
export type Observed = Pick<ChatDebugStats, 'liveRuns' | 'bodyBytes' | 'stalls'> & ObservedDelivery;

/** Created first: they show whether the meter is a no-op. */
export interface Durations {
  readonly duration: Histogram;
  readonly timeToFirstChunk: Histogram;
  readonly timePerChunk: Histogram;
}

export interface Instruments extends Durations {
  readonly recordTokens: RecordTokens;
  readonly runs: Counts;
  readonly attempts: Counts;
  readonly delivery: DeliveryMetrics;
  /** Removes the callbacks of asynchronous instruments. */
  stop(): void;
}

export interface InstrumentOptions {
  readonly conventions: Conventions;
  /** Values that are in use. */
  readonly errorTypes: KnownWords;
}

export function createInstruments(
  meter: Meter,
  durations: Durations,
  observed: () => Observed,
  { conventions, errorTypes }: InstrumentOptions,
): Instruments {
  const { tokenMetrics } = conventions;
  const histogram: CreateHistogram = (name, unit, explicitBucketBoundaries, description) =>
    meter.createHistogram(name, { description, unit, advice: { explicitBucketBoundaries } });
  const runs = new Counts();
  const attempts = new Counts();
  const delivery = new DeliveryMetrics(meter, observed, errorTypes);
  return {
    ...durations,
    recordTokens: tokenMetrics === 'token usage' ? tokenUsage(histogram) : inferenceUsage(meter, histogram),
    runs,
    attempts,
    delivery,
    stop: observe(meter, [
      ...delivery.observableInstruments,
      ['Counter', semconv.METRIC_CHATDEBUG_RUNS, '{run}', 'Ended runs, by status and decision', runs.observe],
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
        'Live runs',
        (result) => result.observe(observed().liveRuns),
      ],
      [
        'UpDownCounter',
        semconv.METRIC_CHATDEBUG_LIVE_BYTES,
        'By',
        'Memory that live runs hold for bodies',
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
        'Counter',
        semconv.METRIC_CHATDEBUG_DELIVERY_LOST,
        '{span}',
        'Spans that were lost before delivery',
        (result) => {
          for (const [reason, spans] of Object.entries(observed().delivery.lost)) {
            result.observe(spans, { [semconv.ATTR_CHATDEBUG_DELIVERY_LOSS_REASON]: reason });
          }
        },
      ],
    ]),
  };
}

/** @returns a function that removes the callbacks */
function observe(meter: Meter, all: readonly ObservableInstrument[]): () => void {
  const watched = all.map(([kind, name, unit, description, look]) => {
    const observable: Observable = meter[`createObservable${kind}`](name, { description, unit });
    observable.addCallback(look);
    return () => observable.removeCallback(look);
  });
  return () => {
    for (const undo of watched) undo();
  };
}

const TOKENS = [
  1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
];

/** @param call the attributes of the model call */
type RecordTokens = (tokens: TokenUsage, call: Attributes) => void;

type CreateHistogram = (
  name: string,
  unit: string,
  explicitBucketBoundaries: number[],
  description: string,
) => Histogram;

/** Version 1.41.0: one histogram with the token type as attribute. */
function tokenUsage(histogram: CreateHistogram): RecordTokens {
  const usage = histogram(
    semconv.METRIC_GEN_AI_CLIENT_TOKEN_USAGE,
    '{token}',
    TOKENS,
    'Tokens of model calls, if known',
  );
  return ({ inputTokens, outputTokens }, call) => {
    if (inputTokens !== undefined)
      usage.record(inputTokens, { ...call, [semconv.ATTR_GEN_AI_TOKEN_TYPE]: 'input' });
    if (outputTokens !== undefined)
      usage.record(outputTokens, { ...call, [semconv.ATTR_GEN_AI_TOKEN_TYPE]: 'output' });
  };
}

type Count = keyof TokenUsage;

/** A usage counter, and its parts by modality. */
interface UsageCounter {
  readonly total: Count;
  readonly metric: string;
  readonly description: string;
  readonly parts: readonly (readonly [modality: string, count: Count])[];
}

const USAGE_COUNTERS: readonly UsageCounter[] = [
  {
    total: 'inputTokens',
    metric: semconv.METRIC_GEN_AI_CLIENT_INFERENCE_USAGE_INPUT_TOKENS,
    description: 'Input tokens, including cached ones',
    parts: [
      ['text', 'textInputTokens'],
      ['audio', 'audioInputTokens'],
      ['image', 'imageInputTokens'],
    ],
  },
  {
    total: 'outputTokens',
    metric: semconv.METRIC_GEN_AI_CLIENT_INFERENCE_USAGE_OUTPUT_TOKENS,
    description: 'Output tokens, including reasoning',
    parts: [
      ['text', 'textOutputTokens'],
      ['audio', 'audioOutputTokens'],
      ['image', 'imageOutputTokens'],
    ],
  },
  {
    total: 'cacheReadTokens',
    metric: semconv.METRIC_GEN_AI_CLIENT_INFERENCE_USAGE_CACHE_READ_INPUT_TOKENS,
    description: "Input tokens read from the provider's cache",
    parts: [
      ['text', 'textCacheReadTokens'],
      ['audio', 'audioCacheReadTokens'],
      ['image', 'imageCacheReadTokens'],
    ],
  },
  {
    total: 'cacheCreationTokens',
    metric: semconv.METRIC_GEN_AI_CLIENT_INFERENCE_USAGE_CACHE_WRITE_INPUT_TOKENS,
    description: "Input tokens written to the provider's cache",
    parts: [],
  },
  {
    total: 'reasoningTokens',
    metric: semconv.METRIC_GEN_AI_CLIENT_INFERENCE_USAGE_REASONING_OUTPUT_TOKENS,
    description: 'Output tokens used for reasoning',
    parts: [],
  },
];

/** Development version: counters for usage, histograms for the size of a call. */
function inferenceUsage(meter: Meter, histogram: CreateHistogram): RecordTokens {
  const counters = USAGE_COUNTERS.map((spent) => ({
    ...spent,
    counter: meter.createCounter(spent.metric, { description: spent.description, unit: '{token}' }),
  }));
  const input = histogram(
    semconv.METRIC_GEN_AI_CLIENT_INFERENCE_OPERATION_INPUT_TOKENS,
    '{token}',
    TOKENS,
    'Input tokens of a model call',
  );
  const output = histogram(
    semconv.METRIC_GEN_AI_CLIENT_INFERENCE_OPERATION_OUTPUT_TOKENS,
    '{token}',
    TOKENS,
    'Output tokens of a model call',
  );
  return (tokens, call) => {
    for (const { counter, total, parts } of counters) {
      const count = tokens[total];
      if (count === undefined) continue;
      for (const [modality, part] of byModality(count, parts, tokens))
        counter.add(part, { ...call, [semconv.ATTR_GEN_AI_TOKEN_MODALITY]: modality });
    }
    if (tokens.inputTokens !== undefined) input.record(tokens.inputTokens, call);
    if (tokens.outputTokens !== undefined) output.record(tokens.outputTokens, call);
  };
}

/** Splits a count by modality. The rest is `unknown`. */
function byModality(
  count: number,
  parts: UsageCounter['parts'],
  tokens: TokenUsage,
): readonly (readonly [modality: string, count: number])[] {
  const known = parts.flatMap(([modality, name]) => {
    const part = tokens[name];
    return part === undefined ? [] : [[modality, part] as const];
  });
  const rest = known.reduce((left, [, part]) => left - part, count);
  if (known.length === 0 || rest < 0) return [[UNKNOWN, count]];
  return rest === 0 ? known : [...known, [UNKNOWN, rest]];
}

const UNKNOWN = 'unknown';
