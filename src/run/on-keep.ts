import { AsyncResource } from 'node:async_hooks';
import { timers } from '../clock.js';
import type { Classification } from '../error/index.js';
import { warn } from '../self-diagnostics.js';
import type { RunKind } from '../types.js';
import { isThenable } from './run-options.js';
import type { RunRecord } from './run-record.js';

/** A run with an error of a kind to keep. */
export interface KeptRun {
  /** Of the run, else of its parent. */
  readonly chatId: string | undefined;
  /** Of the run, else of its parent. */
  readonly ownerId: string | undefined;
  /** `chatdebug.run.id`. */
  readonly runId: string;
  /** `undefined` with `pipeline: 'app'` if the run has no parent span. */
  readonly traceId: string | undefined;
  /** `chatdebug.run.kind`. */
  readonly runKind: RunKind;
  /** The first error of a kind to keep. */
  readonly error: Classification;
  /** `chatdebug.error.fingerprint`. */
  readonly fingerprint: string;
  /** False if the budget does not keep the run: then it has no trace. */
  readonly kept: boolean;
}

/**
 * Called at the first evidence of a run, shortly after the application's call and outside it, whether or not the
 * budget keeps the run. With `failureContent: 'ask'` a result of `{ content: true }`, or a promise of it, writes the
 * content of the failing calls of this run. Any other result is ignored. An error or a rejection causes a warning.
 */
export type OnKeep = (run: KeptRun) => unknown;

/**
 * Decides whether the content of the failing calls of a kept run is written.
 *
 * @param run the run that is kept
 * @param error what the call failed with
 */
export type ContentFor = (run: KeptRun, error: Classification) => boolean | PromiseLike<boolean>;

/** `ask`: the result of `onKeep` decides. */
export type FailureContentChoice = boolean | 'ask' | ContentFor;

/** Kinds whose cause is the key of the request, not its content. */
const WITHOUT_CONTENT: ReadonlySet<string> = new Set(['auth', 'missing_key']);

const MAX_WAIT_MILLIS = 60_000;

interface Waiting {
  readonly write: (withContent: boolean) => void;
  readonly timer: NodeJS.Timeout;
}

/** Decides whether the content of a failing call is written, and holds the call until then. */
export class ContentGate {
  /** Called when the last waiting call has been written. */
  onEmpty: () => void = () => {};
  readonly #waiting = new Set<Waiting>();
  /** Writes after a promise must not run in an async context of the application. */
  readonly #outside = new AsyncResource('ChatDebugContent');

  constructor(private readonly choice: FailureContentChoice) {}

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Returns the result of `onKeep` if it decides. Warns if it has a result that is not used. */
  usableAnswer(answer: unknown): unknown {
    if (this.choice === 'ask') return answer;
    if (requestsContent(answer))
      warn("onKeep returned { content: true }: ignored without failureContent: 'ask'");
    return undefined;
  }

  /**
   * @param answer the result of `onKeep` for the run
   * @param write called once: now, or when the promise of the application has settled
   */
  decide(run: KeptRun, error: Classification, answer: unknown, write: (withContent: boolean) => void): void {
    const choice = WITHOUT_CONTENT.has(error.kind) ? false : this.choice;
    if (typeof choice === 'boolean') write(choice);
    else if (choice === 'ask') this.#whenAnswered(answer, requestsContent, write);
    else
      this.#whenAnswered(
        callHook('failureContent', () => choice(run, error)),
        isTrue,
        write,
      );
  }

  endWaits(): void {
    for (const waiting of this.#waiting) this.#end(waiting, false);
  }

  #whenAnswered(answer: unknown, isYes: (answer: unknown) => boolean, write: Waiting['write']): void {
    if (!(answer instanceof Promise)) {
      write(isYes(answer));
      return;
    }
    const timer = timers.setTimeout(() => this.#end(waiting, false), MAX_WAIT_MILLIS).unref();
    const waiting: Waiting = { write, timer };
    this.#waiting.add(waiting);
    answer.then((value: unknown) => this.#end(waiting, isYes(value)));
  }

  #end(waiting: Waiting, withContent: boolean): void {
    if (!this.#waiting.delete(waiting)) return;
    timers.clearTimeout(waiting.timer);
    this.#outside.runInAsyncScope(waiting.write, undefined, withContent);
    if (this.isEmpty) this.onEmpty();
  }
}

function isTrue(answer: unknown): boolean {
  return answer === true;
}

function requestsContent(answer: unknown): boolean {
  return (answer as { readonly content?: unknown } | null | undefined)?.content === true;
}

export function keptRun(run: RunRecord, error: Classification, fingerprint: string, kept: boolean): KeptRun {
  return {
    chatId: inheritedOption(run, 'chatId'),
    ownerId: inheritedOption(run, 'ownerId'),
    runId: run.id,
    traceId: run.position.traceId,
    runKind: run.kind,
    error,
    fingerprint,
    kept,
  };
}

/**
 * Calls a hook of the application that may be async. Never throws: an error or a rejection becomes a warning.
 *
 * @param name the option, for the warning
 * @returns the result or a promise that never rejects
 */
export function callHook(name: string, call: () => unknown): unknown {
  const failed = (reason: unknown) => warn(`${name} failed`, reason);
  try {
    const answer = call();
    return isThenable(answer) ? Promise.resolve(answer).catch(failed) : answer;
  } catch (reason) {
    return failed(reason);
  }
}

function inheritedOption({ options, parent }: RunRecord, name: 'chatId' | 'ownerId'): string | undefined {
  return options[name] ?? (parent && inheritedOption(parent, name));
}
