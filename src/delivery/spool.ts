import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { epochMillis, monotonicMillis, timers } from '../clock.js';
import { guarded, warn } from '../self-diagnostics.js';
import { parseSpan, ResourceCache, spanPieces } from './span-json.js';
import { type SpoolEntry, SpoolFile } from './spool-file.js';
import { SpoolLock } from './spool-lock.js';
import { SpoolRecovery } from './spool-recovery.js';
import { WorkInTurns } from './work-in-turns.js';

export type { SpoolEntry } from './spool-file.js';

export interface SpoolOptions {
  readonly directory: string;
  readonly maxBytes: number;
  readonly maxAgeMillis: number;
  /** The interval between two searches for files of dead processes. Default: 30,000. */
  readonly scanMillis?: number;
}

/** Why a span that was only on disk was lost. */
export type SpoolLoss = 'queue_full' | 'spool_full' | 'spool_expired' | 'spool_damaged';

export interface SpoolEvents {
  lost(reason: SpoolLoss, spans: number): void;
  /** {@link Spool.load} has more spans to return. */
  available(): void;
}

export interface LoadedSpan {
  readonly span: ReadableSpan;
  readonly entry: SpoolEntry;
}

/** A new file is begun after this fraction of the limit, so that exported spans are deleted in parts. */
const FILES = 8;
const DEFAULT_SCAN_MILLIS = 30_000;
/** Well below the longest line that can be read. */
const MAX_SPAN_BYTES = 16 * 1024 * 1024;
/** Larger spans are written only while a turn of the event loop has time. */
const LONG_BYTES = 64 * 1024;
/** The pause of writing after a file system error. */
const PAUSE_MILLIS = 1_000;
/** The maximum read in one turn of the event loop. */
const LOAD_BYTES = 256 * 1024;

/**
 * Keeps spans on disk until they are exported or permanently refused. They survive the process: another process takes
 * over the files of a dead one and exports them.
 *
 * A span is written in the call that adds it, unless writing has used its time in this turn of the event loop. If
 * writing fails, logs a warning and the span stays in memory only.
 */
export class Spool {
  readonly #lock: SpoolLock;
  readonly #resources = new ResourceCache();
  /** Serializes changes to files. */
  readonly #work = new WorkInTurns((error) => this.#failed(error));
  readonly #recovery: SpoolRecovery;
  #files: SpoolFile[] = [];
  /** The file for new spans. */
  #active: SpoolFile | undefined;
  /** Spans that are only on disk. */
  readonly #stored = new Set<SpoolEntry>();
  /** Estimated bytes of spans that wait to be written. */
  #waitingBytes = 0;
  /** How many of those spans are in memory only for writing. */
  #waitingReleased = 0;
  #timer: NodeJS.Timeout | undefined;
  #pausedUntil = 0;
  #recovered = 0;
  #isClosed = false;

  constructor(
    private readonly options: SpoolOptions,
    private readonly events: SpoolEvents,
  ) {
    this.#lock = new SpoolLock(options.directory);
    this.#recovery = new SpoolRecovery(this.#lock, this.#work, (file, damaged) => this.#adopt(file, damaged));
  }

  /** The number of spans that are only on disk, or will be. */
  get stored(): number {
    return this.#stored.size + this.#waitingReleased;
  }

  get recovered(): number {
    return this.#recovered;
  }

