import { lazily } from '../loading.js';

/** Loaded with the first word: without a meter provider there is none. */
const loadRedaction = lazily(() => require('../redact/text.js') as typeof import('../redact/text.js'));

const MAX_WORDS = 200;
const MAX_LENGTH = 100;
/** The conventions' word for what is not among the known ones. */
const OTHER = '_OTHER';

/**
 * Keeps an attribute of a metric from taking ever new values, whatever an application or a provider puts there:
 * the first 200 are told, redacted; all others are `_OTHER`.
 */
export class KnownWords {
  readonly #told = new Map<string, string>();

  told(word: string): string {
    const told = this.#told.get(word);
    if (told !== undefined) return told;
    if (this.#told.size >= MAX_WORDS || word.length > MAX_LENGTH) return OTHER;
    const first = loadRedaction().redactText(word);
    this.#told.set(word, first);
    return first;
  }
}
