import { parsed } from '../wire/json/json.js';
import { beginsAwsEventStream } from '../wire/stream/aws-event-stream.js';
import { Findings, isPage, OPEN_BRACE, OPEN_BRACKET } from './findings.js';
import { EventReader, ValueReader } from './framing.js';
import { MessageReader } from './messages.js';

/** How the body of a response turned out to be written, whatever its content type says. */
export type Framing = 'none' | 'json' | 'values' | 'events' | 'messages' | 'page' | 'text' | 'binary';

/** What the bytes of a body say about the call. */
export interface BodyFindings {
  readonly framing: Framing;
  /** The value of a body that is JSON and was parsed whole. */
  readonly value: unknown;
  /** False for JSON, and for messages, that end in the middle. */
  readonly isWhole: boolean;
  /** The first line of a body that is text. */
  readonly firstLine: string | undefined;
  readonly findings: Findings;
}

/** What memory is taken from. */
export interface MemoryBudget {
  fits(bytes: number): boolean;
  take(bytes: number): boolean;
  give(bytes: number): void;
}

/** Bytes are read in blocks of this size, so that the result does not depend on how they were cut into chunks. */
const BLOCK_BYTES = 16_384;
/** A JSON body up to this size is parsed whole. */
const WHOLE_BYTES = 262_144;
const MAX_CHUNKS = 128;

/**
 * Reads a response body while it comes in. Holds references to the chunks until a block is full, or until the end of
 * a body that is one JSON value. What it holds and the work for each byte are bounded. Never throws.
 */
export class BodyEvidence {
  readonly #findings = new Findings();
  #chunks: Uint8Array[] = [];
  /** In `#chunks`. */
  #bytes = 0;
  #budgeted = 0;
  #framing: Framing = 'none';
  #reader: EventReader | ValueReader | MessageReader | undefined;
  #firstLine: string | undefined;
  #result: BodyFindings | undefined;

  /** Bytes that have not been read. */
  get unreadBytes(): number {
    return this.#bytes;
  }

  /** @param budget asked where more than one block is held; without memory a JSON body is not parsed whole */
  constructor(private readonly budget?: MemoryBudget) {}

