import * as V from './variants.js';

/** A workload and its number of calls in one process. */
export interface Work {
  /** One of the calls of bench/measured/calls.mjs. */
  readonly kind: 'json' | 'stream' | 'ai-json' | 'ai-stream' | 'http' | 'http-other';
  /** The path before `/v1` of the provider. */
  readonly path: string;
  readonly chunks: number;
  /** The number of warm-up calls. */
  readonly warmUp: number;
  readonly calls: number;
  /** The number of parallel calls. */
  readonly parallel: number;
}

export interface CallsCase extends Work {
  readonly title: string;
  readonly variants: readonly V.Variant[];
}

const JSON_CALL = { kind: 'json', path: 'json', chunks: 0, parallel: 1 } as const;
const STREAM = { kind: 'stream', path: 'stream/500', chunks: 500, parallel: 1 } as const;

const BARE_TWICE = [V.BARE, V.AGAIN];
const BARE_THRICE = [...BARE_TWICE, V.AGAIN_TOO];
const WITH_CONTENT = [V.OPENLLMETRY, V.OPENINFERENCE, V.LANGFUSE];
const REST = [V.ERRORS, V.ERRORS_RUN, V.UNDICI, V.FULL_FAILED, V.FULL, ...WITH_CONTENT];
/** For slow cases. The cheapest variant with content represents the others. */
const MAIN_VARIANTS = [
  ...BARE_TWICE,
  V.FLOOR,
  V.ERRORS,
  V.ERRORS_RUN,
  V.UNDICI,
  V.FULL_FAILED,
  V.FULL,
  V.OPENLLMETRY,
];
const AI_VARIANTS = [
  ...BARE_TWICE,
  V.CONTEXT,
  V.FLOOR,
  V.ERRORS,
  V.ERRORS_MODEL,
  V.FULL_FAILED,
  V.FULL,
  V.FULL_MODEL,
  V.AI_TELEMETRY,
  V.AI_LANGFUSE,
];

/** In display order. */
export const ALL_VARIANTS: readonly V.Variant[] = [
  ...BARE_THRICE,
  V.CONTEXT,
  V.SUBSCRIBER,
  V.FLOOR,
  V.ERRORS,
  V.ERRORS_RUN,
  V.ERRORS_METRICS,
  V.ERRORS_MODEL,
  V.UNDICI,
  V.OPENAI,
  V.FULL_FAILED,
  V.FULL,
  V.FULL_MODEL,
  ...WITH_CONTENT,
  V.AI_TELEMETRY,
  V.AI_LANGFUSE,
];

export const CALLS_CASES = {
  json: {
    ...JSON_CALL,
    title: 'JSON 2 KB, fresh process (300 + 500 calls)',
    warmUp: 300,
    calls: 500,
    variants: [...BARE_THRICE, V.FLOOR, V.ERRORS_METRICS, V.OPENAI, ...REST],
  },
  gzip: {
    ...JSON_CALL,
    title: 'JSON 2 KB, compressed with gzip (300 + 500 calls)',
    path: 'json-gzip',
    warmUp: 300,
    calls: 500,
    variants: [...BARE_THRICE, V.FLOOR, V.ERRORS, V.ERRORS_RUN, V.UNDICI],
  },
  warm: {
    ...JSON_CALL,
    title: 'JSON 2 KB, warm (6,000 + 6,000 calls)',
    warmUp: 6_000,
    calls: 6_000,
    variants: MAIN_VARIANTS,
  },
  stream: {
    ...STREAM,
    title: 'stream of 500 chunks (20 + 60 calls)',
    warmUp: 20,
    calls: 60,
    variants: [...BARE_THRICE, V.SUBSCRIBER, V.FLOOR, ...REST],
  },
  long: {
    ...STREAM,
    title: 'stream of 100,000 chunks (1 + 1 calls)',
    path: 'stream/100000',
    chunks: 100_000,
    warmUp: 1,
    calls: 1,
    variants: [...BARE_TWICE, V.SUBSCRIBER, V.FLOOR, V.ERRORS, V.ERRORS_RUN, V.UNDICI],
  },
  parallel: {
    ...JSON_CALL,
    title: 'JSON 2 KB, 16 calls in parallel (480 + 4,800 calls)',
    parallel: 16,
    warmUp: 480,
    calls: 4_800,
    variants: MAIN_VARIANTS,
  },
  'ai-json': {
    ...JSON_CALL,
    title: 'generateText, 2 KB (150 + 250 calls)',
    kind: 'ai-json',
    warmUp: 150,
    calls: 250,
    variants: AI_VARIANTS,
  },
  'ai-stream': {
    ...STREAM,
    title: 'streamText, 500 parts (8 + 16 calls)',
    kind: 'ai-stream',
    warmUp: 8,
    calls: 16,
    variants: AI_VARIANTS,
  },
  http: {
    ...JSON_CALL,
    title: 'JSON 2 KB over node:http (300 + 2,000 calls)',
    kind: 'http',
    warmUp: 300,
    calls: 2_000,
    variants: [...BARE_THRICE, V.ERRORS, V.ERRORS_RUN, V.FULL_FAILED, V.FULL],
  },
  'http-other': {
    ...JSON_CALL,
    title: 'another JSON over node:http (6,000 + 6,000 calls)',
    kind: 'http-other',
    // Longer than a second, after which the parts for a first call are preloaded.
    warmUp: 6_000,
    calls: 6_000,
    variants: [...BARE_THRICE, V.ERRORS],
  },
} as const satisfies Readonly<Record<string, CallsCase>>;

export type CallsCaseName = keyof typeof CALLS_CASES;
