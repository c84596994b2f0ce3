/**
 * The package where there is no Node.js: in an edge runtime, in a browser. The same names; nothing is recorded, and
 * what takes a function of the application's calls it. What is pure works as it does elsewhere.
 */
import { UNRECORDED_STEP } from '../api/unrecorded-step.js';
import type { ChatDebugOptions } from '../config/options.js';
import type { ChatDebugHandle } from '../handle.js';
import { NOTHING_STARTED } from '../nothing-started.js';
import type { Run, RunOptions, Step, StepOptions } from '../types.js';
import { unrecordedRun } from './unrecorded-run.js';

export { ChatDebugConfigError } from '../config/setting.js';
// Not by the folder's index: fingerprints need node:crypto.
export { attachClassification } from '../error/attach.js';
export { classifyError, explainError } from '../error/classify.js';
export { ERROR_KINDS } from '../error/kind.js';
export { ErrorKindSampler } from '../sampling/error-kind-sampler.js';
export { ChatDebugInstrumentation } from './instrumentation.js';

export function startChatDebug(_options?: ChatDebugOptions): ChatDebugHandle {
  return NOTHING_STARTED;
}

export function chatDebug(): ChatDebugHandle {
  return NOTHING_STARTED;
}

export function withRun<T>(options: RunOptions, fn: (run: Run) => T): T {
  return fn(unrecordedRun(options));
}

export function startRun(options: RunOptions): Run {
  return unrecordedRun(options);
}

export function withStep<T>(_options: StepOptions, fn: (step: Step) => T): T {
  return fn(UNRECORDED_STEP);
}

export function reuseStep<T>(fn: () => T): T {
  return fn();
}
