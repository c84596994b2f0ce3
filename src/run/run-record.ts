import type { Attempt } from '../attempt/attempt.js';
import type { ByteBudget } from '../attempt/body/byte-budget.js';
import { currentTimeline, type Timeline } from '../clock.js';
import { type Failure, INTERRUPTED } from '../step/outcome.js';
import { Recorded } from '../step/recorded.js';
import { type StepLimits, type StepOwner, StepRecord, type StepStart } from '../step/step-record.js';
import type { Capture, RunKind, RunOptions } from '../types.js';
import * as debugLines from './debug-lines.js';
import { KeepState } from './keep-state.js';
import { RunSummary } from './run-summary.js';
import { randomId, type TracePosition } from './trace-position.js';

export interface RunLimits extends StepLimits {
  /** Ticks without activity after which a run is given up. */
  readonly idleTicks: number;
  /** Ticks that a run which gave back a stream waits for another step. */
  readonly lingerTicks: number;
}

/** What a run needs of the table of live runs. */
export interface RunOwner {
  readonly limits: RunLimits;
  /** Every captured run is written, whatever becomes of it. */
  readonly writesAll: boolean;
  now(): number;
  /** The run got an id, by which others may join it. */
  identified(run: RunRecord, id: string): void;
  /** What one run may hold for bodies. */
  openBudget(): ByteBudget;
  /** Which capture holds from here on; asked at the run's start and again at each step. */
  chooseCapture(run: RunRecord): void;
  stepClosed(run: RunRecord, step: StepRecord): void;
  stepWaits(run: RunRecord, step: StepRecord): void;
  /** The step waits for a poll of its call, rather than for another try. */
  awaitsPoll(step: StepRecord): boolean;
  attemptLetGo(step: StepRecord, attempt: Attempt): void;
  /** The answer of an exchange is silent for longer than `stallMillis`: told once. */
  streamStalled(): void;
  runClosed(run: RunRecord): void;
  /** The run was without activity for too long. */
  runIdle(run: RunRecord): void;
  /** A run of its own for a step that comes after its run has ended. */
  successorOf(run: RunRecord): RunRecord | undefined;
}

/**
 * What opened a run: code of the application (`withRun`, `startRun`); or a request outside of every run, whose
 * caller is known or not.
 */
export type RunOrigin = 'code' | 'request' | 'unknown caller';

/** A call under way that has no step, since nothing is to be recorded of it so far. */
export interface OpenCall {
  readonly attempt: Attempt;
  /** Gives it one. */
  becomeStep(): unknown;
}

const NONE: readonly never[] = [];

/** A run as a record in memory: it is written once its outcome is known. */
export class RunRecord extends Recorded implements StepOwner {
  readonly timeline: Timeline;
  startedAt: number;
  readonly summary = new RunSummary();
  readonly keeping = new KeepState();
  /** How often the application has been asked for this run's capture. */
  captureQuestions = 0;
  #isSettled = false;
  #lastActiveAt: number;
  #holders = 0;
  #nextStepNumber: number;
  /** Few at a time: a list takes less memory than a set. */
  #openSteps: readonly StepRecord[] = NONE;
  #openCalls: readonly OpenCall[] = NONE;
  #budget: ByteBudget | undefined;
  #id: string | undefined;
  /** Of the first step that has ended. */
  #provider: string | undefined;
  /** The function gave back a stream: more steps may come although it has settled. */
  #lingers = false;
  #idleTicks = 0;
  #lingerTicks = 0;

