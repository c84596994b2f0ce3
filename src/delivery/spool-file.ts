import {
  closeSync,
  constants,
  ftruncateSync,
  futimesSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { crc32 } from 'node:zlib';
import { epochMillis } from '../clock.js';
import { hex, intactText, SPAN_LINE } from './span-json.js';

/**
 * The format: lines of text, of which the first has the version. `S number time json checksum` is a span with the
 * time at which it was written. `D number,number,… checksum` lists spans that are done. The checksum is the CRC-32 of
 * the line up to it. A damaged line does not affect the others.
 */
const VERSION = 1;
const HEADER = `chatdebug-spool ${VERSION}\n`;
const HEADER_LINE = Buffer.from(HEADER.trimEnd());
const ANY_HEADER = /^chatdebug-spool (\d+)\n/;
const LINE_FEED = 10;
/** Do not follow symbolic links. Windows has no such flag. */
const FLAGS = constants.O_RDWR | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0);

/** The size of a slice: less than a millisecond of work. */
const WRITE_BYTES = 64 * 1024;
const READ_BYTES = 256 * 1024;

const MAX_LINE_BYTES = 32 * 1024 * 1024;

/** A span that is written or queued for writing. */
export interface SpoolEntry {
  /** `undefined` before its line is begun and after it is done or dropped. */
  file: SpoolFile | undefined;
  number: number;
  offset: number;
  /** 0 until the line is complete. */
  length: number;
  /** When it was first written, in milliseconds since the epoch. */
  since: number;
  /** Its line is being written. */
  isWaiting: boolean;
  /** It is only on disk. */
  isReleased: boolean;
}

/** A spool file, open for appending. Methods throw file system errors. */
export class SpoolFile {
  /** Its spans that are not done, oldest first. */
  readonly entries = new Set<SpoolEntry>();
  readonly #fd: number;
  #bytes = 0;
  #lastNumber = 0;

  private constructor(
    private readonly path: string,
    flags: number,
  ) {
    this.#fd = openSync(path, FLAGS | flags, 0o600);
  }

  static create(path: string): SpoolFile {
    const file = new SpoolFile(path, constants.O_CREAT | constants.O_EXCL);
    try {
      file.#append(Buffer.from(HEADER));
      return file;
    } catch (error) {
      file.remove();
      throw error;
    }
  }

