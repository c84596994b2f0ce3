import type { Attributes } from '@opentelemetry/api';
import {
  type DataPoint,
  DataPointType,
  type Histogram,
  MeterProvider,
  type MetricData,
  MetricReader,
} from '@opentelemetry/sdk-metrics';
import { type Metric, metricProblems, type Scope } from './conventions/problems.js';

/** A number, or for a histogram its count, sum and buckets. */
export type Value = number | Pick<Histogram, 'count' | 'sum' | 'buckets'>;

export interface Point {
  readonly attributes: Attributes;
  readonly value: Value;
}

export interface CollectedMetrics {
  readonly provider: MeterProvider;
  /** The current points of an instrument. */
  points(name: string): Promise<Point[]>;
  /** How often something was counted or timed with at least these attributes. */
  count(name: string, attributes?: Attributes): Promise<number>;
  /** Names and units of all instruments. */
  units(): Promise<Record<string, string>>;
}

class Reader extends MetricReader {
  protected async onShutdown(): Promise<void> {}
  protected async onForceFlush(): Promise<void> {}
}

/** The application's meter provider, which is read directly instead of exporting. */
export function collectMetrics(): CollectedMetrics {
  const reader = new Reader();
  const provider = new MeterProvider({ readers: [reader] });
  const metrics = async () => {
    const { resourceMetrics, errors } = await reader.collect();
    expect(errors).toEqual([]);
    const { scopeMetrics } = resourceMetrics;
    const all = scopeMetrics.flatMap(({ scope, metrics }) => metrics.map((one) => collected(scope, one)));
    expect(all.flatMap(metricProblems)).toEqual([]);
    return scopeMetrics.flatMap((scope) => scope.metrics);
  };
  const points = async (name: string): Promise<Point[]> => {
    const found = (await metrics()).filter(({ descriptor }) => descriptor.name === name);
    return found.flatMap(({ dataPoints }) => dataPoints as DataPoint<Value>[]);
  };
  return {
    provider,
    points,
    count: async (name, attributes = {}) => {
      const wanted = Object.entries(attributes);
      const matching = (await points(name)).filter((point) =>
        wanted.every(([key, value]) => point.attributes[key] === value),
      );
      return matching.reduce((sum, { value }) => sum + (typeof value === 'number' ? value : value.count), 0);
    },
    units: async () =>
      Object.fromEntries((await metrics()).map(({ descriptor }) => [descriptor.name, descriptor.unit])),
  };
}

function collected(scope: Scope, { descriptor, dataPointType, dataPoints, ...data }: MetricData): Metric {
  const isMonotonic = 'isMonotonic' in data && data.isMonotonic;
  return {
    name: descriptor.name,
    unit: descriptor.unit,
    instrument:
      dataPointType === DataPointType.HISTOGRAM ? 'Histogram' : isMonotonic ? 'Counter' : 'UpDownCounter',
    scope,
    points: (dataPoints as DataPoint<Value>[]).map(({ attributes, value }) => ({
      attributes,
      ...(typeof value === 'object' && { boundaries: value.buckets.boundaries }),
    })),
  };
}
