import type { Metric } from './registry.js';

const SUFFIXES: Readonly<Record<string, string>> = { s: '_seconds', By: '_bytes' };

/**
 * The names that a metric has in Prometheus, by OpenTelemetry's rules with underscores and suffixes
 * (specification/compatibility/prometheus_and_openmetrics.md).
 */
export function prometheusNames(name: string, { instrument, unit }: Metric): string[] {
  const underscored = prometheusLabel(name);
  const suffix = SUFFIXES[unit] ?? '';
  const base = underscored.endsWith(suffix) ? underscored : underscored + suffix;
  if (instrument === 'Histogram') return ['_bucket', '_count', '_sum'].map((part) => base + part);
  return [instrument === 'Counter' ? `${base}_total` : base];
}

export function prometheusLabel(attribute: string): string {
  return attribute.replaceAll('.', '_');
}

/** The metrics that a PromQL query selects, with the labels that it names. */
export function selectedBy(query: string): { readonly metrics: string[]; readonly labels: string[] } {
  const grouped = [...query.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/));
  const selectors = [...query.matchAll(/\{([^}]*)\}/g)].map(([, selector = '']) => selector);
  const matched = selectors.flatMap((selector) =>
    [...selector.matchAll(/(\w+)\s*[!=]/g)].map(([, label = '']) => label),
  );
  const rest = query.replace(/\bby \([^)]*\)|\{[^}]*\}|\[[^\]]*\]/g, '');
  return {
    metrics: [...new Set(rest.match(/\b(?:gen_ai|chatdebug|otel)_\w+/g))],
    labels: [...new Set([...grouped, ...matched])],
  };
}
