import { processState } from '../process-state.js';
import { checkedRunOptions } from '../run/run-options.js';
import type { RunRecord } from '../run/run-record.js';
import { randomId } from '../run/trace-position.js';
import { guarded } from '../self-diagnostics.js';
import { COMPLETED, outcomeOfError } from '../step/outcome.js';
import type { PendingWork } from '../step/step-record.js';
import type { Run, RunOptions } from '../types.js';
import { type CallObserver, observeCall } from './observe-call.js';

/**
 * Calls `fn` as one run. Model calls inside `fn` become steps of the run. Before start-up, or if the run is not
 * captured, `withRun` only calls `fn`.
 *
 * The run ends when `fn` has settled and no step is open. If `fn` returns a stream (a `Response` with a body, a
 * `ReadableStream` or an async iterable), the run also waits until no step has begun for `lingerMillis`, because the
 * model may not have responded yet. If `fn` returns a thenable of an SDK, such as `APIPromise`, it waits in the same way
 * until the thenable settles. The end time of the run is the time of its last activity.
 *
 * An async generator that `fn` returns runs in the run wherever it is consumed, and an error that it throws is the
 * error of the run. For other streams, call the code that calls the model later through `run.with(fn)`.
 *
 * @param options describe the run; a value of the wrong type is ignored with a warning
 * @returns what `fn` returns. What `fn` throws is rethrown and recorded as the error of the run.
 */
export function withRun<T>(options: RunOptions, fn: (run: Run) => T): T {
  const record = openRun(options);
  const { scope } = processState();
  if (record === undefined) {
    const run = new UnrecordedRun(options?.runId);
    return run.with(() => fn(run));
  }
  const run = new RecordedRun(record);
  return scope.run({ run: record }, () => observeCall(() => fn(run), run));
}

/**
 * Opens a run for code that is not enclosed by one function. Call the parts of the run through `run.with(fn)`, report
 * a failure with `run.fail(error)` and end the run with `run.end()`. A run that is never ended is evicted after
 * `idleMillis` without activity.
 *
 * @param options as for `withRun`
 */
export function startRun(options: RunOptions): Run {
  const record = openRun(options);
  return record === undefined ? new UnrecordedRun(options?.runId) : new RecordedRun(record);
}

/** Opens or joins a run below the run in the context. Returns `undefined` if nothing is recorded. */
function openRun(options: RunOptions): RunRecord | undefined {
  const { started, scope } = processState();
  if (started === undefined) return undefined;
  return guarded('a run could not be opened', undefined, () =>
    started.runs().open(checkedRunOptions(options), scope.getStore()?.run),
  );
}

class RecordedRun implements Run, CallObserver {
  /** `fail` was called, so a result of the function does not make the run a success. */
  #failed = false;
  #released = false;
  #lingers = false;

  /** The run may be used after a later start, which has another scope. */
  readonly #scope = processState().scope;

  constructor(private readonly record: RunRecord) {}

  get id(): string {
    return this.record.id;
  }

  get traceId(): string | undefined {
    return this.record.position.traceId;
  }

  with<T>(fn: () => T): T {
    return this.#scope.run({ run: this.record }, fn);
  }

  fail(error: unknown): void {
    this.#failed = true;
    guarded('the failure of a run could not be recorded', undefined, () =>
      this.record.finish(outcomeOfError(error, this.record.provider)),
    );
  }

  end(): void {
    this.#succeed();
    this.#release(false);
  }

  returned(pending: PendingWork, value: unknown): void {
    if (pending === 'nothing') this.#succeed();
    else if (isAsyncGenerator(value)) this.#bindGenerator(value);
    if (pending === 'nothing') this.#endLinger();
    this.#release(pending !== 'nothing');
  }

  threw(error: unknown): void {
    this.fail(error);
    this.#endLinger();
    this.#release(false);
  }

  /**
   * The body of an async generator runs in the async context of the code that requests the next value. So the methods
   * of this generator object are replaced by ones that run in the context of the run. The run ends with the generator.
   */
  #bindGenerator(generator: Record<string, unknown>): void {
    for (const name of ['next', 'return', 'throw']) {
      const method = generator[name];
      if (typeof method !== 'function') continue;
      const bound = async (...args: unknown[]): Promise<unknown> => {
        try {
          const result: unknown = await this.with(() => Reflect.apply(method, generator, args));
          if ((result as { done?: unknown } | undefined)?.done === true) this.#endLinger();
          return result;
        } catch (error) {
          this.fail(error);
          this.#endLinger();
          throw error;
        }
      };
      Object.defineProperty(generator, name, { value: bound, configurable: true, writable: true });
    }
  }

  #succeed(): void {
    if (!this.#failed) this.record.finish(COMPLETED);
  }

  /** @param lingers whether steps may still begin, because a stream or a thenable was returned */
  #release(lingers: boolean): void {
    if (this.#released) return;
    this.#released = true;
    this.#lingers = lingers;
    guarded('the end of a run could not be recorded', undefined, () => this.record.release(lingers));
  }

  #endLinger(): void {
    if (!this.#lingers) return;
    this.#lingers = false;
    guarded('the end of a run could not be recorded', undefined, () => this.record.endLinger());
  }
}

function isAsyncGenerator(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === '[object AsyncGenerator]';
}

/** The run of an application that records nothing. Calls inside it are not recorded either. */
class UnrecordedRun implements Run {
  readonly traceId = undefined;
  readonly id: string;

  constructor(id: string | undefined) {
    this.id = id ?? randomId();
  }

  with<T>(fn: () => T): T {
    const { started, scope } = processState();
    return started === undefined ? fn() : scope.run({ run: undefined }, fn);
  }

  fail(): void {}

  end(): void {}
}
