import { digits, type Environment } from './setting.js';

/** What OpenTelemetry's limits leave room for. */
export interface SpanLimits {
  /** Characters of a text; infinite unless it is limited. */
  readonly maxValueLength: number;
  /** Events of a span, three at least: the first attempt, the last, and the exception. */
  readonly maxEvents: number;
}

const LEAST_EVENTS = 3;

/**
 * Reads the limits of OpenTelemetry's "SDK environment variables", that for spans before that for all signals.
 * What is no number limits nothing.
 */
export function readSpanLimits(env: Environment): SpanLimits {
  const forAll = limitOf(env['OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'], Number.POSITIVE_INFINITY);
  return {
    maxValueLength: limitOf(env['OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT'], forAll),
    maxEvents: Math.max(LEAST_EVENTS, limitOf(env['OTEL_SPAN_EVENT_COUNT_LIMIT'], Number.POSITIVE_INFINITY)),
  };
}

function limitOf(text: string | undefined, fallback: number): number {
  const limit = digits(text?.trim() ?? '');
  return typeof limit === 'number' ? limit : fallback;
}
