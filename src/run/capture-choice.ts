import { types } from 'node:util';
import { warn } from '../self-diagnostics.js';
import type { Capture, RunOptions } from '../types.js';
import * as debugLines from './debug-lines.js';
import type { RunRecord } from './run-record.js';

/**
 * The application's own choice of what is recorded for a chat or a user. It gets what the run was started
 * with. It may be asynchronous and may fail; nobody waits for it.
 */
export type CaptureFor = (chat: RunOptions, ownerId: string | undefined) => Capture | Promise<Capture>;

export const CAPTURES: readonly Capture[] = ['errors', 'full', 'off'];

export function isCapture(value: unknown): value is Capture {
  return CAPTURES.includes(value as Capture);
}

/**
 * Asks the application, and sets the run's capture as soon as it answers; until then the run goes on as it
 * is. An answer that is none, or a failure, means the configured default and a warning. Where two questions
 * are under way, the answer to the later one counts.
 */
export function askCapture(run: RunRecord, captureFor: CaptureFor, fallback: Capture): void {
  run.captureQuestions += 1;
  const question = run.captureQuestions;
  const take = (answer: unknown): void => {
    if (question !== run.captureQuestions) return;
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
    if (isThenable(answer)) answered(answer.then(take, failed));
    else take(answer);
  } catch (error) {
    failed(error);
  }
}

/** Handles the rejection of an asynchronous `then` method, which would otherwise be unhandled. */
function answered(result: unknown): void {
  if (types.isPromise(result)) result.then(undefined, () => {});
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

/**
 * What a run that is started with this would be captured with; never rejects.
 *
 * @param captureFor the application's function, if it has one
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
