import type { Metric } from './conventions/problems.js';
import { decodeAttributes, decodeScope, type WireAttribute, type WireScope } from './otlp-json.js';

/** A received metric with attributes as plain values. */
export interface ReceivedMetric extends Metric {
  readonly points: readonly ReceivedPoint[];
}

export interface ReceivedPoint {
  readonly attributes: Record<string, unknown>;
  /** Of a histogram. */
  readonly boundaries?: readonly number[];
  /** The number of values of a histogram. */
  readonly value: number;
}

interface WirePoint {
  attributes?: WireAttribute[];
  asInt?: string | number;
  asDouble?: number;
  count?: string | number;
  explicitBounds?: number[];
}

interface WireMetric {
  name: string;
  unit?: string;
  gauge?: { dataPoints?: WirePoint[] };
  sum?: { dataPoints?: WirePoint[]; isMonotonic?: boolean };
  histogram?: { dataPoints?: WirePoint[] };
}

interface WireMetrics {
  resourceMetrics?: { scopeMetrics?: (WireScope & { metrics?: WireMetric[] })[] }[];
}

/**
 * Reads an `ExportMetricsServiceRequest` in OTLP's JSON encoding.
 * @throws SyntaxError if it is not JSON
 */
export function decodeMetrics(json: string): ReceivedMetric[] {
  const all: WireMetrics = JSON.parse(json);
  return (all.resourceMetrics ?? []).flatMap(({ scopeMetrics = [] }) =>
    scopeMetrics.flatMap(({ metrics = [], ...scope }) =>
      metrics.map((metric) => ({
        name: metric.name,
        unit: metric.unit ?? '',
        instrument: instrumentOf(metric),
        scope: decodeScope(scope),
        points: (metric.histogram ?? metric.sum ?? metric.gauge)?.dataPoints?.map(decodePoint) ?? [],
      })),
    ),
  );
}

function instrumentOf({ histogram, sum }: WireMetric): string {
  if (histogram !== undefined) return 'Histogram';
  if (sum !== undefined) return sum.isMonotonic ? 'Counter' : 'UpDownCounter';
  return 'Gauge';
}

function decodePoint({ attributes, asInt, asDouble, count, explicitBounds }: WirePoint): ReceivedPoint {
  return {
    attributes: decodeAttributes(attributes),
    value: Number(asInt ?? asDouble ?? count),
    ...(count !== undefined && { boundaries: explicitBounds ?? [] }),
  };
}
