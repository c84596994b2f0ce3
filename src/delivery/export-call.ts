import { context } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { timers } from '../clock.js';
import { type ExportOutcome, outcomeOfResult, outcomeOfThrow, outcomeOfTimeout } from './export-outcome.js';
import type { ExportTarget } from './export-target.js';
import { HttpExchange } from './http-exchange.js';
import { UNTRACED } from './untraced.js';

export interface ExportCall {
  /** Never rejects. */
  readonly outcome: Promise<ExportOutcome>;
  /** Gives it up: nothing of it holds the process any more. */
  abort(): void;
}

/**
 * Exports some spans once.
 *
 * @param timeoutMillis after which the call is given up, whatever the exporter's own time limit is
 */
export function startExport(target: ExportTarget, spans: ReadableSpan[], timeoutMillis: number): ExportCall {
  const exchange = new HttpExchange(target);
  const abort = (): void => {
    exchange.abort();
    target.abort?.();
  };
  const outcome = new Promise<ExportOutcome>((resolve) => {
    const finish = (what: ExportOutcome): void => {
      timers.clearTimeout(timer);
      exchange.close();
      resolve(target.explain?.(what) ?? what);
    };
    const timer = timers
      .setTimeout(() => {
        const what = outcomeOfTimeout(exchange.answer);
        abort();
        finish(what);
      }, timeoutMillis)
      .unref();
    try {
      const send = (): void =>
        target.exporter.export(spans, (result) => finish(outcomeOfResult(result, exchange.answer)));
      context.with(UNTRACED, () => exchange.observe(send));
    } catch (error) {
      finish(outcomeOfThrow(error));
    }
  });
  return { outcome, abort };
}
