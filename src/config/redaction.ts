import { isRegExp } from 'node:util/types';
import type { ErrorText } from '../error/index.js';
import type { Redact } from '../redact/own-rules.js';
import type { ChatDebugOptions } from './options.js';
import { type Environment, listOf, readOption, readSetting, type Takes } from './setting.js';

/** What the user adds to the redaction, and takes from it. */
export interface RedactionConfig {
  readonly redactHeaders: readonly string[];
  readonly redactQuery: readonly string[];
  readonly redactKeys: readonly string[];
  readonly redactPatterns: readonly RegExp[];
  readonly redactExcept: readonly string[];
  readonly redact: Redact | undefined;
}

/** The standard variable as one language's instrumentations take it, and as another's do. */
const CONTENT_WORDS: Readonly<Record<string, boolean>> = {
  true: true,
  span_only: true,
  span_and_event: true,
  false: false,
  event_only: false,
  no_content: false,
};

const TRUE_OR_FALSE: Takes<boolean> = {
  words: 'true or false',
  accepts: (value): value is boolean => typeof value === 'boolean',
};

/** @throws ChatDebugConfigError for a value that can't be used */
export function readCaptureContent(option: unknown, env: Environment): boolean {
  const setting = {
    option: 'captureContent',
    variable: 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT',
    fallback: true,
    takes: TRUE_OR_FALSE,
  };
  return readSetting(setting, option, env, (text) => CONTENT_WORDS[text.toLowerCase()] ?? text);
}

export const ERROR_TEXTS: readonly ErrorText[] = ['template', 'full', 'none'];

/** @throws ChatDebugConfigError for a value that can't be used */
export function readRedaction(options: ChatDebugOptions): RedactionConfig {
  return {
    redactHeaders: readOption('redactHeaders', options.redactHeaders, NAMES) ?? [],
    redactQuery: readOption('redactQuery', options.redactQuery, NAMES) ?? [],
    redactKeys: readOption('redactKeys', options.redactKeys, NAMES) ?? [],
    redactPatterns: readOption('redactPatterns', options.redactPatterns, PATTERNS) ?? [],
    redactExcept: readOption('redactExcept', options.redactExcept, NAMES) ?? [],
    redact: readOption('redact', options.redact, A_REDACT),
  };
}

const NAMES = listOf(
  'a list of names',
  (value): value is string => typeof value === 'string' && value !== '',
);

/** A sticky one matches at one place only, which is surely not what was meant. */
const PATTERNS: Takes<readonly RegExp[]> = {
  words: 'a list of regular expressions without the flag y',
  accepts: (value): value is readonly RegExp[] =>
    Array.isArray(value) && value.every((one) => isRegExp(one) && !one.sticky),
};

const A_REDACT: Takes<Redact> = {
  words: 'a function',
  accepts: (value): value is Redact => typeof value === 'function',
};