  /** Takes the next piece, which must not change until it has been read. */
  add(chunk: Uint8Array): void {
    if (chunk.byteLength === 0 || this.#result !== undefined) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.byteLength;
    if (this.#bytes >= BLOCK_BYTES) this.#read(false);
    // Many small chunks cost more than a copy of them.
    if (this.#chunks.length > Math.max(MAX_CHUNKS, this.#bytes / 64)) this.#chunks = [this.#joined()];
  }

  /** What the body says, now that it has ended. */
  end(): BodyFindings {
    this.#result ??= this.#end();
    this.release();
    return this.#result;
  }

  /** Drops what has not been read. */
  release(): void {
    this.budget?.give(this.#budgeted);
    this.#budgeted = 0;
    this.#chunks = [];
    this.#bytes = 0;
  }

  #end(): BodyFindings {
    this.#read(true);
    if (this.#framing === 'json' && this.#reader === undefined) return this.#endOfJson(this.#joined());
    return this.#endOf(this.#reader);
  }

  #endOf(reader: EventReader | ValueReader | MessageReader | undefined): BodyFindings {
    reader?.end();
    if (this.#findings.isPage) return this.#made('page');
    if (reader instanceof ValueReader)
      return this.#made(reader.isList || reader.count > 1 ? 'values' : 'json', undefined, !reader.isOpen);
    if (reader instanceof MessageReader) return this.#made('messages', undefined, reader.isWhole);
    return this.#made(reader?.hasFields ? 'events' : this.#framing);
  }

  #made(framing: Framing, value?: unknown, isWhole = true): BodyFindings {
    return { framing, value, isWhole, firstLine: this.#firstLine, findings: this.#findings };
  }

  #endOfJson(bytes: Buffer): BodyFindings {
    const value = parsed(bytes.toString());
    if (value !== undefined) {
      this.#findings.value(value);
      return this.#made(Array.isArray(value) ? 'values' : 'json', value);
    }
    const text = bytes.toString('latin1');
    const reader = EVENT_LINE.test(text) ? new EventReader(this.#findings) : new ValueReader(this.#findings);
    reader.add(text);
    return this.#endOf(reader);
  }

  /** Gives whole blocks to the reader; at the end what is left too. */
  #read(isLast: boolean): void {
    if (this.#framing === 'none') this.#sniff(isLast);
    if (this.#framing === 'none' || (this.#framing === 'json' && !this.#needsReader())) return;
    const bytes = this.#joined(true);
    const size = isLast ? bytes.length : bytes.length - (bytes.length % BLOCK_BYTES);
    for (let at = 0; at < size; at += BLOCK_BYTES)
      this.#reader?.add(bytes.toString('latin1', at, Math.min(at + BLOCK_BYTES, size)));
    this.#drop(bytes, size);
  }

  /** True for JSON that is too long to be held until its end. */
  #needsReader(): boolean {
    if (this.#reader !== undefined) return true;
    if (this.#bytes <= WHOLE_BYTES && this.#takesMemory()) return false;
    this.#reader = new ValueReader(this.#findings);
    return true;
  }

  #takesMemory(): boolean {
    const more = this.#bytes - BLOCK_BYTES - this.#budgeted;
    if (this.budget === undefined || more <= 0) return true;
    if (!this.budget.fits(more) || !this.budget.take(more)) return false;
    this.#budgeted += more;
    return true;
  }

  /** Tells the framing by the first text. Blank space in front of it, which keeps connections open, is dropped. */
  #sniff(isLast: boolean): void {
    const start = this.#chunks[0]?.[0];
    if (
      this.#bytes > 0 &&
      (start === OPEN_BRACE || start === OPEN_BRACKET) &&
      (isLast || this.#bytes >= BLOCK_BYTES)
    ) {
      this.#framing = 'json';
      return;
    }
    while (this.#bytes >= BLOCK_BYTES || (isLast && this.#bytes > 0)) {
      const bytes = this.#joined();
      const head = bytes.toString('latin1', 0, BLOCK_BYTES);
      const mark = head.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
      const first = head.slice(mark).search(/[^ \t\r\n]/);
      this.#drop(bytes, first < 0 ? Math.min(bytes.length, BLOCK_BYTES) : mark);
      if (first < 0) continue;
      if (beginsAwsEventStream(bytes)) {
        this.#framing = 'messages';
        this.#reader = new MessageReader(this.#findings);
        return;
      }
      const text = head.slice(mark + first, mark + first + 1_024);
      this.#firstLine = /^[^\r\n]{1,300}/.exec(text)?.[0];
      this.#framing = framingOf(text);
      if (this.#framing === 'events' || this.#framing === 'text')
        this.#reader = new EventReader(this.#findings);
      return;
    }
  }

  /** @param isBrief it is valid until the next body is read only */
  #joined(isBrief = false): Buffer {
    const chunks = this.#chunks;
    const [first] = chunks;
    if (first === undefined || chunks.length > 1) {
      if (!isBrief || this.#bytes > joint.length) return Buffer.concat(chunks);
      let end = 0;
      for (const chunk of chunks) {
        joint.set(chunk, end);
        end += chunk.byteLength;
      }
      return joint.subarray(0, end);
    }
    return Buffer.isBuffer(first) ? first : Buffer.from(first.buffer, first.byteOffset, first.byteLength);
  }

  /** @param bytes those that are held */
  #drop(bytes: Buffer, size: number): void {
    this.#bytes = bytes.length - size;
    const last = this.#chunks.at(-1);
    // Of many chunks the rest is mostly the end of the last one.
    if (this.#chunks.length > 1 && last !== undefined && this.#bytes > 0 && this.#bytes <= last.byteLength) {
      this.#chunks = [last.subarray(last.byteLength - this.#bytes)];
      return;
    }
    // A copy of what is left: a view would keep all of the block alive.
    const isMost = size < this.#bytes && bytes.buffer !== joint.buffer;
    const rest = bytes.subarray(size);
    this.#chunks = this.#bytes === 0 ? [] : [isMost ? rest : Buffer.from(rest)];
  }
}

/** Where chunks are joined that are read at once. */
const joint = Buffer.allocUnsafeSlow(2 * BLOCK_BYTES);

const BYTE_ORDER_MARK = '\xef\xbb\xbf';
const EVENT_LINE = /[\r\n](?:data|event|error|id):/;
const EVENT_START = /^(?::|(?:data|event|id|retry|error)[ \t]?:)/i;

function framingOf(text: string): Framing {
  if (/^[{[]/.test(text)) return 'json';
  if (isPage(text)) return 'page';
  if (text.includes('\0')) return 'binary';
  return EVENT_START.test(text) ? 'events' : 'text';
}
