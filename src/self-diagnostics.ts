import { DiagLogLevel, diag } from '@opentelemetry/api';
import { monotonicMillis } from './clock.js';

const NAME = 'opentelemetry-instrumentation-chatdebug';
const logger = diag.createComponentLogger({ namespace: NAME });
const LEVELS = { warn: DiagLogLevel.WARN, debug: DiagLogLevel.DEBUG } as const;
const QUIET_MILLIS = 60_000;
const lastTold = new Map<string, number>();
let level = DiagLogLevel.NONE;

/**
 * Takes the level from `OTEL_LOG_LEVEL` (`none`, `error`, `warn`, `info`, `debug`, `verbose` or `all`, in any
 * case). Messages of that level are printed on standard error in addition to `diag`: the API does not report whether
 * the application has set a logger, and setting one would register something globally. Without the variable nothing is
 * printed.
 */
export function setLogLevel(variable: string | undefined): void {
  level = logLevelOf(variable) ?? DiagLogLevel.NONE;
}

/** Returns `undefined` for an unknown level. */
export function logLevelOf(variable = ''): DiagLogLevel | undefined {
  return Object.values(DiagLogLevel).find(
    (one): one is DiagLogLevel =>
      typeof one === 'number' && DiagLogLevel[one] === variable.trim().toUpperCase(),
  );
}

/** Whether decisions are logged. Check this before building a text for `debug`. */
export function explains(): boolean {
  return level >= DiagLogLevel.DEBUG;
}

/** Logs a decision. The text may have ids, never secrets or content. */
export function debug(text: string): void {
  tell('debug', text);
}

/**
 * Logs a problem of this package to OpenTelemetry's `diag`, at most once per kind and minute, so that it cannot flood
 * the application's log.
 *
 * @param kind the problem, as a constant text: the key of the rate limit and the start of the message
 */
export function warn(kind: string, error?: unknown): void {
  const now = monotonicMillis();
  if (now - (lastTold.get(kind) ?? Number.NEGATIVE_INFINITY) < QUIET_MILLIS) return;
  lastTold.set(kind, now);
  if (error === undefined) tell('warn', kind);
  else tell('warn', kind, error);
}

/** Start-up warnings are process warnings: the application may not have set a logger yet. */
export function announce(message: string): void {
  process.emitWarning(message, { type: 'ChatDebugWarning', code: 'CHATDEBUG' });
}

/**
 * Calls `action`. If it throws, logs the error and returns `fallback`: this package never throws into the
 * application.
 */
export function guarded<T>(kind: string, fallback: T, action: () => T): T {
  try {
    return action();
  } catch (error) {
    warn(kind, error);
    return fallback;
  }
}

function tell(severity: keyof typeof LEVELS, ...message: [string, ...unknown[]]): void {
  try {
    if (level >= LEVELS[severity]) console.error(`${NAME} ${severity}:`, ...message);
    logger[severity](...message);
  } catch {
    // The application's logger may throw.
  }
}
