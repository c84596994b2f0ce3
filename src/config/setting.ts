import type { Environment } from '../delivery/otlp-endpoint.js';

/** An invalid option or variable. The message names it, its value and what is accepted. */
export class ChatDebugConfigError extends Error {
  override readonly name = 'ChatDebugConfigError';

  /**
   * @param setting the variable, or `option` and the name of the option
   * @param value as given; strings are quoted, of objects and functions only the type is shown
   * @param expected what is accepted
   */
  constructor(setting: string, value: unknown, expected: string) {
    super(`Invalid ${invalid(setting, value, expected)}`);
  }
}

export type { Environment };

/** The accepted values of an option or a variable: in words for the error, and as a check. */
export interface Expected<T> {
  readonly words: string;
  accepts(value: unknown): value is T;
}

/**
 * Checks an option that has no variable.
 *
 * @throws ChatDebugConfigError for an invalid value
 */
export function readOption<T>(name: string, value: unknown, expected: Expected<T>): T | undefined {
  if (value === undefined) return undefined;
  if (!expected.accepts(value)) throw configError(`option ${name}`, value, expected.words);
  return value;
}

/**
 * Reads an option, else its variable, else its default.
 *
 * @param parse converts the text of the variable, which is not empty, into the value to check
 * @throws ChatDebugConfigError for an invalid value
 */
export function readSetting<T>(
  setting: {
    readonly option: string;
    readonly variable: string;
    readonly fallback: T;
    readonly expected: Expected<T>;
  },
  value: unknown,
  env: Environment,
  parse: (text: string) => unknown,
): T {
  const given = readOption(setting.option, value, setting.expected);
  if (given !== undefined) return given;
  const text = env[setting.variable]?.trim();
  if (text === undefined || text === '') return setting.fallback;
  const parsed = parse(text);
  if (!setting.expected.accepts(parsed)) throw configError(setting.variable, text, setting.expected.words);
  return parsed;
}

/** The error of an invalid value, without secrets: a key may have been put into the wrong variable. */
export function configError(setting: string, value: unknown, expected: string): ChatDebugConfigError {
  return new ChatDebugConfigError(setting, withoutSecrets(value), expected);
}

/** A warning about an invalid variable that start-up ignores. */
export function ignored(variable: string, value: string, expected: string): string {
  return `Ignored ${invalid(variable, withoutSecrets(value), expected)}`;
}

function invalid(setting: string, value: unknown, expected: string): string {
  return `${setting} ${shown(value)}: expected ${expected}`;
}

/** `maxBodyBytes` is `CHATDEBUG_MAX_BODY_BYTES`. */
export function variableOf(option: string): string {
  return `CHATDEBUG_${option.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
}

export function oneOf<T extends string>(words: readonly T[]): Expected<T> {
  return {
    words: words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`,
    accepts: (value): value is T => words.includes(value as T),
  };
}

/** An integer between two bounds, both included. */
export function integer(min: number, max: number): Expected<number> {
  return {
    words: `an integer from ${min} to ${max}`,
    accepts: (value): value is number =>
      Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max,
  };
}

export const BOOLEAN: Expected<boolean> = {
  words: 'true or false',
  accepts: (value): value is boolean => typeof value === 'boolean',
};

/** @param words a more specific type of function */
export function aFunction<F>(words = 'a function'): Expected<F> {
  return { words, accepts: (value): value is F => typeof value === 'function' };
}

export function listOf<T extends string>(
  words: string,
  accepts: (value: unknown) => value is T,
): Expected<readonly T[]> {
  return {
    words,
    accepts: (value): value is readonly T[] => Array.isArray(value) && value.every(accepts),
  };
}

/** Parses `true` and `false` in any case. Other texts are returned as they are, for the check to reject. */
export function parseBoolean(text: string): unknown {
  const word = text.toLowerCase();
  return word === 'true' || word === 'false' ? word === 'true' : text;
}

/** Parses digits. Other texts are returned as they are, for the check to reject. */
export function parseInteger(text: string): unknown {
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

/** Loaded for an invalid value. */
const loadRedaction = () => require('../redact/text.js') as typeof import('../redact/text.js');

function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'string') return loadRedaction().redactText(value);
  return Array.isArray(value) ? value.map(withoutSecrets) : value;
}

/** Of an object only its type, since it may hold a key. */
function shown(value: unknown): string {
  if (typeof value === 'string') return `"${value}"`;
  if (Array.isArray(value))
    return `[${value.map((one) => (Array.isArray(one) ? '[Array]' : shown(one))).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return '[Object]';
  return typeof value === 'function' ? '[Function]' : String(value);
}
