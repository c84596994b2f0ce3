import { DiagLogLevel, diag } from '@opentelemetry/api';
import { monotonicMillis } from './clock.js';

const NAME = 'opentelemetry-instrumentation-chatdebug';
const logger = diag.createComponentLogger({ namespace: NAME });
/** Where all copies of OpenTelemetry's API keep what was registered; the logger that is there can't be asked for. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1');
const LEVELS = { warn: DiagLogLevel.WARN, debug: DiagLogLevel.DEBUG } as const;
const QUIET_MILLIS = 60_000;
const lastTold = new Map<string, number>();
let level = DiagLogLevel.NONE;

/**
 * Takes the level from `OTEL_LOG_LEVEL` (`none`, `error`, `warn`, `info`, `debug`, `verbose` or `all`, in any
 * case). What it lets through is printed on standard error where the application has set no logger of its own:
 * to set one would be to register something globally. Without the variable nothing is printed.
 */
export function setLogLevel(variable: string | undefined): void {
  level = logLevelOf(variable) ?? DiagLogLevel.NONE;
}

/** `undefined` for a word that names no level. */
export function logLevelOf(variable = ''): DiagLogLevel | undefined {
  return Object.values(DiagLogLevel).find(
    (one): one is DiagLogLevel =>
      typeof one === 'number' && DiagLogLevel[one] === variable.trim().toUpperCase(),
  );
}

/** Whether each decision is told: to be asked before a text for `debug` is put together. */
export function explains(): boolean {
  return level >= DiagLogLevel.DEBUG;
}

/** Tells a decision; ids are fine in it, secrets and content never. */
export function debug(text: string): void {
  tell('debug', text);
}

/**
 * Tells OpenTelemetry's `diag` of trouble of our own, at most once per kind and minute, so that a fault on
 * a hot path cannot flood the application's log.
 *
 * @param kind what went wrong, as a fixed text: it is the key of the limit and the start of the message
 */
export function warn(kind: string, error?: unknown): void {
  const now = monotonicMillis();
  if (now - (lastTold.get(kind) ?? Number.NEGATIVE_INFINITY) < QUIET_MILLIS) return;
  lastTold.set(kind, now);
  if (error === undefined) tell('warn', kind);
  else tell('warn', kind, error);
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

function tell(severity: keyof typeof LEVELS, ...message: [string, ...unknown[]]): void {
  try {
    if (hasLogger()) logger[severity](...message);
    else if (level >= LEVELS[severity]) console.error(`${NAME} ${severity}:`, ...message);
  } catch {
    // A logger of the application's that throws must not reach the call we were asked to watch.
  }
}

function hasLogger(): boolean {
  const { [REGISTERED]: registered } = globalThis as { [REGISTERED]?: { readonly diag?: unknown } };
  return registered?.diag !== undefined;
}
