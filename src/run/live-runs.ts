import type { Context } from '@opentelemetry/api';
import type { Attempt } from '../attempt/attempt.js';
import { ByteBudget } from '../attempt/body/byte-budget.js';
import { timers } from '../clock.js';
import type { Loading } from '../loading.js';
import { explains, guarded, warn } from '../self-diagnostics.js';
import type { Recorded } from '../step/recorded.js';
import type { StepRecord } from '../step/step-record.js';
import type { Capture, RunOptions } from '../types.js';
import { BackgroundCalls } from './background-calls.js';
import { askCapture, type CaptureFor } from './capture-choice.js';
import * as debugLines from './debug-lines.js';
import { type Evictions, leastWanted } from './evictions.js';
import type { Retention } from './retention.js';
import {
  isOtherOwner,
  type OpenCall,
  type RunLimits,
  type RunOrigin,
  type RunOwner,
  RunRecord,
} from './run-record.js';
import { lost, type RunObserver, type RunTally } from './run-tally.js';
import { SettleQueue } from './settle-queue.js';
import { tracePosition } from './trace-position.js';

export interface LiveRunsOptions {
  readonly capture: Capture;
  readonly captureFor: CaptureFor | undefined;
  readonly limits: RunLimits;
  /** Bytes of bodies that one run may hold. */
  readonly maxRunBytes: number;
  /** Bytes of bodies that all runs together may hold. */
  readonly maxBytes: number;
  /** How many runs may be under way; of more, the oldest is given up, one that is not kept first. */
  readonly maxRuns: number;
  /** Every captured run is written, whatever becomes of it. */
  readonly writesAll: boolean;
  /** A root's trace id can be fixed before its span starts. */
  readonly reservesTraceIds: boolean;
  /** Length of a tick. Time-outs are counted in ticks, so that time in which the process was frozen is not. */
  readonly tickMillis: number;
}

export interface LiveRunsParts {
  readonly retention: Retention;
  readonly evictions: Evictions;
  readonly tally: RunTally;
  readonly observer: RunObserver;
  /** What writes the records. */
  readonly writing: Loading;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** The runs under way in this process, and the way of everything that has ended to the sink. */
export class LiveRuns implements RunOwner {
  readonly background: BackgroundCalls;
  readonly #budget: ByteBudget;
  readonly #runs = new Set<RunRecord>();
  /** Calls outside of every run that nothing is to be recorded of so far: each counts as a run. */
  readonly #calls = new Set<OpenCall>();
  /** Those of them whose id somebody knows: another run with the same id joins. */
  readonly #named = new Map<string, RunRecord>();
  readonly #successors = new WeakMap<RunRecord, RunRecord>();
  readonly #waiting = new Set<StepRecord>();
  readonly #ended: SettleQueue;
  #stalls = 0;
  readonly #ticker: NodeJS.Timeout;

