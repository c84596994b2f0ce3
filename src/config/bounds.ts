import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { DEFAULT_DELIVERY_OPTIONS, DEFAULT_SPOOL_BOUNDS } from '../delivery/options.js';
import type { ChatDebugOptions, PipelineChoice } from './options.js';
import type { BatchOptions } from './otel-variables.js';
import {
  type Environment,
  type Expected,
  ignored,
  integer,
  parseInteger,
  readSetting,
  variableOf,
} from './setting.js';

/** The default and the minimum of each option. */
type Bounds = Readonly<Record<string, readonly [fallback: number, min: number]>>;

const RUN_BOUNDS = {
  maxBodyBytes: [50_000, 0],
  failureContentBytes: [65_536, 1_024],
  maxRunBytes: [10_000_000, 0],
  maxBytes: [50_000_000, 0],
  maxAttempts: [100, 2],
  maxSteps: [1_000, 1],
  maxRuns: [10_000, 1],
  lingerMillis: [30_000, 0],
  idleMillis: [300_000, 1],
  stallMillis: [60_000, 0],
  keepPerFingerprint: [30, 1],
  keepPerMinute: [300, 1],
} as const satisfies Bounds;

const DELIVERY_BOUNDS = {
  maxQueueSpans: [DEFAULT_DELIVERY_OPTIONS.maxQueueSpans, 1],
  maxQueueBytes: [DEFAULT_DELIVERY_OPTIONS.maxQueueBytes, 1],
  exitTimeoutMillis: [DEFAULT_DELIVERY_OPTIONS.exitTimeoutMillis, 0],
  shutdownTimeoutMillis: [DEFAULT_DELIVERY_OPTIONS.shutdownTimeoutMillis, 0],
  spoolMaxBytes: [DEFAULT_SPOOL_BOUNDS.maxBytes, 65_536],
  spoolMaxAgeMillis: [DEFAULT_SPOOL_BOUNDS.maxAgeMillis, 1],
} as const satisfies Bounds;

export type RunBounds = { readonly [Name in keyof typeof RUN_BOUNDS]: number };
export type DeliveryBounds = { readonly [Name in keyof typeof DELIVERY_BOUNDS]: number };

/** `setInterval` overflows beyond this, and a string can't hold a longer body. */
const MAX_VALUE = 2 ** 29;

/** @throws ChatDebugConfigError for an invalid value */
export function readRunBounds(options: ChatDebugOptions, env: Environment): RunBounds {
  return readBounds(RUN_BOUNDS, options, env);
}

/**
 * @param batch `OTEL_BSP_MAX_QUEUE_SIZE` is the default of `maxQueueSpans`
 * @throws ChatDebugConfigError for an invalid value
 */
export function readDeliveryBounds(
  options: ChatDebugOptions,
  env: Environment,
  batch: BatchOptions,
): DeliveryBounds {
  const [fallback, min] = DELIVERY_BOUNDS.maxQueueSpans;
  const maxQueueSpans = [batch.maxQueueSpans ?? fallback, min] as const;
  return readBounds({ ...DELIVERY_BOUNDS, maxQueueSpans }, options, env);
}

function readBounds<T extends Bounds>(
  bounds: T,
  options: { readonly [Name in keyof T]?: number | undefined },
  env: Environment,
): { readonly [Name in keyof T]: number } {
  const values = Object.entries(bounds).map(([option, [fallback, min]]) => {
    const setting = { option, variable: variableOf(option), fallback, expected: integer(min, MAX_VALUE) };
    return [option, readSetting(setting, options[option], env, parseInteger)] as const;
  });
  return Object.fromEntries(values) as { [Name in keyof T]: number };
}

const A_DIRECTORY: Expected<string | undefined> = {
  words: 'the path of a directory',
  accepts: (value): value is string => typeof value === 'string' && value !== '',
};

/**
 * Reads `spoolDirectory`. A directory that can't be used is ignored with a warning.
 *
 * @returns the absolute path
 * @throws ChatDebugConfigError for a value that is no path
 */
export function readSpoolDirectory(
  options: ChatDebugOptions,
  env: Environment,
  pipeline: PipelineChoice,
): { readonly spoolDirectory: string | undefined; readonly warnings: readonly string[] } {
  const option = 'spoolDirectory';
  const variable = variableOf(option);
  const setting = { option, variable, fallback: undefined, expected: A_DIRECTORY };
  const given = readSetting(setting, options.spoolDirectory, env, (text) => text);
  if (given === undefined) return { spoolDirectory: undefined, warnings: [] };
  const name = options.spoolDirectory === undefined ? variable : `option ${option}`;
  const unusable = (expected: string) => ({
    spoolDirectory: undefined,
    warnings: [ignored(name, given, expected)],
  });
  if (pipeline === 'app') return unusable("pipeline 'own'");
  const spoolDirectory = resolve(given);
  if (isFile(spoolDirectory)) return unusable('a directory, not a file');
  return { spoolDirectory, warnings: [] };
}

function isFile(path: string): boolean {
  try {
    return !statSync(path).isDirectory();
  } catch {
    // The spool creates it, or warns.
    return false;
  }
}
