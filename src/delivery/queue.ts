import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { warn } from '../self-diagnostics.js';
import type { Spool, SpoolEntry } from './spool.js';
import { type DeliveryStats, LOSSES, type LossReason } from './stats.js';

export interface HeldSpan {
  readonly span: ReadableSpan;
  readonly bytes: number;
  /** Numbered from 1 in the order of arrival. */
  readonly number: number;
  readonly since: number;
  /** Its entry on disk. */
  readonly entry: SpoolEntry | undefined;
  /** Delivered or lost. Counts once, even if a late response contradicts. */
  settled: boolean;
  isSubmitted: boolean;
}

/**
 * Holds spans until they are settled: waiting spans, oldest first, and spans in flight. Both count towards the
 * limits; only waiting spans are evicted.
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

  get size(): number {
    return this.#spans;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get inFlight(): number {
    return this.#spans - this.#waiting.length;
  }

  get lastNumber(): number {
    return this.#lastNumber;
  }

  get waitingSince(): number | undefined {
    return this.#waiting[0]?.since;
  }

  /** @returns the evicted spans */
  add(span: ReadableSpan, bytes: number, now: number, entry?: SpoolEntry): HeldSpan[] {
    this.#lastNumber++;
    this.#waiting.push({
      ...{ span, bytes, entry, number: this.#lastNumber, since: now },
      ...{ settled: false, isSubmitted: false },
    });
    this.#spans++;
    this.#bytes += bytes;
    const evicted: HeldSpan[] = [];
    while (this.#spans > this.maxSpans || this.#bytes > this.maxBytes) {
      const oldest = this.#waiting.shift();
      if (oldest === undefined) break;
      this.#settleOne(oldest);
      evicted.push(oldest);
    }
    return evicted;
  }

  take(limits: BatchLimits): HeldSpan[] {
    this.#taken = this.#waiting.splice(0, batchLength(this.#waiting, limits));
    return this.#taken;
  }

  /** Puts unsettled spans of a batch back to the front. */
  putBack(): void {
    this.#waiting = this.unsettled();
    this.#taken = [];
  }

  /** @returns how many of them were not settled before */
  settle(spans: readonly HeldSpan[]): number {
    const before = this.#spans;
    for (const held of spans) if (!held.settled) this.#settleOne(held);
    return before - this.#spans;
  }

  unsettled(): HeldSpan[] {
    return [...this.#taken.filter(isUnsettled), ...this.#waiting];
  }

  /** Removes spans that were settled while they waited. */
  sweep(): void {
    this.#waiting = this.#waiting.filter(isUnsettled);
  }

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

export interface QueueObserver {
  /** Called when spans are first passed to the exporter, or lost before. */
  processed(spans: number, loss?: LossReason): void;
}

/** Settles spans of the queue and counts the results. */
export class Ledger {
  readonly #lost: Partial<Record<LossReason, number>> = {};
  #exported = 0;

  constructor(
    private readonly queue: SpanQueue,
    private readonly spool?: Spool | undefined,
    private readonly observer?: QueueObserver | undefined,
  ) {}

  stats(): DeliveryStats {
    const { waiting, inFlight } = this.queue;
    return Object.freeze({
      queued: waiting,
      inFlight,
      exported: this.#exported,
      lost: Object.freeze({ ...this.#lost }),
      ...(this.spool && { spooled: this.spool.stored, recovered: this.spool.recovered }),
    });
  }

  /** @param rejected how many of them the endpoint rejected */
  accept(spans: readonly HeldSpan[], rejected: number): void {
    const settled = this.#settle(spans);
    const lost = Math.min(rejected, settled);
    this.#count(lost, 'rejected');
    this.#exported += settled - lost;
  }

  /** @param detail the message of the endpoint or exporter, without sent data */
  lose(spans: readonly HeldSpan[], reason: LossReason, detail?: string): void {
    this.#countProcessed(spans.filter(isUnsettled), reason);
    this.#count(this.#settle(spans), reason, detail);
  }

  submit(spans: readonly HeldSpan[]): void {
    this.#countProcessed(spans);
    for (const held of spans) held.isSubmitted = true;
  }

  /** Drops undelivered spans from the queue. Spans on disk are not lost. */
  release(spans: readonly HeldSpan[], reason: LossReason): void {
    const open = spans.filter(isUnsettled);
    this.queue.settle(open);
    this.evicted(open, reason);
  }

  /** Like `release`, for spans that the queue has evicted. */
  evicted(spans: readonly HeldSpan[], reason: LossReason): void {
    const lost = spans.filter(({ entry }) => entry === undefined || this.spool?.release(entry) !== true);
    this.#countProcessed(lost, reason);
    this.#count(lost.length, reason);
  }

  loseUnheld(spans: number, reason: LossReason): void {
    this.observer?.processed(spans, reason);
    this.#count(spans, reason);
  }

  #countProcessed(spans: readonly HeldSpan[], loss?: LossReason): void {
    const first = spans.filter(({ isSubmitted }) => !isSubmitted).length;
    if (first > 0) this.observer?.processed(first, loss);
  }

  #count(spans: number, reason: LossReason, detail = ''): void {
    if (spans === 0) return;
    const all = (this.#lost[reason] ?? 0) + spans;
    this.#lost[reason] = all;
    warn(LOSSES[reason], `${all} so far${detail && `; ${detail}`}`);
  }

  /** @returns how many of them had not been settled before */
  #settle(spans: readonly HeldSpan[]): number {
    const open = spans.filter(isUnsettled);
    const entries = open.flatMap(({ entry }) => entry ?? []);
    if (entries.length > 0) this.spool?.finish(entries);
    return this.queue.settle(open);
  }
}

/**
 * The largest request, in estimated bytes. A Collector accepts 20 MiB. If an endpoint answers 413, later batches are
 * smaller.
 */
export const BATCH_BYTES = 4 * 1024 * 1024;

export interface BatchLimits {
  readonly spans: number;
  readonly bytes: number;
}

/** Returns the number of spans in the next batch: at least one, whatever its size. */
function batchLength(held: readonly { readonly bytes: number }[], limits: BatchLimits): number {
  let bytes = 0;
  let count = 0;
  for (const one of held) {
    bytes += one.bytes;
    if (count === limits.spans || (count > 0 && bytes > limits.bytes)) break;
    count++;
  }
  return count;
}

export function inBatches<T extends { readonly bytes: number }>(
  held: readonly T[],
  limits: BatchLimits,
): T[][] {
  const batches: T[][] = [];
  let rest = [...held];
  while (rest.length > 0) {
    batches.push(rest.slice(0, batchLength(rest, limits)));
    rest = rest.slice(batchLength(rest, limits));
  }
  return batches;
}

/** Ids, times, status and the object. The estimate was within a third of the measured heap growth. */
const BYTES_PER_SPAN = 800;
const BYTES_PER_EVENT = 200;
const BYTES_PER_LINK = 200;
const BYTES_PER_ATTRIBUTE = 48;
const BYTES_PER_VALUE = 8;

/** Estimates the memory of a span. Its size on the wire is of the same order. */
export function approximateBytes(span: ReadableSpan): number {
  let bytes = BYTES_PER_SPAN + span.name.length + attributesBytes(span.attributes);
  bytes += span.status.message?.length ?? 0;
  for (const { name, attributes } of span.events) {
    bytes += BYTES_PER_EVENT + name.length + attributesBytes(attributes);
  }
  for (const { attributes } of span.links) bytes += BYTES_PER_LINK + attributesBytes(attributes);
  return bytes;
}

function attributesBytes(attributes: Readonly<Record<string, unknown>> | undefined): number {
  let bytes = 0;
  for (const name in attributes) bytes += BYTES_PER_ATTRIBUTE + name.length + valueBytes(attributes[name]);
  return bytes;
}

function valueBytes(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (!Array.isArray(value)) return BYTES_PER_VALUE;
  return value.reduce((bytes: number, item) => bytes + BYTES_PER_VALUE + valueBytes(item), 0);
}
