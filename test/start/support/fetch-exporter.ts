import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';

export interface FetchExporter extends SpanExporter {
  readonly spans: readonly ReadableSpan[];
  /** The number of completed exports. */
  readonly requests: number;
  readonly shutDown: boolean;
  /** Resolves when at least one export has completed. */
  sent(): Promise<void>;
}

/** A typical custom exporter, which sends the names of the spans by `fetch`. */
export function fetchExporter(url: string): FetchExporter {
  const spans: ReadableSpan[] = [];
  let requests = 0;
  let shutDown = false;
  let tell = (): void => {};
  const sent = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const post = async (names: readonly string[]): Promise<void> => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(names) });
    await response.text();
    requests += 1;
    tell();
  };
  return {
    spans,
    get requests() {
      return requests;
    },
    get shutDown() {
      return shutDown;
    },
    sent: () => sent,
    export: (batch, done) => {
      if (shutDown) return done({ code: 1 });
      spans.push(...batch);
      post(batch.map(({ name }) => name)).then(
        () => done({ code: 0 }),
        (error) => done({ code: 1, error }),
      );
    },
    forceFlush: async () => {},
    shutdown: async () => {
      shutDown = true;
    },
  };
}
