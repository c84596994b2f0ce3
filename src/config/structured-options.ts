import { isRegExp } from 'node:util/types';
import { ERROR_KINDS, errorKind, isErrorKindName } from '../error/index.js';
import type { Redact } from '../redact/text.js';
import type { ContentFor, FailureContentChoice } from '../run/on-keep.js';
import type { KeepRules } from '../sampling/error-kind-sampler.js';
import { WIRE_FORMAT_NAMES, type WireFormatName } from '../wire/format.js';
import type { OwnFormat } from '../wire/reading/own-format.js';
import type { ChatDebugOptions } from './options.js';
import {
  aFunction,
  BOOLEAN,
  configError,
  type Environment,
  type Expected,
  listOf,
  oneOf,
  readOption,
  readSetting,
  variableOf,
} from './setting.js';

const DEFAULT_KINDS = ['generic'] as const;

/** Reads `keepKinds`, in the variable separated by commas. */
export function readKinds(options: ChatDebugOptions, env: Environment): KeepRules['keepKinds'] {
  const expected = listOf(`a list of ${oneOf(ERROR_KINDS).words}`, isErrorKindName);
  const setting = {
    option: 'keepKinds',
    variable: variableOf('keepKinds'),
    fallback: DEFAULT_KINDS,
    expected,
  };
  const split = (text: string) => text.split(',').map((kind) => kind.trim());
  const names = readSetting(setting, options.keepKinds, env, split);
  return Object.freeze(names.flatMap((name) => errorKind(name) ?? []));
}

/** Reads `openSteps`, in the variable separated by commas. */
export function readOpenSteps(options: ChatDebugOptions, env: Environment): readonly WireFormatName[] {
  const isFormat = (value: unknown): value is WireFormatName =>
    WIRE_FORMAT_NAMES.includes(value as WireFormatName);
  const list = listOf(`a list of ${oneOf(WIRE_FORMAT_NAMES).words}`, isFormat);
  const setting = {
    option: 'openSteps',
    variable: variableOf('openSteps'),
    fallback: WIRE_FORMAT_NAMES,
    expected: { ...list, words: `${list.words}; the variable also all or none` },
  };
  const words: Readonly<Record<string, readonly WireFormatName[]>> = { all: WIRE_FORMAT_NAMES, none: [] };
  const split = (text: string) => words[text] ?? text.split(',').map((name) => name.trim());
  return Object.freeze([...readSetting(setting, options.openSteps, env, split)]);
}

const A_FAILURE_CONTENT: Expected<FailureContentChoice> = {
  words: 'true, false, ask, or as an option a function',
  accepts: (value): value is boolean | 'ask' | ContentFor =>
    typeof value === 'boolean' || value === 'ask' || typeof value === 'function',
};

export function readFailureContent(options: ChatDebugOptions, env: Environment): FailureContentChoice {
  const variable = variableOf('failureContent');
  const setting = { option: 'failureContent', variable, fallback: false, expected: A_FAILURE_CONTENT };
  const words: Readonly<Record<string, FailureContentChoice>> = { true: true, false: false };
  const choice = readSetting<FailureContentChoice>(
    setting,
    options.failureContent,
    env,
    (text) => words[text] ?? text,
  );
  if (choice === 'ask' && options.onKeep === undefined)
    throw configError(
      options.failureContent === undefined ? variable : 'option failureContent',
      choice,
      'the option onKeep with it',
    );
  return choice;
}

/** Values that instrumentations in several languages accept in the standard variable. */
const CONTENT_WORDS: Readonly<Record<string, boolean>> = {
  true: true,
  span_only: true,
  span_and_event: true,
  false: false,
  event_only: false,
  no_content: false,
};

export function readCaptureContent(option: unknown, env: Environment): boolean {
  const setting = {
    option: 'captureContent',
    variable: 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT',
    fallback: true,
    expected: BOOLEAN,
  };
  return readSetting(setting, option, env, (text) => CONTENT_WORDS[text.toLowerCase()] ?? text);
}

