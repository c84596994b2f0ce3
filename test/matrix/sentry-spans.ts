import { gunzipSync } from 'node:zlib';
import type { ReceivedRequest } from '../support/provider.js';

interface SentrySpan {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, { readonly value: unknown } | undefined>>;
}

/** The spans in Sentry's envelopes: lines of JSON, some of which hold a list of items. */
export function sentrySpans(requests: readonly ReceivedRequest[]): SentrySpan[] {
  return requests.flatMap(({ headers, body }) => {
    const text = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    return text
      .toString()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .flatMap((line) => (JSON.parse(line) as { items?: SentrySpan[] }).items ?? []);
  });
}
