import { clean, errorName, identifier, MAX_DETAIL, MAX_ID } from './detail.js';
import { errorKind } from './kind.js';
import type { AttachedClassification, Classification } from './types.js';
import { errorStatus, isObject, read } from './values.js';

/** With the version of what is held, which is not that of the package. */
const KEY = Symbol.for('opentelemetry-instrumentation-chatdebug.classifications.v1');

/** Beyond the depth the rules look at: one walk along the causes, no evidence taken. */
const MAX_DEPTH = 131_072;

/** See `attachClassification` of `index.ts`. */
export function attachClassification<E>(error: E, classification: AttachedClassification): E {
  if (isObject(error)) attached().set(error, { ...classification });
  return error;
}

export function attachedTo(error: object): AttachedClassification | undefined {
  return attached().get(error);
}

/** The first one along the causes of an error, however deep. */
export function attachedBelow(error: object): AttachedClassification | undefined {
  const table = attached();
  let current: unknown = error;
  for (let depth = 0; depth < MAX_DEPTH && isObject(current); depth += 1) {
    const found = table.get(current);
    if (found !== undefined) return found;
    current = read(current, 'cause');
  }
  return undefined;
}

type Table = WeakMap<object, AttachedClassification>;

/** Held by the process, not by this module, since bundlers load a package several times. */
function attached(): Table {
  const holder = globalThis as { [KEY]?: Table };
  holder[KEY] ??= new WeakMap();
  return holder[KEY];
}

type Overrides = { -readonly [K in keyof Classification]?: NonNullable<Classification[K]> };

/** What of an attached classification can be used: values of the right type, texts without secrets. */
export function overridesOf(attached: AttachedClassification): Overrides {
  const { kind, message, detail, provider, retryable, statusCode, retryAfterMillis, chainBroken } = attached;
  const overrides: Overrides = {};
  const set = <K extends keyof Overrides>(key: K, value: Overrides[K] | undefined) => {
    if (value !== undefined && value !== '') overrides[key] = value;
  };
  set('kind', errorKind(kind));
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
