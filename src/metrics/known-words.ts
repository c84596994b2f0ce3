import type { Attributes, ObservableResult } from '@opentelemetry/api';
import { lazy } from '../loading.js';

type Values = Readonly<Record<string, string | number | undefined>>;

/**
 * Counts by attributes for an asynchronous counter. Ten times cheaper than `Counter.add`, which sorts and serializes
 * all attributes in each call.
 */
export class Counts {
  readonly #counts = new Map<string, { readonly attributes: Attributes; count: number }>();

  /** @param attributes `undefined` values are ignored */
  add(attributes: Values, count = 1): void {
    const key = Object.values(attributes).join('\0');
    const counted = this.#counts.get(key);
    if (counted === undefined) this.#counts.set(key, { attributes: known(attributes), count });
    else counted.count += count;
  }

  readonly observe = (result: ObservableResult): void => {
    for (const { attributes, count } of this.#counts.values()) result.observe(count, attributes);
  };
}

function known(attributes: Values): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

/** Loaded with the first value, so not without a meter provider. */
const loadRedaction = lazy(() => require('../redact/text.js') as typeof import('../redact/text.js'));

const MAX_WORDS = 200;
const MAX_LENGTH = 100;
/** The fallback value of the conventions. */
export const OTHER = '_OTHER';

/** Limits the cardinality of a metric attribute: keeps the first 200 values, redacted. All others become `_OTHER`. */
export class KnownWords {
  readonly #known = new Map<string, string>();

  limited(word: string): string {
    const limited = this.#known.get(word);
    if (limited !== undefined) return limited;
    if (this.#known.size >= MAX_WORDS || word.length > MAX_LENGTH) return OTHER;
    const first = loadRedaction().redactText(word);
    this.#known.set(word, first);
    return first;
  }
}