  /** Searches for files of dead processes, now and at intervals. Does not keep the process alive. */
  start(): void {
    const { scanMillis = DEFAULT_SCAN_MILLIS } = this.options;
    this.#work.add(() => {
      // Opened in advance, since opening takes longer than writing a span.
      guarded(CANNOT_WRITE, undefined, () => this.#fileToWrite());
      this.#timer = timers.setInterval(() => this.#maintain(), scanMillis).unref();
      this.#maintain();
    });
  }

  /** @param bytes its estimated size */
  add(span: ReadableSpan, bytes: number): SpoolEntry {
    const entry = newEntry();
    if (bytes > Math.min(MAX_SPAN_BYTES, this.options.maxBytes / 2)) {
      warn('a span is too large to be written to spoolDirectory');
    } else if (this.#canWrite && this.#waitingBytes + bytes <= this.options.maxBytes) {
      entry.isWaiting = true;
      this.#waitingBytes += bytes;
      this.#work.add(() => this.#write(entry, span, bytes), bytes > LONG_BYTES);
    }
    return entry;
  }

  /** Call for exported or permanently refused spans. */
  finish(entries: readonly SpoolEntry[]): void {
    for (const entry of entries) {
      entry.isWaiting = false;
      this.#stored.delete(entry);
    }
    if (!this.#isClosed) this.#work.add(() => this.#finish(entries));
  }

  /** Call when a span is evicted from memory. Returns false if it is not on disk. */
  release(entry: SpoolEntry): boolean {
    entry.isReleased = true;
    if (entry.isWaiting) this.#waitingReleased++;
    else if (entry.file !== undefined) this.#stored.add(entry);
    return entry.isWaiting || entry.file !== undefined;
  }

  /**
   * Loads the oldest spans that are only on disk, as many as one turn of the event loop should read. Reports the
   * rest as available again.
   */
  load(maxSpans: number): LoadedSpan[] {
    const loaded: LoadedSpan[] = [];
    if (this.#isClosed) return loaded;
    this.#expire();
    let bytes = 0;
    for (const entry of this.#stored) {
      bytes += entry.length;
      if (loaded.length === maxSpans) break;
      if (loaded.length > 0 && bytes > LOAD_BYTES) {
        this.#work.add(() => {
          timers.setTimeout(() => this.events.available(), 0).unref();
        });
        break;
      }
      const span = guarded('a span of the spool could not be read', undefined, () => this.#read(entry));
      this.#stored.delete(entry);
      entry.isReleased = false;
      if (span === undefined) this.#lose('spool_damaged', [entry]);
      else loaded.push({ span, entry });
    }
    return loaded;
  }

  /** Writes all waiting spans. Call at the end of the process. */
  drain(): void {
    this.#work.finish();
  }

  /** Releases the files for the next process. */
  close(): void {
    if (this.#isClosed) return;
    this.drain();
    this.#isClosed = true;
    this.#recovery.stop();
    timers.clearInterval(this.#timer);
    guarded(CANNOT_WRITE, undefined, () => {
      for (const file of this.#files) {
        if (file.entries.size > 0) file.close();
        else file.remove();
      }
      this.#lock.release(this.#recovery.isIdle && this.#files.every(({ entries }) => entries.size === 0));
    });
    this.#files = [];
  }

  get #canWrite(): boolean {
    return !this.#isClosed && monotonicMillis() >= this.#pausedUntil;
  }

  #failed(error: unknown): void {
    this.#pausedUntil = monotonicMillis() + PAUSE_MILLIS;
    warn(CANNOT_WRITE, error);
  }

  *#write(entry: SpoolEntry, span: ReadableSpan, bytes: number): Generator<void> {
    this.#waitingBytes -= bytes;
    if (!entry.isWaiting) return;
    try {
      this.#makeRoom(bytes);
      yield* this.#fileToWrite().write(entry, spanPieces(span));
    } finally {
      this.#written(entry);
    }
    this.#makeRoom(0);
  }

  #written(entry: SpoolEntry): void {
    entry.isWaiting = false;
    if (!entry.isReleased) return;
    this.#waitingReleased--;
    if (entry.file === undefined) this.events.lost('queue_full', 1);
    else this.#stored.add(entry);
  }

  #fileToWrite(): SpoolFile {
    if (this.#active === undefined || this.#active.bytes > this.options.maxBytes / FILES) {
      this.#active = SpoolFile.create(this.#lock.newPath());
      this.#files.push(this.#active);
    }
    return this.#active;
  }

  #finish(entries: readonly SpoolEntry[]): void {
    for (const file of new Set(entries.flatMap((entry) => entry.file ?? []))) {
      try {
        file.finish(entries);
        if (file.entries.size === 0 && file !== this.#active) this.#remove(file);
      } catch (error) {
        this.#failed(error);
      }
    }
  }

  /** Removes the oldest files until `bytes` fit. An entry larger than the limit is stored alone. */
  #makeRoom(bytes: number): void {
    const held = (): number => this.#files.reduce((sum, file) => sum + file.bytes, 0);
    for (let [oldest] = this.#files; oldest !== undefined; [oldest] = this.#files) {
      if (held() + bytes <= this.options.maxBytes) return;
      const lost = [...oldest.entries].filter((entry) => this.#stored.delete(entry));
      this.#remove(oldest);
      if (lost.length > 0) this.events.lost('spool_full', lost.length);
    }
  }

  #remove(file: SpoolFile): void {
    if (file === this.#active) this.#active = undefined;
    this.#files = this.#files.filter((other) => other !== file);
    file.remove();
  }

  #read(entry: SpoolEntry): ReadableSpan | undefined {
    const json = entry.file?.read(entry);
    return json === undefined ? undefined : parseSpan(json, this.#resources);
  }

  #expire(): void {
    const oldest = epochMillis() - this.options.maxAgeMillis;
    const expired = [...this.#stored].filter(({ since }) => since < oldest);
    if (expired.length > 0) this.#lose('spool_expired', expired);
  }

  #lose(reason: SpoolLoss, entries: readonly SpoolEntry[]): void {
    this.finish(entries);
    this.events.lost(reason, entries.length);
  }

  #maintain(): void {
    guarded(CANNOT_WRITE, undefined, () => {
      this.#expire();
      for (const file of this.#files) file.touch();
    });
    void this.#recovery.scan();
  }

  #adopt(file: SpoolFile, damaged: number): void {
    this.#recovered += file.entries.size + damaged;
    if (damaged > 0) this.events.lost('spool_damaged', damaged);
    this.#files.push(file);
    if (file.entries.size === 0) {
      this.#remove(file);
      return;
    }
    this.#files.sort((a, b) => oldestTime(a) - oldestTime(b));
    for (const entry of file.entries) this.#stored.add(entry);
    this.#makeRoom(0);
    if (this.#stored.size > 0) this.events.available();
  }
}

const CANNOT_WRITE = 'spoolDirectory: spans could not be written to disk';

function newEntry(): SpoolEntry {
  const since = epochMillis();
  return { file: undefined, number: 0, offset: 0, length: 0, since, isWaiting: false, isReleased: false };
}

/** The time of its oldest span. An empty file counts as the newest. */
function oldestTime({ entries }: SpoolFile): number {
  const [first] = entries;
  return first?.since ?? Number.POSITIVE_INFINITY;
}
