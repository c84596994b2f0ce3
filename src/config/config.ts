import { type Conventions, conventionsOf } from '../conventions.js';
import type { SpanExporter } from '../delivery/options.js';
import type { ErrorText } from '../error/index.js';
import type { LiveRunsOptions } from '../run/live-runs.js';
import type { FailureContentChoice, OnKeep } from '../run/on-keep.js';
import type { RecordUnknown, RunFor } from '../run/request-hooks.js';
import { CAPTURES, type CaptureFor } from '../run/run-options.js';
import { edgeRuntime } from '../runtime-warnings.js';
import type { Decide, KeepRules, Retain } from '../sampling/error-kind-sampler.js';
import type { Capture } from '../types.js';
import type { WireFormatName } from '../wire/format.js';
import type { OwnFormat } from '../wire/reading/own-format.js';
import {
  type DeliveryBounds,
  type RunBounds,
  readDeliveryBounds,
  readRunBounds,
  readSpoolDirectory,
} from './bounds.js';
import type { AttemptsAs, ChatDebugOptions, PipelineChoice, RawBodies } from './options.js';
import {
  type BatchOptions,
  batchOptions,
  type ExceptionSignal,
  exceptionSignal,
  otlpWarnings,
  type ResourceDetectorName,
  readSpanLimits,
  resourceDetectors,
} from './otel-variables.js';
import {
  aFunction,
  BOOLEAN,
  configError,
  type Environment,
  type Expected,
  oneOf,
  parseBoolean,
  readOption,
  readSetting,
  variableOf,
} from './setting.js';
import {
  type RedactionConfig,
  readCaptureContent,
  readFailureContent,
  readKinds,
  readOpenSteps,
  readOwnFormats,
  readRedaction,
} from './structured-options.js';

export interface ChatDebugConfig extends RunBounds, RedactionConfig {
  /** Whether `OTEL_SDK_DISABLED` is true; then nothing is installed. */
  readonly disabled: boolean;
  readonly capture: Capture;
  readonly captureFor: CaptureFor | undefined;
  readonly keep: KeepRules;
  readonly onKeep: OnKeep | undefined;
  readonly failureContent: FailureContentChoice;
  readonly openSteps: readonly WireFormatName[];
  readonly formats: readonly OwnFormat[];
  readonly recordUnknown: RecordUnknown | undefined;
  readonly runFor: RunFor | undefined;
  readonly usageMetrics: boolean;
  readonly chunkMetrics: boolean;
  readonly pipeline: PipelineChoice;
  readonly exporter: SpanExporter | undefined;
  readonly serviceName: string | undefined;
  readonly resourceDetectors: readonly ResourceDetectorName[];
  readonly delivery: DeliveryBounds & BatchOptions & { readonly spoolDirectory: string | undefined };
  readonly errorText: ErrorText;
  readonly captureContent: boolean;
  readonly rawBodies: RawBodies;
  readonly attemptsAs: AttemptsAs;
  /** The maximum length of a span attribute, in characters. */
  readonly maxValueLength: number;
  readonly conventions: Conventions;
  readonly exceptionSignal: ExceptionSignal;
  readonly warnings: readonly string[];
}

const RETAINS: readonly Retain[] = ['failing', 'run'];
const DECIDES: readonly Decide[] = ['process', 'collector'];
const RAW_BODIES: readonly RawBodies[] = ['all', 'failed', 'none'];
const ATTEMPT_FORMS: readonly AttemptsAs[] = ['events', 'spans', 'both'];
const ERROR_TEXTS: readonly ErrorText[] = ['template', 'full', 'none'];
const PIPELINES: readonly PipelineChoice[] = ['own', 'app'];

const appIn = (edge: string): string =>
  `app in ${edge}, where spans can only be exported during a request, by your own tracer provider`;
const NO_FAILURE_CONTENT =
  "Ignored option failureContent: with decide: 'collector' this process does not know which runs are kept";

/**
 * Reads options and variables into one frozen configuration.
 *
 * @throws ChatDebugConfigError for an invalid value
 */
