import type { SpanExporter } from '../delivery/exporter.js';
import { DEFAULT_DELIVERY_OPTIONS } from '../delivery/options.js';
import { ERROR_KINDS, type ErrorText, errorKind, isErrorKindName } from '../error/index.js';
import type { CaptureFor } from '../run/capture-choice.js';
import { CAPTURES } from '../run/capture-choice.js';
import type { OnKeep } from '../run/on-keep.js';
import type { RunFor } from '../run/run-for.js';
import type { Decide, KeepRules, Retain } from '../sampling/keep-rules.js';
import type { Capture } from '../types.js';
import { WIRE_FORMAT_NAMES, type WireFormatName } from '../wire/format.js';
import type { ChatDebugOptions, PipelineChoice, RawBodies } from './options.js';
import { type BatchOptions, batchOptions, otlpWarnings } from './otlp-variables.js';
import { ERROR_TEXTS, type RedactionConfig, readCaptureContent, readRedaction } from './redaction.js';
import {
  ChatDebugConfigError,
  digits,
  type Environment,
  listOf,
  oneOf,
  readOption,
  readSetting,
  type Takes,
  wholeNumber,
} from './setting.js';
import { readSpanLimits } from './span-limits.js';

/** The configuration in force. */
export interface ChatDebugConfig extends RunBounds, KeepBounds, RedactionConfig {
  /** True with `OTEL_SDK_DISABLED=true`: nothing is installed. */
  readonly disabled: boolean;
  readonly capture: Capture;
  readonly captureFor: CaptureFor | undefined;
  readonly keep: KeepRules;
  readonly onKeep: OnKeep | undefined;
  readonly openSteps: readonly WireFormatName[];
  readonly runFor: RunFor | undefined;
  readonly pipeline: PipelineChoice;
  readonly exporter: SpanExporter | undefined;
  readonly serviceName: string | undefined;
  readonly delivery: DeliveryBounds & BatchOptions;
  readonly errorText: ErrorText;
  readonly captureContent: boolean;
  readonly rawBodies: RawBodies;
  /** Characters of a text on a span. */
  readonly maxValueLength: number;
  /** A variable that asks for what this package can't do, in words; start-up goes on. */
  readonly warnings: readonly string[];
}

/** The default and the least value of each bound; its variable is named after the option. */
type Bounds = Readonly<Record<string, readonly [fallback: number, min: number]>>;

const RUN_BOUNDS = {
  maxBodyBytes: [50_000, 0],
  maxRunBytes: [10_000_000, 0],
  maxBytes: [50_000_000, 0],
  maxAttempts: [100, 2],
  maxSteps: [1_000, 1],
  maxRuns: [10_000, 1],
  lingerMillis: [30_000, 0],
  idleMillis: [300_000, 1],
  stallMillis: [60_000, 0],
} as const satisfies Bounds;

const KEEP_BOUNDS = {
  keepPerFingerprint: [30, 1],
  keepPerMinute: [300, 1],
} as const satisfies Bounds;

const DELIVERY_BOUNDS = {
  maxQueueSpans: [DEFAULT_DELIVERY_OPTIONS.maxQueueSpans, 1],
  maxQueueBytes: [DEFAULT_DELIVERY_OPTIONS.maxQueueBytes, 1],
  exitTimeoutMillis: [DEFAULT_DELIVERY_OPTIONS.exitTimeoutMillis, 0],
  shutdownTimeoutMillis: [DEFAULT_DELIVERY_OPTIONS.shutdownTimeoutMillis, 0],
} as const satisfies Bounds;

/** The standard variable for the size of the queue stands behind this package's own. */
function deliveryBounds({ maxQueueSpans }: BatchOptions) {
  const [fallback, min] = DELIVERY_BOUNDS.maxQueueSpans;
  return { ...DELIVERY_BOUNDS, maxQueueSpans: [maxQueueSpans ?? fallback, min] as const };
}

type RunBounds = { readonly [Name in keyof typeof RUN_BOUNDS]: number };
type KeepBounds = { readonly [Name in keyof typeof KEEP_BOUNDS]: number };
type DeliveryBounds = { readonly [Name in keyof typeof DELIVERY_BOUNDS]: number };

/** Beyond it `setInterval` counts wrong, and a body would be no text that JavaScript can hold. */
const MAX_COUNT = 2 ** 29;

const RETAINS: readonly Retain[] = ['failing', 'run'];
const DECIDES: readonly Decide[] = ['process', 'collector'];
const RAW_BODIES: readonly RawBodies[] = ['all', 'failed', 'none'];
const PIPELINES: readonly PipelineChoice[] = ['own', 'app'];

/**
 * Reads options and variables into one frozen configuration.
 *
 * @throws ChatDebugConfigError for a value that can't be used
 */
