import { context } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { type ExportOutcome, outcomeOfResult, outcomeOfThrow } from './export-outcome.js';
import type { SpanExporter } from './exporter.js';
import { UNTRACED } from './untraced.js';

/** Exports without a turn of the event loop, as it must be at the end of the process. */
export interface SynchronousExport {
  /** An outcome for each batch, in their order; what has none in time is to be tried again. Never throws. */
  export(batches: readonly ReadableSpan[][], timeoutMillis: number): ExportOutcome[];
  /** Lets go of what it holds. */
  close(): void;
}

/**
 * An exporter of the application's own: asked in the ordinary way, which does for one that writes at once (to
 * a file, to the console). What one that sends has not confirmed before it returns is undelivered.
 */
export class CallThrough implements SynchronousExport {
  constructor(private readonly exporter: SpanExporter) {}

  export(batches: readonly ReadableSpan[][]): ExportOutcome[] {
    return batches.map((batch) => {
      let outcome: ExportOutcome = {
        kind: 'retry',
        afterMillis: undefined,
        detail: 'the exporter needs time',
      };
      try {
        const send = (): void =>
          this.exporter.export(batch, (result) => {
            outcome = outcomeOfResult(result, undefined);
          });
        context.with(UNTRACED, send);
      } catch (error) {
        outcome = outcomeOfThrow(error);
      }
      return outcome;
    });
  }

  close(): void {}
}
