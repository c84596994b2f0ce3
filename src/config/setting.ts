/** A bad option or variable: names it, its value and what it takes. */
export class ChatDebugConfigError extends Error {
  override readonly name = 'ChatDebugConfigError';

  constructor(setting: string, value: unknown, takes: string) {
    super(`${setting}=${shown(value)}: takes ${takes}`);
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** What an option or variable may be: in words for the error, and as a check. */
export interface Takes<T> {
  readonly words: string;
  accepts(value: unknown): value is T;
}

/** Checks an option that has no variable. `undefined` where it is not given. */
export function readOption<T>(name: string, value: unknown, takes: Takes<T>): T | undefined {
  if (value === undefined) return undefined;
  if (!takes.accepts(value)) throw new ChatDebugConfigError(`option ${name}`, value, takes.words);
  return value;
}

/**
 * An option, else its variable, else its default.
 *
 * @param parse turns the variable's text, which is not empty, into a value that is then checked
 * @throws ChatDebugConfigError for a value that can't be used
 */
export function readSetting<T>(
  setting: {
    readonly option: string;
    readonly variable: string;
    readonly fallback: T;
    readonly takes: Takes<T>;
  },
  value: unknown,
  env: Environment,
  parse: (text: string) => unknown,
): T {
  const given = readOption(setting.option, value, setting.takes);
  if (given !== undefined) return given;
  const text = env[setting.variable]?.trim();
  if (text === undefined || text === '') return setting.fallback;
  const parsed = parse(text);
  if (!setting.takes.accepts(parsed)) {
    throw new ChatDebugConfigError(setting.variable, text, setting.takes.words);
  }
  return parsed;
}

/** One of these words. */
export function oneOf<T extends string>(words: readonly T[]): Takes<T> {
  return {
    words: words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`,
    accepts: (value): value is T => words.includes(value as T),
  };
}

/** A whole number within bounds, both included. */
export function wholeNumber(min: number, max: number): Takes<number> {
  return {
    words: `a whole number from ${min} to ${max}`,
    accepts: (value): value is number =>
      Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max,
  };
}

/** A list of texts, each of which passes the check. */
export function listOf<T extends string>(
  words: string,
  accepts: (value: unknown) => value is T,
): Takes<readonly T[]> {
  return {
    words,
    accepts: (value): value is readonly T[] => Array.isArray(value) && value.every(accepts),
  };
}

/** Digits to a number; everything else is left to the check, which refuses it. */
export function digits(text: string): unknown {
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

/** Texts, numbers and lists of them as they are; of an object only what it is, since it may hold a key. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map((one) => (Array.isArray(one) ? '[\u2026]' : shown(one)))}]`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}
