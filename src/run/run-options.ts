import { types } from 'node:util';
import type { Attributes } from '@opentelemetry/api';
import { warn } from '../self-diagnostics.js';
import type { Capture, RunOptions } from '../types.js';
import * as debugLines from './debug-lines.js';

/**
 * Chooses the capture of a run. It may return a promise, for which the run does not wait; an error or any other value
 * means the configured capture, with a warning.
 *
 * @param chat the options that the run was started with
 * @param ownerId the owner of the run
 */
export type CaptureFor = (chat: RunOptions, ownerId: string | undefined) => Capture | Promise<Capture>;

interface CapturedRun extends debugLines.DescribedRun {
  capture: Capture;
  captureRequests: number;
}

export const CAPTURES: readonly Capture[] = ['errors', 'full', 'off'];

function isCapture(value: unknown): value is Capture {
  return CAPTURES.includes(value as Capture);
}

/**
 * Calls `captureFor` and sets the capture of the run to its result. If two calls are pending, the result of the later
 * one counts.
 *
 * @param fallback the configured capture, used if `captureFor` fails or returns something else
 */
export function askCapture(run: CapturedRun, captureFor: CaptureFor, fallback: Capture): void {
  run.captureRequests += 1;
  const request = run.captureRequests;
  const apply = (answer: unknown): void => {
    if (request !== run.captureRequests) return;
    if (!isCapture(answer))
      warn(`captureFor returned a value of type ${typeof answer}: expected errors, full or off`);
    run.capture = isCapture(answer) ? answer : fallback;
    debugLines.captureChosen(run);
  };
  const failed = (error: unknown): void => {
    warn('captureFor failed, the configured capture is used', error);
    run.capture = fallback;
  };
  try {
    const answer: unknown = captureFor(run.options, run.options.ownerId);
    if (isThenable(answer)) ignoreRejection(answer.then(apply, failed));
    else apply(answer);
  } catch (error) {
    failed(error);
  }
}

/** For an asynchronous `then` method, whose rejection would be unhandled. */
function ignoreRejection(result: unknown): void {
  if (types.isPromise(result)) result.then(undefined, () => {});
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

/**
 * Returns the capture that a run with these options would get. Never rejects.
 *
 * @param fallback the configured capture
 */
export async function captureOf(
  chat: RunOptions,
  captureFor: CaptureFor | undefined,
  fallback: Capture,
): Promise<Capture> {
  if (chat.capture !== undefined) return chat.capture;
  try {
    const answer: unknown = await captureFor?.(chat, chat.ownerId);
    return isCapture(answer) ? answer : fallback;
  } catch (error) {
    warn('captureFor failed, the configured capture is used', error);
    return fallback;
  }
}

type Check = readonly [expected: string, accepts: (value: unknown) => boolean];

const TEXT: Check = ['a string', (value) => typeof value === 'string'];
const NAME: Check = ['a string that is not empty', (value) => typeof value === 'string' && value !== ''];

const CHECKS: Readonly<Record<keyof RunOptions, Check>> = {
  kind: NAME,
  chatId: TEXT,
  rootChatId: TEXT,
  parentChatId: TEXT,
  ownerId: TEXT,
  modelConfigId: TEXT,
  triggerMessageId: TEXT,
  historyTipMessageId: TEXT,
  firstMessage: TEXT,
  provider: TEXT,
  model: TEXT,
  capture: ['errors, full or off', isCapture],
  runId: NAME,
  firstStepNumber: ['a whole number from 0', (value) => Number.isSafeInteger(value) && Number(value) >= 0],
  attributes: ['an object', (value) => typeof value === 'object' && value !== null],
};

/**
 * Copies run options, so that later changes of the application's object have no effect. Invalid values are dropped with
 * a warning.
 */
export function checkedRunOptions(given: RunOptions): RunOptions {
  const options: Record<string, unknown> = {};
  // Iterates over the few given options rather than over all fifteen.
  for (const [name, value] of Object.entries(given ?? {})) {
    if (!isOption(name) || value === undefined || value === null) continue;
    const [expected, accepts] = CHECKS[name];
    if (name === 'attributes' && accepts(value)) options[name] = ownAttributes(value as Attributes);
    else if (accepts(value)) options[name] = value;
    else warn(`Invalid run option ${name}: expected ${expected}, got ${typeof value}`);
  }
  return options;
}

/** Names that this package writes. */
const RESERVED = /^(chatdebug|gen_ai|error|exception)\./;

function ownAttributes(given: Attributes): Attributes {
  const entries = Object.entries(given).filter(([name, value]) => {
    if (!RESERVED.test(name) && isAttribute(name, value)) return true;
    warn(
      RESERVED.test(name)
        ? 'Invalid run option attributes: names that begin with chatdebug., gen_ai., error. or exception. are reserved'
        : 'Invalid run option attributes: expected strings, numbers, booleans or lists of one of these types',
    );
    return false;
  });
  const copies = entries.map(([name, value]) => [name, Array.isArray(value) ? [...value] : value]);
  return Object.fromEntries(copies) as Attributes;
}

/** Whether OpenTelemetry accepts the attribute. `undefined` and `null` pass: the SDK drops them. */
function isAttribute(name: string, value: unknown): boolean {
  if (name === '') return false;
  if (!Array.isArray(value)) return value === undefined || value === null || isPrimitive(value);
  const [first] = value.filter(isKnown);
  return value.filter(isKnown).every((one) => isPrimitive(one) && typeof one === typeof first);
}

function isKnown(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isPrimitive(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function isOption(name: string): name is keyof RunOptions {
  return Object.hasOwn(CHECKS, name);
}

/** Whether two owners are known and differ. */
export function isOtherOwner(ownerId: string | undefined, other: string | undefined): boolean {
  return ownerId !== undefined && other !== undefined && ownerId !== other;
}
