import { openStep } from '../api/with-step.js';
import { processState } from '../process-state.js';
import type { Scope } from '../run/scope.js';
import { guarded, warn } from '../self-diagnostics.js';
import type { StepRecord } from '../step/step-record.js';
import { asLabel } from '../wire/facts/label.js';
import { stepOfFailedTry } from './failed-try.js';
import type { ModelCall } from './model-call.js';
import { providerName } from './provider-name.js';
import { RecordedCall } from './recorded-call.js';

/** Makes a call of `doGenerate` as a step. Gives back what it gives back and throws the very error it throws. */
export function recordGenerate<T>(call: ModelCall, invoke: () => T): T {
  return record(call, invoke, (recorded, result) => recorded.generated(result));
}

/** Makes a call of `doStream` as a step; the stream in its result is replaced by one that is watched. */
export function recordStream<T>(call: ModelCall, invoke: () => T): T {
  return record(call, invoke, (recorded, result) => recorded.streamed(result));
}

function record<T>(
  call: ModelCall,
  invoke: () => T,
  answered: (recorded: RecordedCall, result: unknown) => unknown,
): T {
  const recorded = guarded('a model call could not be recorded', undefined, () => begin(call));
  if (recorded === undefined) return invoke();
  const took = (result: unknown): unknown => told(recorded, result, () => answered(recorded, result));
  const failed = (error: unknown): never => {
    told(recorded, undefined, () => recorded.failed(error));
    throw error;
  };
  let result: T;
  try {
    result = recorded.run(invoke);
  } catch (error) {
    return failed(error);
  }
  return (isThenable(result) ? Promise.resolve(result).then(took, failed) : took(result)) as T;
}

function told<T>(recorded: RecordedCall, fallback: T, tell: () => T): T {
  try {
    return tell();
  } catch (error) {
    warn('the end of a model call could not be recorded', error);
    recorded.abandon();
    return fallback;
  }
}

/** `undefined` where the call is to go straight through: it has no run, or is part of a step that is open. */
function begin(call: ModelCall): RecordedCall | undefined {
  const { started, scope } = processState();
  const current = started && scope.getStore();
  if (current?.run === undefined || current.step?.closed === false) return undefined;
  const step = rejoined(current, call) ?? openStep(current, startOf(call));
  if (step === undefined) return undefined;
  const within: Scope = { run: current.run, step };
  return new RecordedCall(call, step, (fn) => scope.run(within, fn));
}

/** The step of a try before this one, held. */
function rejoined({ run, shared }: Scope, call: ModelCall): StepRecord | undefined {
  const step = run === undefined || shared !== undefined ? undefined : stepOfFailedTry(run, call);
  step?.hold();
  return step;
}

function startOf({ model, operation, given }: ModelCall) {
  return {
    operation,
    ...given,
    provider: given.provider ?? providerName(model.provider),
    model: given.model ?? asLabel(model.modelId),
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}
