import * as semconv from './semconv.js';

/** A version of the GenAI semantic conventions: what differs between versions. */
export interface Conventions {
  /** Whether to write attributes that version 1.41.0 does not define: see `docs/recorded.md`. */
  readonly isDevelopment: boolean;
  /** The schema URL of tracer and meter. `undefined` for the development version. */
  readonly schemaUrl: string | undefined;
  /** The attribute for the name of a workflow. */
  readonly workflowName: string;
  /** The attribute for cache write tokens. */
  readonly cacheWriteTokens: string;
  /**
   * Where finish reasons are written: in each output message too, or in `gen_ai.response.finish_reasons` only, with
   * `error` for a generation that did not finish.
   */
  readonly finishReasons: 'in messages' | 'in response';
  /** The event name of a log record for the exception of a model call. */
  readonly exceptionEvent: string;
  readonly durationMetric: string;
  readonly timeToFirstChunkMetric: string;
  readonly timePerChunkMetric: string;
  /** Token metrics: one histogram for both token types, or usage counters and a histogram for each type. */
  readonly tokenMetrics: 'token usage' | 'inference usage';
}

/** The last version of the main conventions that defines GenAI names. Default. */
const PUBLISHED: Conventions = Object.freeze({
  isDevelopment: false,
  schemaUrl: 'https://opentelemetry.io/schemas/1.41.0',
  workflowName: semconv.ATTR_GEN_AI_WORKFLOW_NAME,
  cacheWriteTokens: semconv.ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
  finishReasons: 'in messages',
  exceptionEvent: semconv.EVENT_GEN_AI_CLIENT_OPERATION_EXCEPTION,
  durationMetric: semconv.METRIC_GEN_AI_CLIENT_OPERATION_DURATION,
  timeToFirstChunkMetric: semconv.METRIC_GEN_AI_CLIENT_OPERATION_TIME_TO_FIRST_CHUNK,
  timePerChunkMetric: semconv.METRIC_GEN_AI_CLIENT_OPERATION_TIME_PER_OUTPUT_CHUNK,
  tokenMetrics: 'token usage',
});

/**
 * The conventions in `open-telemetry/semantic-conventions-genai`, all in development, as of their version 0.1.0
 * (November 2026). Its changelog lists the differences from 1.41.0.
 */
const DEVELOPMENT: Conventions = Object.freeze({
  isDevelopment: true,
  schemaUrl: undefined,
  // Workflow spans have the same name attribute as spans of agents in the process.
  workflowName: semconv.ATTR_GEN_AI_AGENT_NAME,
  cacheWriteTokens: semconv.ATTR_GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS,
  finishReasons: 'in response',
  exceptionEvent: semconv.EVENT_GEN_AI_CLIENT_INFERENCE_EXCEPTION,
  durationMetric: semconv.METRIC_GEN_AI_CLIENT_INFERENCE_DURATION,
  timeToFirstChunkMetric: semconv.METRIC_GEN_AI_CLIENT_INFERENCE_TIME_TO_FIRST_CHUNK,
  timePerChunkMetric: semconv.METRIC_GEN_AI_CLIENT_INFERENCE_TIME_PER_OUTPUT_CHUNK,
  tokenMetrics: 'inference usage',
});

const OPT_IN = 'gen_ai_latest_experimental';

/**
 * Parses `OTEL_SEMCONV_STABILITY_OPT_IN`, a comma-separated list of categories. Ignores unknown categories, which may
 * be for other instrumentations.
 */
export function conventionsOf(env: Readonly<Record<string, string | undefined>>): Conventions {
  const categories = (env['OTEL_SEMCONV_STABILITY_OPT_IN'] ?? '').split(',').map((name) => name.trim());
  return categories.includes(OPT_IN) ? DEVELOPMENT : PUBLISHED;
}
