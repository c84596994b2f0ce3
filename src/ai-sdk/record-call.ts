import { openStep } from '../api/step.js';
import { processState } from '../process-state.js';
import type { Scope } from '../run/call-context.js';
import { isThenable } from '../run/run-options.js';
import { guarded, warn } from '../self-diagnostics.js';
import { COMPLETED, outcomeOfError } from '../step/outcome.js';
import type { StepRecord, StepStart } from '../step/step-record.js';
import type { RequestFacts } from '../wire/format.js';
import { asLabel, asObject } from '../wire/json/json.js';
import { requestFacts } from '../wire/reading/ai-sdk.js';
import { StreamParts } from '../wire/reading/ai-sdk-response.js';
import { providerName } from './language-model.js';
import {
  abortSignalOf,
  factsOfRequest,
  factsOfResult,
  factsOfStream,
  type ModelCall,
  NullResultError,
  outcomeOfFailure,
  type RunInStep,
} from './model-call.js';
import { copyWithStream, isReadableStream, recordedStream, StreamRecorder } from './recorded-stream.js';
import { isRetryable, stepToRetry, storeFailedCall } from './retries.js';

/** Records a call of `doGenerate` as a step. Returns what `invoke` returns and throws what it throws. */
export function recordGenerate<T>(call: ModelCall, invoke: () => T): T {
  return record(call, invoke, (recorded, result) => recorded.generated(result));
}

/** Records a call of `doStream` as a step. The stream in the result is replaced by a recorded one. */
export function recordStream<T>(call: ModelCall, invoke: () => T): T {
  return record(call, invoke, (recorded, result) => recorded.streamed(result));
}

function record<T>(
  call: ModelCall,
  invoke: () => T,
  onResult: (recorded: RecordedCall, result: unknown) => unknown,
): T {
  const recorded = guarded('a model call could not be recorded', undefined, () => begin(call));
  if (recorded === undefined) return invoke();
  const returned = (result: unknown): unknown => recorded.guard(result, () => onResult(recorded, result));
  const threw = (error: unknown): never => {
    recorded.guard(undefined, () => recorded.failed(error));
    throw error;
  };
  let result: T;
  try {
    result = recorded.run(invoke);
  } catch (error) {
    return threw(error);
  }
  return (isThenable(result) ? Promise.resolve(result).then(returned, threw) : returned(result)) as T;
}

/** Returns `undefined` if the call is not a step: it has no run, or it is part of an open step. */
function begin(call: ModelCall): RecordedCall | undefined {
  const { started, scope } = processState();
  const current = started && scope.getStore();
  if (current?.run === undefined || current.step?.closed === false) return undefined;
  const step = reopenStep(current, call) ?? openStep(current, stepOptions(call));
  if (step === undefined) return undefined;
  const inStep: Scope = { run: current.run, step };
  return new RecordedCall(call, step, (fn) => scope.run(inStep, fn));
}

/** Holds and returns the step that the call retries. */
function reopenStep({ run, shared }: Scope, call: ModelCall): StepRecord | undefined {
  const step = run === undefined || shared !== undefined ? undefined : stepToRetry(run, call);
  step?.hold();
  return step;
}

function stepOptions({ model, operation, given }: ModelCall): StepStart {
  return {
    operation,
    ...given,
    provider: given.provider ?? providerName(model.provider),
    model: given.model ?? asLabel(model.modelId),
  };
}

/** A call in progress. It holds its step until the result or the stream has ended. */
class RecordedCall {
  /** Read when the call begins, because a model may change its options. Only in full capture. */
  readonly #request: RequestFacts | undefined;

  constructor(
    private readonly call: ModelCall,
    private readonly step: StepRecord,
    readonly run: RunInStep,
  ) {
    if (step.capture !== 'full') return;
    const { options, operation, model } = call;
    this.#request = guarded('the options of a model call could not be read', undefined, () =>
      requestFacts(options, operation, model.modelId),
    );
    if (this.#request !== undefined) step.readFacts = factsOfRequest(this.#request);
  }

  generated(result: unknown): unknown {
    if (asObject(result) === undefined) this.#finishWithoutResult('doGenerate');
    else this.step.finish(COMPLETED);
    if (this.#request !== undefined) this.step.readFacts = factsOfResult(this.#request, result);
    this.step.release(this.step.streams ? 'stream' : 'nothing');
    return result;
  }

  streamed(result: unknown): unknown {
    const given = asObject(result);
    const stream = given?.['stream'];
    if (given === undefined || stream === undefined || stream === null) {
      this.#finishWithoutResult('doStream');
      this.step.release('nothing');
      return result;
    }
    const signal = abortSignalOf(this.call);
    const withStream = copyWithStream(given);
    if (!isReadableStream(stream)) {
      this.step.release('stream');
      return result;
    }
    const recorder = new StreamRecorder(this.step, this.#collectParts(), signal);
    return withStream(recordedStream(stream, recorder, this.run));
  }

  failed(error: unknown): void {
    this.step.finish(outcomeOfFailure(error, this.step.provider, abortSignalOf(this.call)));
    const mayRetry = isRetryable(error);
    if (mayRetry) storeFailedCall(this.step, this.call);
    this.step.release(mayRetry ? 'retry' : 'nothing');
  }

  /** Calls `action`. If it throws, the step ends with its exchanges, and the result is `fallback`. */
  guard<T>(fallback: T, action: () => T): T {
    try {
      return action();
    } catch (error) {
      warn('the end of a model call could not be recorded', error);
      this.step.release('stream');
      return fallback;
    }
  }

  #collectParts(): StreamParts | undefined {
    if (this.#request === undefined) return undefined;
    const parts = new StreamParts();
    this.step.readFacts = factsOfStream(this.#request, parts);
    return parts;
  }

  #finishWithoutResult(method: 'doGenerate' | 'doStream'): void {
    this.step.finish(outcomeOfError(new NullResultError(method), this.step.provider));
  }
}
