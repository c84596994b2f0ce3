import { clean, errorName, identifier, MAX_ID } from './clean.js';
import { MAX_DETAIL } from './detail.js';
import { isErrorKind } from './kind.js';
import { errorStatus } from './status.js';
import type { AttachedClassification, Classification } from './types.js';

type Overrides = { -readonly [K in keyof Classification]?: NonNullable<Classification[K]> };

/** What of an attached classification can be used: values of the right type, texts without secrets. */
export function overridesOf(attached: AttachedClassification): Overrides {
  const { kind, message, detail, provider, retryable, statusCode, retryAfterMillis, chainBroken } = attached;
  const overrides: Overrides = {};
  const set = <K extends keyof Overrides>(key: K, value: Overrides[K] | undefined) => {
    if (value !== undefined && value !== '') overrides[key] = value;
  };
  set('kind', isErrorKind(kind) ? kind : undefined);
  set('message', line(message, MAX_DETAIL));
  set('detail', line(detail, MAX_DETAIL));
  set('provider', line(provider, 100));
  set('retryable', typeof retryable === 'boolean' ? retryable : undefined);
  set('statusCode', errorStatus(statusCode));
  set('retryAfterMillis', isDelay(retryAfterMillis) ? retryAfterMillis : undefined);
  set('chainBroken', typeof chainBroken === 'boolean' ? chainBroken : undefined);
  set('requestId', identifier(attached.requestId, MAX_ID));
  set('exceptionType', errorName(attached.exceptionType));
  set('errorType', errorName(attached.errorType));
  return overrides;
}

function line(value: unknown, max: number): string | undefined {
  return typeof value === 'string' ? clean(value, max) : undefined;
}

function isDelay(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}
