import { guarded } from '../self-diagnostics.js';
import { COMPLETED, outcomeOfError } from '../step/outcome.js';
import type { StepRecord } from '../step/step-record.js';
import { requestFacts } from '../wire/ai-sdk/request-facts.js';
import { StreamParts } from '../wire/ai-sdk/stream-parts.js';
import type { RequestFacts } from '../wire/format.js';
import { asObject } from '../wire/json/json.js';
import { factsOfRequest, factsOfResult, factsOfStream } from './call-facts.js';
import { mayBeTriedAgain, rememberFailedTry } from './failed-try.js';
import type { InStep, ModelCall } from './model-call.js';
import { NullResultError } from './null-result-error.js';
import { outcomeOfFailure, signalOf } from './outcome-of-failure.js';
import { StreamWatch } from './stream-watch.js';
import { isWatchable, resultWith, watchStream } from './watched-stream.js';

/** A call of a model under way, and the step that it is, which it holds until it is told how the call ended. */
export class RecordedCall {
  /** As they are when the call begins, since a model may change its options; in full capture only. */
  readonly #request: RequestFacts | undefined;

  constructor(
    private readonly call: ModelCall,
    private readonly step: StepRecord,
    readonly run: InStep,
  ) {
    if (step.capture !== 'full') return;
    const { options, operation, model } = call;
    this.#request = guarded('the options of a model call could not be read', undefined, () =>
      requestFacts(options, operation, model.modelId),
    );
    if (this.#request !== undefined) step.readFacts = factsOfRequest(this.#request);
  }

  /** `doGenerate` gave back this. */
  generated(result: unknown): unknown {
    if (asObject(result) === undefined) this.#finishWithout('doGenerate');
    else this.step.finish(COMPLETED);
    if (this.#request !== undefined) this.step.readFacts = factsOfResult(this.#request, result);
    this.step.release(this.step.streams ? 'stream' : 'nothing');
    return result;
  }

  /** `doStream` gave back this. Returns the same with a stream that is watched in the place of its own. */
  streamed(result: unknown): unknown {
    const given = asObject(result);
    const stream = given?.['stream'];
    if (given === undefined || stream === undefined || stream === null) {
      this.#finishWithout('doStream');
      this.step.release('nothing');
      return result;
    }
    const signal = signalOf(this.call.options);
    const withStream = resultWith(given);
    if (!isWatchable(stream)) {
      this.step.release('stream');
      return result;
    }
    return withStream(watchStream(stream, new StreamWatch(this.step, this.#openParts(), signal), this.run));
  }

  /** The call threw, or its promise was rejected. */
  failed(error: unknown): void {
    this.step.finish(outcomeOfFailure(error, this.step.provider, signalOf(this.call.options)));
    const triedAgain = mayBeTriedAgain(error);
    if (triedAgain) rememberFailedTry(this.step, this.call);
    this.step.release(triedAgain ? 'retry' : 'nothing');
  }

  /** How it ended can't be read: the step ends with its exchanges. */
  abandon(): void {
    this.step.release('stream');
  }

  #openParts(): StreamParts | undefined {
    if (this.#request === undefined) return undefined;
    const parts = new StreamParts();
    this.step.readFacts = factsOfStream(this.#request, parts);
    return parts;
  }

  #finishWithout(method: 'doGenerate' | 'doStream'): void {
    this.step.finish(outcomeOfError(new NullResultError(method), this.step.provider));
  }
}
