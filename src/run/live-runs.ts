import type { Context } from '@opentelemetry/api';
import type { Attempt } from '../attempt/attempt.js';
import { ByteBudget } from '../attempt/body/capture.js';
import { timers } from '../clock.js';
import { explains, guarded, warn } from '../self-diagnostics.js';
import type { StepRecord } from '../step/step-record.js';
import type { Capture, RunOptions } from '../types.js';
import { BackgroundCalls } from './background-calls.js';
import * as debugLines from './debug-lines.js';
import { runToEvict } from './evictions.js';
import { type LiveRun, liveRunsOf } from './live-run.js';
import type { OpenCall } from './open-work.js';
import { RecordFinalizer, type RecordFinalizerParts } from './record-finalizer.js';
import { askCapture, type CaptureFor, isOtherOwner } from './run-options.js';
import { type RunLimits, type RunOrigin, type RunOwner, RunRecord } from './run-record.js';
import { lost, type RunTally } from './run-tally.js';
import { tracePosition } from './trace-position.js';

export interface LiveRunsOptions {
  readonly capture: Capture;
  readonly captureFor: CaptureFor | undefined;
  readonly limits: RunLimits;
  readonly maxRunBytes: number;
  readonly maxBytes: number;
  /** Maximum number of live runs. Beyond it, the oldest is evicted, starting with those that are not kept. */
  readonly maxRuns: number;
  readonly writesAll: boolean;
  /** Whether the trace id of a root can be fixed before its span starts. */
  readonly reservesTraceIds: boolean;
  /** Length of a tick. Timeouts are counted in ticks, so that time in which the process was frozen does not count. */
  readonly tickMillis: number;
}

export interface LiveRunsParts extends RecordFinalizerParts {
  readonly tally: RunTally;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** The maximum that a call holds: its request until the response begins, then the response. */
const MAX_CALL_BYTES = 2_097_152;

export class LiveRuns implements RunOwner {
  readonly background: BackgroundCalls;
  readonly finalizer: RecordFinalizer;
  readonly #budget: ByteBudget;
  readonly #runs = new Set<RunRecord>();
  /** Calls outside any run without a record so far. Each counts as a run. */
  readonly #calls = new Set<OpenCall>();
  /** Runs with an id: a start with the same id joins them. */
  readonly #byId = new Map<string, RunRecord>();
  readonly #successors = new WeakMap<RunRecord, RunRecord>();
  readonly #waiting = new Set<StepRecord>();
  #stalls = 0;
  readonly #ticker: NodeJS.Timeout;

  constructor(
    private readonly options: LiveRunsOptions,
    private readonly parts: LiveRunsParts,
  ) {
    this.background = new BackgroundCalls(options.limits.idleTicks);
    this.finalizer = new RecordFinalizer(parts);
    this.#budget = new ByteBudget(options.maxBytes, this.#bodyCut);
    this.#ticker = timers.setInterval(() => this.#tick(), options.tickMillis).unref();
  }

  get writesAll(): boolean {
    return this.options.writesAll;
  }

  get limits(): RunLimits {
    return this.options.limits;
  }