export function readConfig(options: ChatDebugOptions, env: Environment): ChatDebugConfig {
  if (typeof options !== 'object' || options === null) {
    throw new ChatDebugConfigError('the options', options, 'an object');
  }
  const choice = <T extends string>(
    option: 'capture' | 'rawBodies' | 'retain' | 'decide' | 'pipeline' | 'errorText',
    words: readonly T[],
    fallback: T,
  ): T => {
    const setting = { option, variable: variableOf(option), fallback, takes: oneOf(words) };
    return readSetting(setting, options[option], env, (text) => text);
  };
  const bounds = readBounds(RUN_BOUNDS, options, env);
  const limits = readSpanLimits(env);
  const { warnings: batchWarnings, ...batch } = batchOptions(env);
  const pipeline = choice('pipeline', PIPELINES, 'own');
  const sendsByDefault = options.exporter === undefined && pipeline === 'own';
  const disabled = env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true';
  return Object.freeze({
    disabled,
    capture: choice('capture', CAPTURES, 'errors'),
    captureFor: readOption('captureFor', options.captureFor, A_FUNCTION),
    keep: Object.freeze({
      keepKinds: readKinds(options, env),
      retain: choice('retain', RETAINS, 'failing'),
      decide: choice('decide', DECIDES, 'process'),
    }),
    ...readBounds(KEEP_BOUNDS, options, env),
    onKeep: readOption('onKeep', options.onKeep, AN_ON_KEEP),
    openSteps: readFormats(options, env),
    runFor: readOption('runFor', options.runFor, A_RUN_FOR),
    pipeline,
    exporter: readOption('exporter', options.exporter, AN_EXPORTER),
    serviceName: readOption('serviceName', options.serviceName, A_TEXT),
    ...bounds,
    // One event is the exception's.
    maxAttempts: Math.min(bounds.maxAttempts, limits.maxEvents - 1),
    maxValueLength: limits.maxValueLength,
    delivery: { ...batch, ...readBounds(deliveryBounds(batch), options, env) },
    captureContent: readCaptureContent(options.captureContent, env),
    rawBodies: choice('rawBodies', RAW_BODIES, 'all'),
    errorText: choice('errorText', ERROR_TEXTS, 'template'),
    ...readRedaction(options),
    warnings: disabled ? [] : [...(sendsByDefault ? otlpWarnings(env) : []), ...batchWarnings],
  });
}

function readBounds<T extends Bounds>(
  bounds: T,
  options: { readonly [Name in keyof T]?: number | undefined },
  env: Environment,
): { readonly [Name in keyof T]: number } {
  const values = Object.entries(bounds).map(([option, [fallback, min]]) => {
    const setting = { option, variable: variableOf(option), fallback, takes: wholeNumber(min, MAX_COUNT) };
    return [option, readSetting(setting, options[option], env, digits)] as const;
  });
  return Object.fromEntries(values) as { [Name in keyof T]: number };
}

function readKinds(options: ChatDebugOptions, env: Environment): KeepRules['keepKinds'] {
  const takes = listOf(`a list of ${oneOf(ERROR_KINDS).words}`, isErrorKindName);
  const setting = { option: 'keepKinds', variable: variableOf('keepKinds'), fallback: DEFAULT_KINDS, takes };
  const split = (text: string) => text.split(',').map((kind) => kind.trim());
  const names = readSetting(setting, options.keepKinds, env, split);
  return Object.freeze(names.flatMap((name) => errorKind(name) ?? []));
}

const DEFAULT_KINDS = ['generic'] as const;

function readFormats(options: ChatDebugOptions, env: Environment): readonly WireFormatName[] {
  const isFormat = (value: unknown): value is WireFormatName =>
    WIRE_FORMAT_NAMES.includes(value as WireFormatName);
  const takes = listOf(`a list of ${oneOf(WIRE_FORMAT_NAMES).words}`, isFormat);
  const setting = {
    option: 'openSteps',
    variable: variableOf('openSteps'),
    fallback: WIRE_FORMAT_NAMES,
    takes: { ...takes, words: `${takes.words}; the variable also all or none` },
  };
  const words: Readonly<Record<string, readonly WireFormatName[]>> = { all: WIRE_FORMAT_NAMES, none: [] };
  const split = (text: string) => words[text] ?? text.split(',').map((name) => name.trim());
  return Object.freeze([...readSetting(setting, options.openSteps, env, split)]);
}

/** `maxBodyBytes` is `CHATDEBUG_MAX_BODY_BYTES`. */
function variableOf(option: string): string {
  return `CHATDEBUG_${option.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
}

const A_FUNCTION: Takes<CaptureFor> = {
  words: 'a function',
  accepts: (value): value is CaptureFor => typeof value === 'function',
};

const AN_ON_KEEP: Takes<OnKeep> = {
  words: 'a function',
  accepts: (value): value is OnKeep => typeof value === 'function',
};

const A_RUN_FOR: Takes<RunFor> = {
  words: 'a function',
  accepts: (value): value is RunFor => typeof value === 'function',
};

const A_TEXT: Takes<string> = { words: 'a text', accepts: isText };
const AN_EXPORTER: Takes<SpanExporter> = { words: 'a SpanExporter', accepts: isExporter };

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

export function isExporter(value: unknown): value is SpanExporter {
  const { export: send, shutdown } = (value ?? {}) as { export?: unknown; shutdown?: unknown };
  return typeof send === 'function' && typeof shutdown === 'function';
}