  /** Opens a file of another process. Call `scan` first. */
  static open(path: string): SpoolFile {
    return new SpoolFile(path, 0);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Appends a span, and yields after each slice of its line. Append nothing else until it has finished.
   *
   * @param json in pieces, without line breaks
   */
  *write(entry: SpoolEntry, json: Iterable<string>): Generator<void> {
    const start = this.#bytes;
    Object.assign(entry, { file: this, number: ++this.#lastNumber, offset: start });
    this.entries.add(entry);
    try {
      yield* this.#writeLine(chain(`S ${entry.number} ${entry.since} `, json));
      entry.length = this.#bytes - start;
    } catch (error) {
      this.#forget(entry);
      // A partial line would make the next one unreadable.
      this.#truncate(start);
      throw error;
    }
  }

  /** Marks spans as done, in one line. Truncates the file if no span is left. */
  finish(entries: readonly SpoolEntry[]): void {
    const numbers = entries.filter((entry) => this.#forget(entry)).map(({ number }) => number);
    if (numbers.length === 0) return;
    const start = this.#bytes;
    try {
      if (this.entries.size === 0) this.#truncate(HEADER.length);
      else for (const _ of this.#writeLine([`D ${numbers}`]));
    } catch (error) {
      this.#truncate(start);
      throw error;
    }
  }

  /** Returns the JSON of a span, or `undefined` if it is damaged. */
  read({ offset, length }: SpoolEntry): string | undefined {
    const line = Buffer.allocUnsafe(length);
    const isWhole = readSync(this.#fd, line, 0, length, offset) === length;
    const text = isWhole ? intactText(line.subarray(0, -1)) : undefined;
    return text === undefined ? undefined : SPAN_LINE.exec(text)?.[3];
  }

  /**
   * Reads a file of another process, and yields after each slice.
   *
   * @returns the number of damaged spans
   */
  *scan(): Generator<void, number> {
    const spans = new Map<number, SpoolEntry>();
    let damaged = 0;
    for (const { offset, line } of this.#lines()) {
      if (line === undefined) yield;
      else if (!this.#scanLine(line, offset, spans)) damaged++;
    }
    for (const entry of spans.values()) this.entries.add(entry);
    return damaged;
  }

  /** Updates the modification time, which tells owners on other hosts that this one is alive. */
  touch(): void {
    const seconds = epochMillis() / 1_000;
    futimesSync(this.#fd, seconds, seconds);
  }

  close(): void {
    closeSync(this.#fd);
  }

  remove(): void {
    for (const entry of this.entries) this.#forget(entry);
    this.close();
    rmSync(this.path, { force: true });
  }

  #forget(entry: SpoolEntry): boolean {
    if (!this.entries.delete(entry)) return false;
    entry.file = undefined;
    return true;
  }

  /** @param parts the line without its checksum */
  *#writeLine(parts: Iterable<string>): Generator<void> {
    let checksum = 0;
    for (const { bytes, isLast } of slices(parts)) {
      checksum = crc32(bytes, checksum);
      this.#append(isLast ? Buffer.concat([bytes, Buffer.from(` ${hex(checksum)}\n`)]) : bytes);
      if (!isLast) yield;
    }
  }

  #append(bytes: Buffer): void {
    const written = writeSync(this.#fd, bytes);
    this.#bytes += written;
    // The next write reports the reason, most likely a full disk.
    if (written < bytes.length) this.#append(bytes.subarray(written));
  }

  #truncate(bytes: number): void {
    ftruncateSync(this.#fd, bytes);
    this.#bytes = bytes;
  }

  /**
   * Returns the lines of the file, and `undefined` where it may pause. Removes a truncated last line, and completes
   * one that lacks only its line end.
   */
  *#lines(): Generator<{ readonly offset: number; readonly line: Buffer | undefined }> {
    let size = READ_BYTES;
    for (let position = 0; ; ) {
      const buffer = Buffer.allocUnsafe(size);
      const slice = buffer.subarray(0, readSync(this.#fd, buffer, 0, size, position));
      const end = slice.lastIndexOf(LINE_FEED) + 1;
      for (let start = 0; start < end; ) {
        const next = slice.indexOf(LINE_FEED, start) + 1;
        yield { offset: position + start, line: slice.subarray(start, next - 1) };
        start = next;
      }
      position += end;
      if (end > 0) {
        size = READ_BYTES;
      } else if (slice.length === size && size < MAX_LINE_BYTES) {
        size *= 2;
      } else {
        if (slice.length > 0) yield { offset: position, line: slice };
        // Too long to be valid. Later lines may be.
        if (slice.length === size) position += size;
        else return this.#endAt(position, slice);
      }
      yield { offset: position, line: undefined };
    }
  }

  #endAt(position: number, rest: Buffer): void {
    const isWhole = rest.length > 0 && intactText(rest) !== undefined;
    this.#truncate(isWhole ? position + rest.length : position);
    if (isWhole) this.#append(Buffer.from('\n'));
  }

  /** @returns true if the line is valid */
  #scanLine(line: Buffer, offset: number, spans: Map<number, SpoolEntry>): boolean {
    if (offset === 0 && line.equals(HEADER_LINE)) return true;
    const text = intactText(line);
    const [, number, since] = (text !== undefined && SPAN_LINE.exec(text)) || [];
    if (number !== undefined) {
      this.#lastNumber = Number(number);
      const length = line.length + 1;
      const entry = {
        file: this,
        number: this.#lastNumber,
        offset,
        length,
        since: Number(since),
        isWaiting: false,
        isReleased: true,
      };
      spans.set(entry.number, entry);
      return true;
    }
    const done = text?.startsWith('D ') ? text.slice(2).split(',') : [];
    for (const one of done) spans.delete(Number(one));
    return done.length > 0;
  }
}

/** Joins strings into slices. */
function* slices(parts: Iterable<string>): Generator<{ readonly bytes: Buffer; readonly isLast: boolean }> {
  let text = '';
  for (const part of parts) {
    text += part;
    if (text.length < WRITE_BYTES) continue;
    yield { bytes: Buffer.from(text), isLast: false };
    text = '';
  }
  yield { bytes: Buffer.from(text), isLast: true };
}

function* chain(first: string, rest: Iterable<string>): Generator<string> {
  yield first;
  yield* rest;
}

/** Whether the file was written by a later version of this package. */
export function isNewer(path: string): boolean {
  const fd = openSync(path, 'r');
  try {
    const head = Buffer.alloc(32);
    readSync(fd, head, 0, head.length, 0);
    return Number(ANY_HEADER.exec(head.toString('latin1'))?.[1] ?? 0) > VERSION;
  } finally {
    closeSync(fd);
  }
}
