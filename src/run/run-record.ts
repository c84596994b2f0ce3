import type { Attempt } from '../attempt/attempt.js';
import type { ByteBudget } from '../attempt/body/capture.js';
import { currentTimeline, type Timeline } from '../clock.js';
import { type Failure, INTERRUPTED, Recorded } from '../step/outcome.js';
import { type StepLimits, type StepOwner, StepRecord, type StepStart } from '../step/step-record.js';
import type { Capture, RunKind, RunOptions } from '../types.js';
import * as debugLines from './debug-lines.js';
import { KeepState } from './keep-state.js';
import { type OpenCall, OpenWork } from './open-work.js';
import { isOtherOwner } from './run-options.js';
import { RunTotals } from './run-totals.js';
import { randomId, type TracePosition } from './trace-position.js';

export interface RunLimits extends StepLimits {
  /** Ticks without activity after which a run is ended as interrupted. */
  readonly idleTicks: number;
  /** Ticks for which a run whose function returned a stream waits for another step. */
  readonly lingerTicks: number;
}

/** The part of `LiveRuns` that a run uses. */
export interface RunOwner {
  readonly limits: RunLimits;
  /** Whether every captured run is written, whatever its outcome. */
  readonly writesAll: boolean;
  now(): number;
  /** Called when the run gets an id, by which others may join it. */
  registerId(run: RunRecord, id: string): void;
  openBudget(): ByteBudget;
  /** Sets the capture of the run: called when the run starts and before each step. */
  chooseCapture(run: RunRecord): void;
  stepClosed(run: RunRecord, step: StepRecord): void;
  stepWaits(run: RunRecord, step: StepRecord): void;
  stepWaitsLong(step: StepRecord): void;
  /** Called when the last attempt of the step has failed. A retry may follow. */
  attemptFailed(run: RunRecord, step: StepRecord): void;
  awaitsPoll(step: StepRecord): boolean;
  attemptDropped(step: StepRecord, attempt: Attempt): void;
  streamStalled(): void;
  runClosed(run: RunRecord): void;
  runIdle(run: RunRecord): void;
  /** Returns the run of a step that begins after its own run has ended. */
  successorOf(run: RunRecord): RunRecord | undefined;
}

/** What opened a run: code of the application (`withRun`, `startRun`), or a request outside any run. */
export type RunOrigin = 'code' | 'request' | 'unknown caller';

/** A run as a record in memory, with its state machine. It is written once its outcome is known. */
export class RunRecord extends Recorded implements StepOwner {
  readonly timeline: Timeline;
  startedAt: number;
  readonly totals = new RunTotals();
  readonly keeping = new KeepState();
  readonly open = new OpenWork();
  captureRequests = 0;
  #isSettled = false;
  #lastActiveAt: number;
  #holders = 0;
  #nextStepNumber: number;
  #budget: ByteBudget | undefined;
  #id: string | undefined;
  #provider: string | undefined;
  /** Functions that have settled and returned a stream or a thenable, so that more steps may begin. */
  #lingering = 0;
  #idleTicks = 0;
  #lingerTicks = 0;

  constructor(
    private readonly owner: RunOwner,
    readonly options: RunOptions,
    readonly position: TracePosition,
    public capture: Capture,
    readonly parent: RunRecord | undefined,
    /** The ended run that this one continues. */
    readonly predecessor: RunRecord | undefined,
    readonly origin: RunOrigin,
  ) {
    super();
    this.timeline = parent?.timeline ?? currentTimeline();
    this.startedAt = owner.now();
    this.#lastActiveAt = this.startedAt;
    this.#nextStepNumber = options.firstStepNumber ?? 1;
    this.#id = options.runId;
  }