export function readConfig(options: ChatDebugOptions, env: Environment): ChatDebugConfig {
  if (typeof options !== 'object' || options === null) throw configError('options', options, 'an object');
  const choice = <T extends string>(
    option: 'attemptsAs' | 'capture' | 'rawBodies' | 'retain' | 'decide' | 'pipeline' | 'errorText',
    words: readonly T[],
    fallback: T,
  ): T => {
    const setting = { option, variable: variableOf(option), fallback, expected: oneOf(words) };
    return readSetting(setting, options[option], env, (text) => text);
  };
  const flag = (option: 'usageMetrics' | 'chunkMetrics'): boolean => {
    const setting = { option, variable: variableOf(option), fallback: false, expected: BOOLEAN };
    return readSetting(setting, options[option], env, parseBoolean);
  };
  const bounds = readRunBounds(options, env);
  const limits = readSpanLimits(env);
  const { warnings: batchWarnings, ...batch } = batchOptions(env);
  const { detectors, warnings: detectorWarnings } = resourceDetectors(env);
  const pipeline = choice('pipeline', PIPELINES, 'own');
  const edge = edgeRuntime();
  if (pipeline === 'own' && edge !== undefined) throw configError('option pipeline', pipeline, appIn(edge));
  const attemptsAs = choice('attemptsAs', ATTEMPT_FORMS, 'events');
  const exportsByDefault = options.exporter === undefined && pipeline === 'own';
  const { warnings: spoolWarnings, spoolDirectory } = readSpoolDirectory(options, env, pipeline);
  const failureContent = readFailureContent(options, env);
  const decide = choice('decide', DECIDES, 'process');
  const { signal, warnings: signalWarnings } = exceptionSignal(env);
  const disabled = env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true';
  return Object.freeze({
    disabled,
    capture: choice('capture', CAPTURES, 'errors'),
    captureFor: readOption('captureFor', options.captureFor, aFunction<CaptureFor>()),
    keep: Object.freeze({
      keepKinds: readKinds(options, env),
      retain: choice('retain', RETAINS, 'failing'),
      decide,
    }),
    onKeep: readOption('onKeep', options.onKeep, aFunction<OnKeep>()),
    failureContent,
    openSteps: readOpenSteps(options, env),
    formats: readOwnFormats(options.formats),
    recordUnknown: readOption('recordUnknown', options.recordUnknown, aFunction<RecordUnknown>()),
    runFor: readOption('runFor', options.runFor, aFunction<RunFor>()),
    usageMetrics: flag('usageMetrics'),
    chunkMetrics: flag('chunkMetrics'),
    pipeline,
    exporter: readOption('exporter', options.exporter, AN_EXPORTER),
    serviceName: readOption('serviceName', options.serviceName, A_NAME),
    resourceDetectors: detectors,
    ...bounds,
    // One event is reserved for the exception.
    maxAttempts: Math.min(
      bounds.maxAttempts,
      attemptsAs === 'spans' ? Number.POSITIVE_INFINITY : limits.maxEvents - 1,
    ),
    maxValueLength: limits.maxValueLength,
    delivery: { ...batch, ...readDeliveryBounds(options, env, batch), spoolDirectory },
    captureContent: readCaptureContent(options.captureContent, env),
    rawBodies: choice('rawBodies', RAW_BODIES, 'all'),
    attemptsAs,
    errorText: choice('errorText', ERROR_TEXTS, 'template'),
    ...readRedaction(options),
    conventions: conventionsOf(env),
    exceptionSignal: signal,
    warnings: disabled
      ? []
      : [
          ...(exportsByDefault ? otlpWarnings(env) : []),
          ...batchWarnings,
          ...signalWarnings,
          ...spoolWarnings,
          ...(pipeline === 'own' ? detectorWarnings : []),
          ...(failureContent !== false && decide === 'collector' ? [NO_FAILURE_CONTENT] : []),
        ],
  });
}

const A_NAME: Expected<string> = {
  words: 'a non-empty string',
  accepts: (value): value is string => typeof value === 'string' && value !== '',
};
const AN_EXPORTER: Expected<SpanExporter> = { words: 'a SpanExporter', accepts: isExporter };

export function isExporter(value: unknown): value is SpanExporter {
  const { export: send, shutdown } = (value ?? {}) as { export?: unknown; shutdown?: unknown };
  return typeof send === 'function' && typeof shutdown === 'function';
}

const TICKS_PER_TIMEOUT = 20;
const LONGEST_TICK_MILLIS = 1_000;

/**
 * The bounds of live runs, with each timeout in ticks of one clock: a tick is a twentieth of the shortest timeout, at
 * most a second.
 *
 * @param isMeasuring whether a meter provider records measurements
 */
export function liveRunsOptions(config: ChatDebugConfig, isMeasuring: () => boolean): LiveRunsOptions {
  const { capture, captureFor, maxAttempts, maxBodyBytes, maxRunBytes, maxBytes, maxRuns } = config;
  const failureContentBytes = config.failureContent === false ? 0 : config.failureContentBytes;
  const { lingerMillis, idleMillis, stallMillis } = config;
  const shortest = Math.min(lingerMillis, idleMillis, stallMillis || idleMillis) / TICKS_PER_TIMEOUT;
  const tickMillis = Math.min(LONGEST_TICK_MILLIS, Math.max(1, Math.floor(shortest)));
  const ticks = (millis: number): number => Math.ceil(millis / tickMillis);
  return {
    capture,
    captureFor,
    maxRuns,
    maxRunBytes,
    maxBytes,
    reservesTraceIds: config.pipeline === 'own',
    writesAll: config.keep.decide === 'collector',
    tickMillis,
    limits: {
      maxAttempts,
      maxBodyBytes,
      failureContentBytes,
      lingerTicks: ticks(lingerMillis),
      idleTicks: ticks(idleMillis),
      stallMillis,
      tickMillis,
      readsUsage: config.usageMetrics ? isMeasuring : undefined,
      timesChunks: config.chunkMetrics ? isMeasuring : undefined,
    },
  };
}