  constructor(
    private readonly owner: RunOwner,
    readonly options: RunOptions,
    readonly position: TracePosition,
    public capture: Capture,
    /** The run inside which this one was started. */
    readonly parent: RunRecord | undefined,
    /** The ended run this one goes on from. */
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

  /** The application's own, or a random one, made when somebody asks. */
  get id(): string {
    if (this.#id === undefined) {
      this.#id = randomId();
      this.owner.identified(this, this.#id);
    }
    return this.#id;
  }

  /** It was opened by a request, and ends with the step that the request opened as well. */
  get implicit(): boolean {
    return this.origin !== 'code';
  }

  /**
   * Where it is in its life: its function runs or a step is open; it gave back a stream and waits for another step; it
   * has ended and waits for the outcome of its steps; it was written or dropped.
   */
  get phase(): 'open' | 'lingering' | 'settling' | 'ended' {
    if (this.#isSettled) return 'ended';
    if (this.closed) return 'settling';
    return this.#waits ? 'lingering' : 'open';
  }

  /** It was handed over at its end, or dropped. */
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

  /** The live run around it that is kept for its errors: one of another owner is not, nor one that is not captured. */
  get decidedWith(): RunRecord | undefined {
    const { parent, options } = this;
    if (parent === undefined || parent.settled || parent.capture === 'off') return undefined;
    return isOtherOwner(parent.options.ownerId, options.ownerId) ? undefined : parent;
  }

  /** Somebody knows its id. */
  get isIdentified(): boolean {
    return this.#id !== undefined;
  }

  /** What it may hold for bodies. */
  get budget(): ByteBudget {
    this.#budget ??= this.owner.openBudget();
    return this.#budget;
  }

  get limits(): StepLimits {
    return this.owner.limits;
  }

  /** Whose models it asks, as far as it is known. */
  get provider(): string | undefined {
    const open = this.#openSteps.at(-1)?.provider ?? this.#openCalls.at(-1)?.attempt.call?.provider;
    return this.options.provider ?? this.#provider ?? open;
  }

  /** Whether its span exists or will, so that others may hang below it. */
  get willBeWritten(): boolean {
    if (this.kept || this.settled) return this.kept;
    return this.capture === 'full' || (this.capture !== 'off' && this.owner.writesAll);
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

  /** @param lingers the function gave back a stream, and steps may still begin while it is read */
  release(lingers = false): void {
    this.#holders -= 1;
    this.#lingers ||= lingers;
    this.active(this.now());
    if (this.#holders > 0) return;
    // Nobody is left who could try a failed call again.
    if (!this.#lingers) for (const step of this.#openSteps) step.endIfWaiting();
    this.#closeWhenDone();
  }

  /** No further step will begin. Ends the run as soon as none is open. */
  endLinger(): void {
    this.#lingers = false;
    if (this.#holders === 0) for (const step of this.#openSteps) step.endIfWaiting();
    this.#closeWhenDone();
  }

  /**
   * A moment after the end, when all steps have their outcome: a run that nothing was said of ended as its last step
   * did, and one that failed as a consequence of a step as that step did.
   */
  settle(): void {
    const thrown = this.failure;
    if (this.status === 'in_progress') this.take(this.summary.lastOutcome);
    else if (thrown !== undefined) {
      const outcome = this.summary.failedCalls.causeOf(thrown);
      if (outcome !== undefined) this.replace(outcome);
    }
    if (this.parent?.settled === false)
      this.parent.summary.failedCalls.childEnded(this.status, this.failure, thrown?.error);
  }

  /** The number of a step that may be opened later. */
  reserveNumber(): number {
    const number = this.#nextStepNumber;
    this.#nextStepNumber += 1;
    return number;
  }

  /** Stays open until the call has been completed, or has become a step. */
  callBegan(call: OpenCall): void {
    this.#openCalls = this.#openCalls.concat([call]);
    this.active(call.attempt.startedAt);
  }

  /** The call counts as a step that was completed. */
  callCompleted(call: OpenCall, number: number): void {
    const { attempt } = call;
    const provider = this.options.provider ?? attempt.call?.provider;
    const model = attempt.model ?? attempt.call?.model ?? this.options.model;
    this.summary.addCompleted(number, attempt, provider, model);
    this.#provider ??= provider;
    this.#callOver(call);
    this.active(attempt.endedAt ?? this.now());
    this.#closeWhenDone();
  }

  /** A step in the place of a call. */
  openStepOf(call: OpenCall, number: number): StepRecord {
    this.#callOver(call);
    return this.#openStep({ operation: call.attempt.call?.operation }, number);
  }

  #callOver(call: OpenCall): void {
    this.#openCalls = this.#openCalls.length === 1 ? NONE : this.#openCalls.filter((one) => one !== call);
  }

  /** A new step, numbered in the order of opening; `undefined` where this run is not captured. */
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

  #openStep(options: StepStart, number: number): StepRecord {
    const step = new StepRecord(this, number, this.capture, options);
    this.#openSteps = this.#openSteps.concat([step]);
    this.active(step.startedAt);
    debugLines.stepOpened(step);
    return step;
  }

  /** The open steps that wait for another try of their call. */
  get waitingSteps(): readonly StepRecord[] {
    return this.#openSteps.filter((step) => step.awaitsRetry);
  }

  get mayRetry(): boolean {
    return this.#holders > 0 || this.#lingers || this.implicit;
  }

  stepWaits(step: StepRecord): void {
    // Until the failure has been read, or left, it only may.
    if (!step.attempts.anyOpen) debugLines.stepWaits(step);
    this.owner.stepWaits(this, step);
  }

  attemptLetGo(step: StepRecord, attempt: Attempt): void {
    this.owner.attemptLetGo(step, attempt);
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
    this.#openSteps = this.#openSteps.filter((one) => one !== step);
    this.#provider ??= step.provider;
    this.owner.stepClosed(this, step);
    this.active(step.endedAt ?? this.now());
    this.#closeWhenDone();
  }

  /** It was handed over or dropped: releases what a context that lives on need not keep. */
  letGo(): void {
    this.#isSettled = true;
    this.forgetError();
    this.keeping.release();
    this.summary.letGo();
  }

  /** Responses that are silent for longer than `stallMillis` at this moment. */
  get stalledStreams(): number {
    const now = this.now();
    const steps = this.#openSteps.filter(({ attempts: { last } }) => last?.isSilentStreamAt(now));
    return steps.length + this.#openCalls.filter(({ attempt }) => attempt.isSilentStreamAt(now)).length;
  }

  /** Called at each tick of the live runs. */
  tick(): void {
    for (const step of this.#openSteps) if (!this.owner.awaitsPoll(step)) step.tick();
    for (const { attempt } of this.#openCalls)
      if (attempt.countSilence(this.now(), this.limits.tickMillis)) this.streamStalled();
    if (this.closed) return;
    // A request in flight is activity: a model may think for longer than any limit.
    if (this.#openCalls.length > 0 || this.#openSteps.some(({ attempts }) => attempts.anyOpen))
      this.#idleTicks = 0;
    else this.#idleTicks += 1;
    if (this.#waits) this.#lingerTicks += 1;
    if (this.#idleTicks > this.owner.limits.idleTicks) this.owner.runIdle(this);
    else if (this.#lingerTicks > this.owner.limits.lingerTicks) this.#close();
  }

  /**
   * Ends the run if all it still does is wait for a step that may never come.
   *
   * @param isOver nobody tries a failed call of it again either, if its function has settled
   */
  endIfWaiting(isOver = false): void {
    if (this.implicit || (isOver && this.#holders === 0))
      for (const step of this.#openSteps) step.endIfWaiting();
    if (this.#waits) this.#close();
  }

  /** Ends the run whatever is still open in it; without a result by now, it was broken off. */
  expire(): void {
    if (this.#holders > 0 && this.status === 'in_progress') this.finish(INTERRUPTED);
    for (const call of this.#openCalls) call.becomeStep();
    for (const step of this.#openSteps) step.expire();
    if (!this.closed) this.#close();
  }

  get #waits(): boolean {
    return !this.closed && this.#lingers && this.#holders === 0 && !this.#isBusy;
  }

  get #isBusy(): boolean {
    return this.#openSteps.length > 0 || this.#openCalls.length > 0;
  }

  #closeWhenDone(): void {
    if (this.closed || this.#holders > 0 || this.#isBusy || this.#lingers) return;
    this.#close();
  }

  #close(): void {
    this.endedAt = this.#lastActiveAt;
    this.owner.runClosed(this);
  }
}

/** Where one of them is not known, they may be the same. */
export function isOtherOwner(ownerId: string | undefined, other: string | undefined): boolean {
  return ownerId !== undefined && other !== undefined && ownerId !== other;
}