  /** The application's own id, or a random one that is created on first use. */
  get id(): string {
    if (this.#id === undefined) {
      this.#id = randomId();
      this.owner.registerId(this, this.#id);
    }
    return this.#id;
  }

  get isIdentified(): boolean {
    return this.#id !== undefined;
  }

  /** Whether a request opened it: then it ends with the step of that request. */
  get implicit(): boolean {
    return this.origin !== 'code';
  }

  /**
   * - `open`: its function runs, or a step is open.
   * - `lingering`: its function returned a stream, and it waits for another step.
   * - `settling`: it has ended and waits for the outcome of its steps.
   * - `ended`: it was written or dropped.
   */
  get phase(): 'open' | 'lingering' | 'settling' | 'ended' {
    if (this.#isSettled) return 'ended';
    if (this.closed) return 'settling';
    return this.#isLingering ? 'lingering' : 'open';
  }

  get settled(): boolean {
    return this.phase === 'ended';
  }

  get kept(): boolean {
    return this.keeping.isKept;
  }

  get evidence(): Failure | undefined {
    return this.keeping.evidence;
  }

  get kind(): RunKind {
    return this.options.kind ?? 'chat_turn';
  }

  /** The live parent that is kept or dropped together with this run. It is captured and does not have another owner. */
  get decidedWith(): RunRecord | undefined {
    const { parent, options } = this;
    if (parent === undefined || parent.settled || parent.capture === 'off') return undefined;
    return isOtherOwner(parent.options.ownerId, options.ownerId) ? undefined : parent;
  }

  get budget(): ByteBudget {
    this.#budget ??= this.owner.openBudget();
    return this.#budget;
  }

  get limits(): StepLimits {
    return this.owner.limits;
  }

  get provider(): string | undefined {
    return this.options.provider ?? this.#provider ?? this.open.provider;
  }

  /** Whether its span exists or will exist, so that others may be its children. */
  get willBeWritten(): boolean {
    if (this.kept || this.settled) return this.kept;
    return this.capture === 'full' || (this.capture !== 'off' && this.owner.writesAll);
  }

  get mayRetry(): boolean {
    return this.#holders > 0 || this.#lingering > 0 || this.implicit;
  }

  now(): number {
    return this.owner.now();
  }

  override toString(): string {
    return `run ${this.id}`;
  }

  hold(): void {
    this.#holders += 1;
  }

  /** @param lingers the function returned a stream or a thenable, and steps may still begin while it is read */
  release(lingers = false): void {
    this.#holders -= 1;
    if (lingers) this.#lingering += 1;
    this.active(this.now());
    if (this.#holders > 0) return;
    if (this.#lingering === 0) this.open.endWaits();
    this.#closeWhenDone();
  }

  /** Call when no further step will begin in that stream or thenable. */
  endLinger(): void {
    this.#lingering -= 1;
    if (this.#holders === 0 && this.#lingering === 0) this.open.endWaits();
    this.#closeWhenDone();
  }

  /**
   * Determines the outcome once all steps have theirs. A run without an outcome of its own gets that of its last step;
   * a run that failed as a consequence of a step gets that of this step.
   */
  settle(): void {
    const thrown = this.failure;
    if (this.status === 'in_progress') this.take(this.totals.lastOutcome);
    else if (thrown !== undefined) {
      const outcome = this.totals.failedCalls.causeOf(thrown);
      if (outcome !== undefined) this.replace(outcome);
    }
    if (this.parent?.settled === false)
      this.parent.totals.failedCalls.childEnded(this.status, this.failure, thrown?.error);
  }

  reserveNumber(): number {
    const number = this.#nextStepNumber;
    this.#nextStepNumber += 1;
    return number;
  }

  /** The run stays open until the call is completed or becomes a step. */
  callBegan(call: OpenCall): void {
    this.open.addCall(call);
    this.active(call.startedAt);
  }

  callCompleted(call: OpenCall, number: number): void {
    const { request, completed } = call;
    const provider = this.options.provider ?? request.call?.provider;
    const model = completed.model ?? request.call?.model ?? this.options.model;
    this.totals.addCompleted(number, request, provider, model);
    this.#provider ??= provider;
    this.open.removeCall(call);
    this.active(completed.endedAt ?? this.now());
    this.#closeWhenDone();
  }

  /** Replaces a call by a step. */
  openStepOf(call: OpenCall, number: number): StepRecord {
    this.open.removeCall(call);
    return this.#openStep({ operation: call.request.call?.operation }, number);
  }

  /** Opens a step, numbered in the order of opening; `undefined` if this run is not captured. */
  openStep(options: StepStart): StepRecord | undefined {
    if (this.closed) return this.owner.successorOf(this)?.openStep(options);
    this.owner.chooseCapture(this);
    if (this.capture === 'off') {
      debugLines.stepNotOpened(this);
      this.#closeWhenDone();
      return undefined;
    }
    return this.#openStep(options, this.reserveNumber());
  }

  stepWaits(step: StepRecord): void {
    if (!step.attempts.anyOpen) debugLines.stepWaits(step);
    this.owner.stepWaits(this, step);
  }

  stepWaitsLong(step: StepRecord): void {
    this.owner.stepWaitsLong(step);
  }

  attemptFailed(step: StepRecord): void {
    this.owner.attemptFailed(this, step);
  }

  attemptDropped(step: StepRecord, attempt: Attempt): void {
    this.owner.attemptDropped(step, attempt);
  }

  streamStalled(): void {
    this.owner.streamStalled();
  }

  active(at: number): void {
    this.#lastActiveAt = at;
    this.#idleTicks = 0;
    this.#lingerTicks = 0;
  }

  stepClosed(step: StepRecord): void {
    this.open.removeStep(step);
    this.#provider ??= step.provider;
    this.owner.stepClosed(this, step);
    this.active(step.endedAt ?? this.now());
    this.#closeWhenDone();
  }

  /** Call when the run was written or dropped. Releases memory, since an async context may keep the record alive. */
  discard(): void {
    this.#isSettled = true;
    this.forgetError();
    this.keeping.release();
    this.totals.discard();
  }

  tick(): void {
    const { owner, open } = this;
    for (const step of open.steps) if (!owner.awaitsPoll(step)) step.tick();
    open.countSilence(this.now(), owner.limits.tickMillis, () => owner.streamStalled());
    if (this.closed) return;
    // A request in flight counts as activity: a model may think for longer than any limit.
    if (open.hasRequest) this.#idleTicks = 0;
    else this.#idleTicks += 1;
    if (this.#isLingering) this.#lingerTicks += 1;
    if (this.#idleTicks > owner.limits.idleTicks) owner.runIdle(this);
    else if (this.#lingerTicks > owner.limits.lingerTicks) this.#close();
  }

  /**
   * Ends the run if it only waits for a step that may never begin.
   *
   * @param endsRetries also ends waits for a retry, if the function of the run has settled
   */
  endIfWaiting(endsRetries = false): void {
    if (this.implicit || (endsRetries && this.#holders === 0)) this.open.endWaits();
    if (this.#isLingering) this.#close();
  }

  /** Ends the run and all its open work. It is interrupted if it has no outcome yet. */
  expire(): void {
    if (this.#holders > 0 && this.status === 'in_progress') this.finish(INTERRUPTED);
    this.open.expire();
    if (!this.closed) this.#close();
  }

  #openStep(options: StepStart, number: number): StepRecord {
    const step = new StepRecord(this, number, this.capture, options);
    this.open.addStep(step);
    this.active(step.startedAt);
    debugLines.stepOpened(step);
    return step;
  }

  get #isLingering(): boolean {
    return !this.closed && this.#lingering > 0 && this.#holders === 0 && this.open.isEmpty;
  }

  #closeWhenDone(): void {
    if (this.closed || this.#holders > 0 || !this.open.isEmpty || this.#lingering > 0) return;
    this.#close();
  }

  #close(): void {
    this.endedAt = this.#lastActiveAt;
    this.owner.runClosed(this);
  }
}