/** The application's additions to and exceptions from the redaction. */
export interface RedactionConfig {
  readonly redactHeaders: readonly string[];
  readonly redactQuery: readonly string[];
  readonly redactKeys: readonly string[];
  readonly redactPatterns: readonly RegExp[];
  readonly redactExcept: readonly string[];
  readonly redact: Redact | undefined;
}

const NAMES = listOf(
  'a list of names',
  (value): value is string => typeof value === 'string' && value !== '',
);

/** A sticky pattern matches only at `lastIndex`, which is never intended. */
const PATTERNS: Expected<readonly RegExp[]> = {
  words: 'a list of regular expressions without the flag y',
  accepts: (value): value is readonly RegExp[] =>
    Array.isArray(value) && value.every((one) => isRegExp(one) && !one.sticky),
};

export function readRedaction(options: ChatDebugOptions): RedactionConfig {
  return {
    redactHeaders: readOption('redactHeaders', options.redactHeaders, NAMES) ?? [],
    redactQuery: readOption('redactQuery', options.redactQuery, NAMES) ?? [],
    redactKeys: readOption('redactKeys', options.redactKeys, NAMES) ?? [],
    redactPatterns: readOption('redactPatterns', options.redactPatterns, PATTERNS) ?? [],
    redactExcept: readOption('redactExcept', options.redactExcept, NAMES) ?? [],
    redact: readOption('redact', options.redact, aFunction<Redact>()),
  };
}

const HOOKS = ['request', 'response', 'streamEvent'] as const;
const MEMBERS: readonly string[] = ['name', 'match', 'like', ...HOOKS];
const RESERVED: readonly string[] = [...WIRE_FORMAT_NAMES, 'unknown'];

const FORMATS: Expected<readonly unknown[]> = {
  words: `a list of objects { ${MEMBERS.join(', ')} }`,
  accepts: (value): value is readonly unknown[] =>
    Array.isArray(value) && value.every((one) => typeof one === 'object' && one !== null),
};

const FORMAT_NAME: Expected<string> = {
  words: 'a name of letters, digits, "-", "_" and ".", other than those of the known formats',
  accepts: (value): value is string =>
    typeof value === 'string' && /^[A-Za-z\d][\w.-]{0,63}$/.test(value) && !RESERVED.includes(value),
};

/**
 * Reads the option `formats`. Copies the members, so that the application can change its objects afterwards.
 *
 * @throws ChatDebugConfigError that names the invalid member
 */
export function readOwnFormats(value: unknown): readonly OwnFormat[] {
  const list = readOption('formats', value, FORMATS) ?? [];
  const formats = list.map((one, index) =>
    readOwnFormat(one as Record<string, unknown>, `formats[${index}]`),
  );
  const names = formats.map(({ name }) => name);
  const duplicate = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (duplicate >= 0)
    throw configError(`option formats[${duplicate}].name`, names[duplicate], 'a unique name');
  return Object.freeze(formats);
}

function readOwnFormat(given: Record<string, unknown>, option: string): OwnFormat {
  const unknown = Object.keys(given).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined)
    throw configError(
      `option ${option}.${unknown}`,
      given[unknown],
      `one of the members ${MEMBERS.join(', ')}`,
    );
  const required = <T>(name: string, expected: Expected<T>): T => {
    const member = given[name];
    if (!expected.accepts(member)) throw configError(`option ${option}.${name}`, member, expected.words);
    return member;
  };
  const name = required('name', FORMAT_NAME);
  const match = required('match', aFunction<OwnFormat['match']>());
  const like = readOption(`${option}.like`, given['like'], oneOf(WIRE_FORMAT_NAMES));
  for (const hook of HOOKS) readOption(`${option}.${hook}`, given[hook], aFunction());
  const { request, response, streamEvent } = given as unknown as OwnFormat;
  // Called as methods of the application's object, which may use `this`.
  const bound = <F extends (...args: never[]) => unknown>(hook: F | undefined): F | undefined =>
    hook?.bind(given) as F | undefined;
  return Object.freeze({
    name,
    match: match.bind(given) as OwnFormat['match'],
    like,
    request: bound(request),
    response: bound(response),
    streamEvent: bound(streamEvent),
  });
}
