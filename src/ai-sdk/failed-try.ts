import type { RunRecord } from '../run/run-record.js';
import type { StepRecord } from '../step/step-record.js';
import type { BodyFingerprint } from '../wire/body-fingerprint.js';
import { asObject } from '../wire/json/json.js';
import type { ModelCall } from './model-call.js';
import { promptFingerprint } from './prompt-fingerprint.js';

/** A call that failed and may be made again, by what tells it: never by what it holds. */
interface FailedTry {
  readonly model: object;
  readonly prompt: WeakRef<object>;
  readonly fingerprint: BodyFingerprint;
}

const failedTries = new WeakMap<StepRecord, FailedTry>();

/** Whether the AI SDK would make a call again that failed with this: its errors say so themselves. */
export function mayBeTriedAgain(error: unknown): boolean {
  return asObject(error)?.['isRetryable'] === true;
}

export function rememberFailedTry(step: StepRecord, { model, options }: ModelCall): void {
  const prompt = promptOf(options);
  if (prompt === undefined) return;
  failedTries.set(step, { model, prompt: new WeakRef(prompt), fingerprint: promptFingerprint(prompt) });
}

/**
 * The step that a call is another try of: one that failed in the same run, of the same method of the same model,
 * with the same prompt. The retry loop of `ai` 5 and 6 passes on the very object, as `generateText` of 7 does;
 * `streamText` of 7 makes a new one for each try, which says the same.
 */
export function stepOfFailedTry(run: RunRecord, call: ModelCall): StepRecord | undefined {
  const failed = run.waitingSteps.filter(
    (step) => failedTries.get(step)?.model === call.model && step.options.operation === call.operation,
  );
  const prompt = failed.length === 0 ? undefined : promptOf(call.options);
  if (prompt === undefined) return undefined;
  const same = failed.find((step) => failedTries.get(step)?.prompt.deref() === prompt);
  if (same !== undefined) return same;
  const fingerprint = promptFingerprint(prompt);
  return failed.find((step) => failedTries.get(step)?.fingerprint.equals(fingerprint));
}

function promptOf(options: unknown): object | undefined {
  const prompt = asObject(options)?.['prompt'];
  return typeof prompt === 'object' && prompt !== null ? prompt : undefined;
}
