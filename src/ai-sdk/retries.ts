import type { RunRecord } from '../run/run-record.js';
import type { StepRecord } from '../step/step-record.js';
import { asObject } from '../wire/json/json.js';
import { BodyFingerprint } from '../wire/request-body.js';
import type { ModelCall } from './model-call.js';

/** A failed call that the AI SDK may retry. It does not retain the prompt. */
interface FailedCall {
  readonly model: object;
  readonly prompt: WeakRef<object>;
  readonly fingerprint: BodyFingerprint;
}

const failedCalls = new WeakMap<StepRecord, FailedCall>();

const MAX_PROMPT_DEPTH = 64;

/** Returns true if the AI SDK retries a call that failed with this error: it checks `isRetryable` too. */
export function isRetryable(error: unknown): boolean {
  return asObject(error)?.['isRetryable'] === true;
}

/** Stores a failed call, so that `stepToRetry` finds its step. */
export function storeFailedCall(step: StepRecord, { model, options }: ModelCall): void {
  const prompt = promptOf(options);
  if (prompt === undefined) return;
  failedCalls.set(step, { model, prompt: new WeakRef(prompt), fingerprint: fingerprintOf(prompt) });
}

/**
 * Returns the step that a call retries: a step of the run that failed, with the same method, model and prompt. The
 * retry loop of `ai` 5 and 6, and `generateText` of `ai` 7, pass the same prompt object. `streamText` of `ai` 7
 * creates an equal one for each attempt.
 */
export function stepToRetry(run: RunRecord, call: ModelCall): StepRecord | undefined {
  const failed = run.open.waitingSteps.filter(
    (step) => failedCalls.get(step)?.model === call.model && step.options.operation === call.operation,
  );
  const prompt = failed.length === 0 ? undefined : promptOf(call.options);
  if (prompt === undefined) return undefined;
  const same = failed.find((step) => failedCalls.get(step)?.prompt.deref() === prompt);
  if (same !== undefined) return same;
  const fingerprint = fingerprintOf(prompt);
  return failed.find((step) => failedCalls.get(step)?.fingerprint.equals(fingerprint));
}

function promptOf(options: unknown): object | undefined {
  const prompt = asObject(options)?.['prompt'];
  return typeof prompt === 'object' && prompt !== null ? prompt : undefined;
}

/** Files in the prompt are read as bytes, without being encoded. */
function fingerprintOf(prompt: unknown): BodyFingerprint {
  const fingerprint = new BodyFingerprint();
  addToFingerprint(fingerprint, prompt, 0);
  return fingerprint;
}

function addToFingerprint(fingerprint: BodyFingerprint, value: unknown, depth: number): void {
  if (ArrayBuffer.isView(value)) {
    fingerprint.add(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  } else if (typeof value !== 'object' || value === null || depth === MAX_PROMPT_DEPTH) {
    fingerprint.add(`${typeof value} ${String(value)}`);
  } else if (value instanceof URL) {
    fingerprint.add(value.href);
  } else {
    for (const [name, member] of Object.entries(value)) {
      // One attempt may omit a member that another sets to `undefined`.
      if (member === undefined) continue;
      fingerprint.add(`${name}:`);
      addToFingerprint(fingerprint, member, depth + 1);
    }
    fingerprint.add(';');
  }
}
