import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { type BatchLimits, batchLength } from './batch.js';

export interface HeldSpan {
  readonly span: ReadableSpan;
  readonly bytes: number;
  /** In the order in which they came, from 1. */
  readonly number: number;
  readonly since: number;
  /** Delivered or lost, whichever came first: it counts once, whatever a late answer says. */
  settled: boolean;
}

/**
 * The spans that are held until they are settled: those that wait, oldest first, and those in flight. Both
 * count towards its bounds; only what waits can make room.
 */
export class SpanQueue {
  #waiting: HeldSpan[] = [];
  #taken: HeldSpan[] = [];
  #spans = 0;
  #bytes = 0;
  #lastNumber = 0;

  constructor(
    private readonly maxSpans: number,
    private readonly maxBytes: number,
  ) {}

  /** Spans that are not settled. */
  get size(): number {
    return this.#spans;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get inFlight(): number {
    return this.#spans - this.#waiting.length;
  }

  /** The number of the span that came last. */
  get lastNumber(): number {
    return this.#lastNumber;
  }

  /** Since when the oldest waiting one has waited. */
  get waitingSince(): number | undefined {
    return this.#waiting[0]?.since;
  }

  /** @returns how many had to make room */
  add(span: ReadableSpan, bytes: number, now: number): number {
    this.#lastNumber++;
    this.#waiting.push({ span, bytes, number: this.#lastNumber, since: now, settled: false });
    this.#spans++;
    this.#bytes += bytes;
    let evicted = 0;
    while (this.#spans > this.maxSpans || this.#bytes > this.maxBytes) {
      const oldest = this.#waiting.shift();
      if (oldest === undefined) break;
      this.#settleOne(oldest);
      evicted++;
    }
    return evicted;
  }

  /** The oldest ones that make a batch. */
  take(limits: BatchLimits): HeldSpan[] {
    this.#taken = this.#waiting.splice(0, batchLength(this.#waiting, limits));
    return this.#taken;
  }

  /** What was taken and is not settled waits again, before all others. */
  putBack(): void {
    this.#waiting = this.unsettled();
    this.#taken = [];
  }

  /** @returns how many of them had not been settled before */
  settle(spans: readonly HeldSpan[]): number {
    const before = this.#spans;
    for (const held of spans) if (!held.settled) this.#settleOne(held);
    return before - this.#spans;
  }

  /** What is not settled, oldest first. */
  unsettled(): HeldSpan[] {
    return [...this.#taken.filter(isUnsettled), ...this.#waiting];
  }

  /** Forgets what was settled while it waited. */
  sweep(): void {
    this.#waiting = this.#waiting.filter(isUnsettled);
  }

  /** Whether every span up to that number is settled. */
  isSettledUpTo(number: number): boolean {
    const oldest = this.#taken.find(isUnsettled) ?? this.#waiting[0];
    return oldest === undefined || oldest.number > number;
  }

  #settleOne(held: HeldSpan): void {
    held.settled = true;
    this.#spans--;
    this.#bytes -= held.bytes;
  }
}

function isUnsettled({ settled }: HeldSpan): boolean {
  return !settled;
}
