import { diag } from '@opentelemetry/api';

const logger = diag.createComponentLogger({ namespace: 'opentelemetry-instrumentation-chatdebug' });
const QUIET_MILLIS = 60_000;
const lastTold = new Map<string, number>();

/**
 * Tells OpenTelemetry's `diag` of trouble of our own, at most once per kind and minute, so that a fault on
 * a hot path cannot flood the application's log.
 *
 * @param kind what went wrong, as a fixed text: it is the key of the limit and the start of the message
 */
export function warn(kind: string, error?: unknown): void {
  const now = performance.now();
  if (now - (lastTold.get(kind) ?? Number.NEGATIVE_INFINITY) < QUIET_MILLIS) return;
  lastTold.set(kind, now);
  try {
    if (error === undefined) logger.warn(kind);
    else logger.warn(kind, error);
  } catch {
    // A logger of the application's that throws must not reach the call we were asked to watch.
  }
}

/**
 * Calls `action` and gives back its result, or `fallback` where it throws: nothing of ours may reach the
 * application as an exception.
 */
export function guarded<T>(kind: string, fallback: T, action: () => T): T {
  try {
    return action();
  } catch (error) {
    warn(kind, error);
    return fallback;
  }
}