  constructor(
    private readonly options: LiveRunsOptions,
    private readonly parts: LiveRunsParts,
  ) {
    this.background = new BackgroundCalls(options.limits.idleTicks);
    this.#ended = new SettleQueue(timers, parts.writing);
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

  now(): number {
    return this.parts.now();
  }

  identified(run: RunRecord, id: string): void {
    if (this.#runs.has(run)) this.#named.set(id, run);
  }

  /** What a call outside of every run may hold for bodies. */
  callBudget(): ByteBudget {
    return this.options.maxRunBytes < CALL_BYTES ? this.openBudget() : this.#budget;
  }

  openBudget(): ByteBudget {
    return new ByteBudget(this.options.maxRunBytes, this.#bodyCut, this.#budget);
  }

  /**
   * Opens a run, or joins the live one with the same id. `undefined` where nothing is to be recorded.
   * The caller holds it once and releases it once.
   */
  open(
    options: RunOptions,
    around: RunRecord | undefined,
    origin: RunOrigin = 'code',
  ): RunRecord | undefined {
    const named = options.runId === undefined ? undefined : this.#named.get(options.runId);
    const isOthers = named !== undefined && isOtherOwner(named.options.ownerId, options.ownerId);
    if (isOthers)
      warn('two live runs of different owners have the same runId: the second gets an id of its own');
    const joined = isOthers ? undefined : named;
    const own = isOthers ? { ...options, runId: undefined } : options;
    const run = joined ?? this.#create(own, around, undefined, origin);
    if (joined !== undefined) debugLines.runJoined(joined);
    run?.hold();
    return run;
  }

  /**
   * Whether a call need not be recorded while it goes well: then nothing of it is written or told.
   *
   * @param options of its run
   */
  mayOnlyCount(options: RunOptions): boolean {
    const { capture, captureFor } = this.options;
    if (options.capture === undefined && captureFor !== undefined) return false;
    const isErrors = (options.capture ?? capture) === 'errors';
    return isErrors && !explains() && !this.parts.retention.mayWriteSuccess('errors');
  }

  /** Somebody measures what ends: then a call needs its records. */
  get isMeasured(): boolean {
    return this.parts.observer.isMeasuring;
  }

  /** Nothing that has ended waits for its outcome. */
  get isSettled(): boolean {
    return this.#ended.isEmpty;
  }

  /** Outside of the application's call. */
  settleLater(settle: () => void): void {
    this.#ended.add(settle, true);
  }

  /** A call has begun outside of every run, of which nothing is recorded so far. */
  callBegan(call: OpenCall): void {
    this.#calls.add(call);
    this.parts.tally.started();
    this.#evictBeyond();
  }

  /** A call outside of every run went well. */
  callCompleted(call: OpenCall): void {
    this.#calls.delete(call);
    this.parts.tally.callCompleted();
  }

  /** The run of a call that has begun outside of every run. The caller holds it once and releases it once. */
  openRunOf(call: OpenCall, options: RunOptions, origin: RunOrigin): RunRecord {
    const position = tracePosition(this.options.reservesTraceIds);
    const run = new RunRecord(this, options, position, this.captureOf(options), undefined, undefined, origin);
    run.startedAt = call.attempt.startedAt;
    // One that was given up by then is not taken up again.
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

  /** The capture that a run with these options starts with, unless `captureFor` says otherwise. */
  captureOf(options: RunOptions): Capture {
    return options.capture ?? this.options.capture;
  }

  chooseCapture(run: RunRecord): void {
    if (run.options.capture !== undefined || this.options.captureFor === undefined) return;
    askCapture(run, this.options.captureFor, this.options.capture);
  }

  /** Failed calls of implicit runs, whose next try comes from outside every run. */
  get waitingSteps(): ReadonlySet<StepRecord> {
    return this.#waiting;
  }

  stepWaits(run: RunRecord, step: StepRecord): void {
    if (run.origin === 'request') this.#waiting.add(step);
  }

  awaitsPoll(step: StepRecord): boolean {
    return this.background.awaitsPoll(step);
  }

  stepClosed(run: RunRecord, step: StepRecord): void {
    this.#waiting.delete(step);
    if (this.#isForgotten(step, step.capture)) {
      this.#count(run, step);
      step.letGo();
      return;
    }
    const { retention } = this.parts;
    this.#ended.add(
      () => {
        step.settle();
        this.#count(run, step);
      },
      mayWait(step, step.attempts.last),
      {
        mayWrite: () => run.capture !== 'off' && retention.mayWrite(run, step, step.capture),
        handOver: () => (run.capture === 'off' ? step.letGo() : retention.step(run, step)),
      },
    );
  }

  runClosed(run: RunRecord): void {
    this.#remove(run);
    const { retention } = this.parts;
    if (!run.kept && run.capture !== 'off' && this.#isForgotten(run, run.capture)) {
      retention.dropSuccess(run);
      run.letGo();
      return;
    }
    this.#ended.add(() => run.settle(), mayWait(run), {
      mayWrite: () => run.kept || (run.capture !== 'off' && retention.mayWrite(run, run, run.capture)),
      handOver: () => {
        if (run.capture !== 'off' || run.kept) retention.run(run);
        else retention.drop(run);
        run.letGo();
      },
    });
  }

  attemptLetGo(step: StepRecord, attempt: Attempt): void {
    this.parts.observer.attemptLetGo(step, attempt);
  }

  streamStalled(): void {
    this.#stalls += 1;
    warn('a response has been silent for longer than stallMillis');
  }

  runIdle(run: RunRecord): void {
    this.parts.evictions.add('idle');
    run.expire();
  }

  /** Hands everything that has ended to the sink, now. */
  settle(): void {
    this.#ended.settle();
  }

  /**
   * Ends what only waits in the context of the caller, and hands over what has ended. Nothing of another context is
   * touched: its owner may still go on.
   *
   * @param over the run of that context
   * @param active without one, the application's own context, in which requests have opened runs
   */
  flush(over: RunRecord | undefined, active: Context): void {
    if (over !== undefined) over.endIfWaiting(true);
    else {
      for (const run of this.#runs) if (run.implicit && run.position.context === active) run.endIfWaiting();
    }
    this.settle();
  }

  /** Ends every run, whatever is open in it, and stops the clock. */
  close(): void {
    timers.clearInterval(this.#ticker);
    for (const call of this.#calls) call.becomeStep();
    for (const run of this.#runs) run.expire();
    this.settle();
    this.parts.tally.close();
  }

  #create(
    options: RunOptions,
    around: RunRecord | undefined,
    predecessor: RunRecord | undefined,
    origin: RunOrigin,
  ): RunRecord | undefined {
    const capture = this.captureOf(options);
    const mayChange = options.capture === undefined && this.options.captureFor !== undefined;
    if (capture === 'off' && !mayChange) return debugLines.runNotOpened();
    const position = around?.position ?? tracePosition(this.options.reservesTraceIds);
    const run = new RunRecord(this, options, position, capture, around, predecessor, origin);
    this.#runs.add(run);
    this.parts.tally.started();
    if (options.runId !== undefined) this.identified(run, options.runId);
    debugLines.runOpened(run);
    this.#evictBeyond();
    this.chooseCapture(run);
    return run;
  }

  #evictBeyond(): void {
    if (this.#runs.size + this.#calls.size > this.options.maxRuns) this.#evict();
  }

  /**
   * Gives up the oldest run. One that is kept is finalised, as far as it has come; one that is not is only
   * forgotten: its steps still count, and it is kept if one of them fails later.
   */
  #evict(): void {
    const run = leastWanted(this.#runs);
    const [call] = this.#calls;
    this.parts.evictions.add('max_runs');
    // A call is forgotten as a run is that is not kept.
    if (call !== undefined && (run === undefined || run.kept || call.attempt.startedAt < run.startedAt)) {
      this.#calls.delete(call);
      return;
    }
    if (run === undefined) return;
    debugLines.runGivenUp(run);
    if (run.kept) run.expire();
    this.parts.retention.forget(run, lost('max_runs'));
    this.#remove(run);
  }

  #remove(run: RunRecord): void {
    this.#runs.delete(run);
    // A run that was given up earlier may have a successor of the same id by now.
    if (run.isIdentified && this.#named.get(run.id) === run) this.#named.delete(run.id);
  }

  #count(run: RunRecord, step: StepRecord): void {
    const { began, kept } = step.attempts;
    this.parts.evictions.add('max_attempts', began - kept.length);
    run.summary.add(step);
    debugLines.stepEnded(step);
    this.parts.observer.stepEnded(run, step);
  }

  /** A success of which nothing will be written has no need to wait, unless others do before it. */
  #isForgotten({ status }: Recorded, capture: Capture): boolean {
    return status === 'completed' && this.#ended.isEmpty && !this.parts.retention.mayWriteSuccess(capture);
  }

  #stalledStreams(): number {
    let stalled = 0;
    for (const run of this.#runs) stalled += run.stalledStreams;
    const now = this.now();
    for (const { attempt } of this.#calls) if (attempt.isSilentStreamAt(now)) stalled += 1;
    return stalled;
  }

  readonly #bodyCut = (): void => this.parts.evictions.add('max_bytes');

  #tick(): void {
    this.parts.observer.ticked();
    guarded('background calls could not be timed', undefined, () => this.background.tick());
    const [now, { tickMillis }] = [this.now(), this.options];
    for (const { attempt } of this.#calls) if (attempt.countSilence(now, tickMillis)) this.streamStalled();
    for (const run of this.#runs) guarded('a run could not be timed', undefined, () => run.tick());
  }
}

/** As much as a call holds at most: of its request until it is answered, then of the answer. */
const CALL_BYTES = 2_097_152;

/** A failure that is known already is written at once: the process may not live much longer. */
function mayWait({ status }: Recorded, last?: Attempt): boolean {
  return status !== 'error' && status !== 'interrupted' && last?.status !== 'failed';
}
