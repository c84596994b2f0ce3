import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';
import * as semconv from '../../src/semconv.js';

/** Keeps the spans that are exported. */
export class Kept implements SpanExporter {
  readonly spans: ReadableSpan[] = [];

  export(spans: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    this.spans.push(...spans);
    done({ code: 0 });
  }

  async shutdown(): Promise<void> {}

  /** The attributes of all attempts. */
  attempts() {
    const events = this.spans.flatMap(({ events }) => events);
    return events
      .filter(({ name }) => name === semconv.EVENT_ATTEMPT)
      .map(({ attributes }) => attributes ?? {});
  }
}
