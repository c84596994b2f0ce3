import { ChunkTiming } from './chunk-timing.js';

/** Measuring 1,000 gaps blocks the event loop for up to 4 ms. */
const MAX_GAPS = 1_000;

/** Number, size and times of the chunks of a response's body. Times are in monotonic milliseconds. */
export class ReceivedChunks {
  count = 0;
  bytes = 0;
  firstAt: number | undefined = undefined;
  lastAt: number | undefined = undefined;
  longestGapMillis = 0;
  /** Created with the second chunk: most JSON responses come in one. */
  timing: ChunkTiming | undefined = undefined;
  /** Milliseconds between two chunks, for metrics. */
  readonly gaps: number[] | undefined;

  /**
   * @param startedAt when the request began
   * @param keepsGaps whether the first gaps are kept
   */
  constructor(
    private readonly startedAt: number,
    keepsGaps: boolean,
  ) {
    this.gaps = keepsGaps ? [] : undefined;
  }

  add(bytes: number, at: number): void {
    if (this.firstAt === undefined) this.firstAt = at;
    else this.#addLater(bytes, at, this.firstAt);
    this.count += 1;
    this.bytes += bytes;
    this.lastAt = at;
  }

  #addLater(bytes: number, at: number, firstAt: number): void {
    if (this.timing === undefined) {
      this.timing = new ChunkTiming();
      this.timing.add(firstAt - this.startedAt, this.bytes);
    }
    this.timing.add(at - this.startedAt, bytes);
    const gap = at - (this.lastAt ?? at);
    if (gap > this.longestGapMillis) this.longestGapMillis = gap;
    if (this.gaps !== undefined && this.gaps.length < MAX_GAPS) this.gaps.push(gap);
  }
}