  get stats() {
    const { evictions, tally } = this.parts;
    return {
      liveRuns: this.#runs.size + this.#calls.size,
      bodyBytes: this.#budget.held,
      runs: tally.counts,
      evicted: evictions.counts,
      stalls: { now: this.#stalledStreams(), total: this.#stalls },
    };
  }

  /**
   * Returns the captured runs that are open, the newest first, without calls that have no record.
   *
   * @param chatId only runs of this chat; all if `undefined`
   */
  liveRuns(chatId: string | undefined): readonly LiveRun[] {
    return liveRunsOf(this.#runs, chatId, this.now());
  }

  get now(): () => number {
    return this.parts.now;
  }

  registerId(run: RunRecord, id: string): void {
    if (this.#runs.has(run)) this.#byId.set(id, run);
  }

  callBudget(): ByteBudget {
    return this.options.maxRunBytes < MAX_CALL_BYTES ? this.openBudget() : this.#budget;
  }

  openBudget(): ByteBudget {
    return new ByteBudget(this.options.maxRunBytes, this.#bodyCut, this.#budget);
  }

  /**
   * Opens a run, or joins the live one with the same id. The caller releases it once.
   *
   * @returns `undefined` if the run is not recorded
   */
  open(
    options: RunOptions,
    parent: RunRecord | undefined,
    origin: RunOrigin = 'code',
  ): RunRecord | undefined {
    const live = options.runId === undefined ? undefined : this.#byId.get(options.runId);
    const isConflict = live !== undefined && isOtherOwner(live.options.ownerId, options.ownerId);
    if (isConflict)
      warn('two live runs of different owners have the same runId: the second gets an id of its own');
    const joined = isConflict ? undefined : live;
    const own = isConflict ? { ...options, runId: undefined } : options;
    const run = joined ?? this.#create(own, parent, undefined, origin);
    if (joined !== undefined) debugLines.runJoined(joined);
    run?.hold();
    return run;
  }

  /**
   * Whether a call needs no record unless it fails: nothing of it would be written or logged.
   *
   * @param options the options of its run
   */
  countsHealthyCalls(options: RunOptions): boolean {
    const { capture, captureFor } = this.options;
    if (options.capture === undefined && captureFor !== undefined) return false;
    const isErrors = (options.capture ?? capture) === 'errors';
    return isErrors && !explains() && !this.parts.retention.mayWriteSuccess('errors');
  }

  callBegan(call: OpenCall): void {
    this.#calls.add(call);
    this.parts.tally.started();
    this.#evictBeyond();
  }

  callCompleted(call: OpenCall, place: RunRecord | { readonly options: RunOptions }): void {
    const isRun = !(place instanceof RunRecord);
    if (isRun) {
      this.#calls.delete(call);
      this.parts.tally.callCompleted();
    }
    this.parts.observer.callCompleted(call, place.options, isRun);
  }

  /** Opens the run of a call that has begun outside any run. The caller releases it once. */
  openRunOf(call: OpenCall, options: RunOptions, origin: RunOrigin): RunRecord {
    const position = tracePosition(this.options.reservesTraceIds);
    const run = new RunRecord(this, options, position, this.captureOf(options), undefined, undefined, origin);
    run.startedAt = call.startedAt;
    // A call that was evicted stays evicted.
    if (this.#calls.delete(call)) this.#runs.add(run);
    run.hold();
    return run;
  }

  successorOf(ended: RunRecord): RunRecord | undefined {
    const live = this.#successors.get(ended);
    if (live !== undefined && !live.closed) return live;
    const run = this.#create({ ...ended.options, runId: undefined }, undefined, ended, ended.origin);
    if (run !== undefined) this.#successors.set(ended, run);
    return run;
  }

  /** Returns the capture that a run with these options starts with, unless `captureFor` changes it. */
  captureOf(options: RunOptions): Capture {
    return options.capture ?? this.options.capture;
  }

  chooseCapture(run: RunRecord): void {
    if (run.options.capture !== undefined || this.options.captureFor === undefined) return;
    askCapture(run, this.options.captureFor, this.options.capture);
  }

  /** Failed calls of implicit runs: their retries come from outside any run. */
  get waitingSteps(): ReadonlySet<StepRecord> {
    return this.#waiting;
  }

  stepWaits(run: RunRecord, step: StepRecord): void {
    if (run.origin === 'request') this.#waiting.add(step);
    this.attemptFailed(run, step);
  }

  stepWaitsLong(step: StepRecord): void {
    this.finalizer.condense(step);
  }

  attemptFailed(run: RunRecord, step: StepRecord): void {
    // The response of an evicted run may still arrive, and nothing would end its step.
    if (!step.closed && this.#runs.has(run)) this.finalizer.attemptFailed(step);
  }

  awaitsPoll(step: StepRecord): boolean {
    return this.background.awaitsPoll(step);
  }

  stepClosed(run: RunRecord, step: StepRecord): void {
    this.#waiting.delete(step);
    this.finalizer.step(run, step);
  }

  runClosed(run: RunRecord): void {
    this.#remove(run);
    this.finalizer.run(run);
  }

  attemptDropped(step: StepRecord, attempt: Attempt): void {
    this.parts.observer.attemptDropped(step, attempt);
  }

  streamStalled(): void {
    this.#stalls += 1;
    warn('a response has been silent for longer than stallMillis');
  }

  runIdle(run: RunRecord): void {
    this.parts.evictions.add('idle');
    run.expire();
  }

  /**
   * Ends the waits in the caller's context, and settles everything that has ended. Runs of other contexts continue.
   *
   * @param run the run of that context
   * @param active without a run, the application's own context, in which requests have opened runs
   */
  flush(run: RunRecord | undefined, active: Context): void {
    if (run !== undefined) run.endIfWaiting(true);
    else {
      for (const one of this.#runs) if (one.implicit && one.position.context === active) one.endIfWaiting();
    }
    this.finalizer.settle();
  }

  close(): void {
    timers.clearInterval(this.#ticker);
    for (const call of this.#calls) call.becomeStep();
    for (const run of this.#runs) run.expire();
    this.finalizer.endWaits();
    this.parts.tally.close();
  }

  #create(
    options: RunOptions,
    parent: RunRecord | undefined,
    predecessor: RunRecord | undefined,
    origin: RunOrigin,
  ): RunRecord | undefined {
    const capture = this.captureOf(options);
    const mayChange = options.capture === undefined && this.options.captureFor !== undefined;
    if (capture === 'off' && !mayChange) return debugLines.runNotOpened();
    const position = parent?.position ?? tracePosition(this.options.reservesTraceIds);
    const run = new RunRecord(this, options, position, capture, parent, predecessor, origin);
    this.#runs.add(run);
    this.parts.tally.started();
    if (options.runId !== undefined) this.registerId(run, options.runId);
    debugLines.runOpened(run);
    this.#evictBeyond();
    this.chooseCapture(run);
    return run;
  }

  #evictBeyond(): void {
    if (this.#runs.size + this.#calls.size > this.options.maxRuns) this.#evict();
  }

  /**
   * Drops the oldest run. A kept run is ended and written. Any other is only removed here: its steps still count, and
   * it is kept if one of them fails later.
   */
  #evict(): void {
    const run = runToEvict(this.#runs);
    const [call] = this.#calls;
    this.parts.evictions.add('max_runs');
    if (call !== undefined && (run === undefined || run.kept || call.startedAt < run.startedAt)) {
      this.#calls.delete(call);
      return;
    }
    if (run === undefined) return;
    debugLines.runEvicted(run);
    if (run.kept) run.expire();
    this.parts.retention.forget(run, lost('max_runs'));
    this.#remove(run);
    this.finalizer.forget(run.open.steps);
  }

  #remove(run: RunRecord): void {
    this.#runs.delete(run);
    // A run that was evicted earlier may have a successor with the same id.
    if (run.isIdentified && this.#byId.get(run.id) === run) this.#byId.delete(run.id);
  }

  #stalledStreams(): number {
    let stalled = 0;
    const now = this.now();
    for (const run of this.#runs) stalled += run.open.stalledStreamsAt(now);
    for (const call of this.#calls) if (call.isSilentStreamAt(now)) stalled += 1;
    return stalled;
  }

  readonly #bodyCut = (): void => this.parts.evictions.add('max_bytes');

  #tick(): void {
    this.parts.observer.ticked();
    guarded('background calls could not be timed', undefined, () => this.background.tick());
    const [now, { tickMillis }] = [this.now(), this.options];
    for (const call of this.#calls) if (call.countSilence(now, tickMillis)) this.streamStalled();
    for (const run of this.#runs) guarded('a run could not be timed', undefined, () => run.tick());
  }
}
