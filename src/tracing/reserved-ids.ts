import type { IdGenerator } from '@opentelemetry/sdk-trace';

/**
 * Ids for the private provider. A run's trace id is fixed when the run starts, long before its span does:
 * `withTraceId` makes the next root span take it.
 */
export class ReservedIds implements IdGenerator {
  #reserved: string | undefined;

  constructor(private readonly random: IdGenerator) {}

  withTraceId<T>(traceId: string | undefined, startRoot: () => T): T {
    this.#reserved = traceId;
    try {
      return startRoot();
    } finally {
      this.#reserved = undefined;
    }
  }

  generateTraceId(): string {
    return this.#reserved ?? this.random.generateTraceId();
  }

  generateSpanId(): string {
    return this.random.generateSpanId();
  }
}
