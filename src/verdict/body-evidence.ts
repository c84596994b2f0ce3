import { parsed } from '../wire/json/json.js';
import { beginsAwsEventStream } from '../wire/stream/aws-event-stream.js';
import { EventReader, MessageReader } from './event-reader.js';
import { Findings, isWebPage, OPEN_BRACE, OPEN_BRACKET } from './findings.js';
import { ValueReader } from './value-reader.js';

/** The framing of a response body, detected from its bytes and not its content type. */
type Framing = 'none' | 'json' | 'values' | 'events' | 'messages' | 'page' | 'text' | 'binary';

/** The outcome of the call, as far as a response body shows it. */
export interface BodyFindings {
  readonly framing: Framing;
  /** The parsed value of a JSON body, if it was parsed as a whole. */
  readonly value: unknown;
  /** False for truncated JSON or messages. */
  readonly isWhole: boolean;
  /** The first line of a text body. */
  readonly firstLine: string | undefined;
  readonly findings: Findings;
  /** Head and tail of a body that was not parsed as a whole, if requested. */
  readonly kept: KeptText | undefined;
}

interface MemoryBudget {
  fits(bytes: number): boolean;
  take(bytes: number): boolean;
  release(bytes: number): void;
}

/** Bytes are read in blocks of this size, so that the result does not depend on the chunk boundaries. */
const BLOCK_BYTES = 16_384;
/** JSON bodies up to this size are parsed as a whole. */
const WHOLE_BYTES = 262_144;
const FIRST_CAPACITY = 1_024;
const GROWTH = 1.5;
const BYTE_ORDER_MARK = '\xef\xbb\xbf';
const EVENT_LINE = /[\r\n](?:data|event|error|id):/;
const EVENT_START = /^(?::|(?:data|event|id|retry|error)[ \t]?:)/i;
const NOTHING = Buffer.alloc(0);

/**
 * Reads a response body as it arrives. Buffers a block, or a whole JSON body up to a limit. Copies chunks, since each
 * of them keeps a network buffer alive; a body of one chunk is held by reference. Memory and the work per byte are
 * bounded. Never throws.
 */
export class BodyEvidence {
  #findings: Findings | undefined;
  /** The first `#bytes` bytes are unread. */
  #held: Buffer = NOTHING;
  #bytes = 0;
  /** `#held` is the only chunk so far, held by reference. */
  #isChunk = false;
  #budgeted = 0;
  #framing: Framing = 'none';
  #reader: EventReader | ValueReader | MessageReader | undefined;
  #firstLine: string | undefined;
  #result: BodyFindings | undefined;
  readonly #keeper: TextKeeper | undefined;

  get unreadBytes(): number {
    return this.#bytes;
  }

  /**
   * @param budget the memory for more than one block; if it is exhausted, JSON bodies are not parsed as a whole
   * @param keepsText keep the head and the tail of the text
   */
  constructor(
    private readonly budget?: MemoryBudget,
    keepsText = false,
  ) {
    if (keepsText) this.#keeper = new TextKeeper();
  }

  /** Adds the next chunk, which must not change until the next call of `add` or `end`. */
  add(chunk: Uint8Array): void {
    const { length } = chunk;
    if (length === 0 || this.#result !== undefined) return;
    if (this.#held === NOTHING && length < BLOCK_BYTES) {
      this.#held = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, length);
      this.#bytes = length;
      this.#isChunk = true;
      return;
    }
    for (let at = 0; at < length; ) {
      const end = Math.min(length, at + BLOCK_BYTES - (this.#bytes % BLOCK_BYTES));
      this.#copy(at === 0 && end === length ? chunk : chunk.subarray(at, end));
      at = end;
      if (this.#bytes % BLOCK_BYTES === 0) this.#read(false);
    }
  }

  end(): BodyFindings {
    this.#result ??= this.#end();
    this.release();
    return this.#result;
  }

  /** Returns a body that is held as a whole, of which nothing is read; else `undefined`. */
  unreadBody(): Uint8Array | undefined {
    const isWhole = this.#reader === undefined && this.#keeper === undefined && this.#result === undefined;
    return isWhole ? this.#unread() : undefined;
  }

  release(): void {
    this.budget?.release(this.#budgeted);
    this.#budgeted = 0;
    this.#held = NOTHING;
    this.#bytes = 0;
  }

  /** Created lazily, since most bodies have no findings before their end. */
  get #found(): Findings {
    this.#findings ??= new Findings();
    return this.#findings;
  }

  #copy(piece: Uint8Array): void {
    const bytes = this.#bytes + piece.length;
    if (this.#isChunk || bytes > this.#held.length) {
      const capacity = Math.max(FIRST_CAPACITY, GROWTH * bytes);
      // Not from Node's shared pool, which would stay alive with this buffer.
      const grown = Buffer.allocUnsafeSlow(Math.ceil(capacity));
      grown.set(this.#bytes === this.#held.length ? this.#held : this.#unread());
      this.#held = grown;
      this.#isChunk = false;
    }
    this.#held.set(piece, this.#bytes);
    this.#bytes = bytes;
  }

  #unread(): Buffer {
    return this.#held.subarray(0, this.#bytes);
  }

  #end(): BodyFindings {
    this.#read(true);
    if (this.#framing === 'json' && this.#reader === undefined) return this.#endOfJson(this.#unread());
    return this.#endOf(this.#reader);
  }

  #endOf(reader: EventReader | ValueReader | MessageReader | undefined): BodyFindings {
    reader?.end();
    if (this.#found.isPage) return this.#made('page');
    if (reader instanceof ValueReader)
      return this.#made(reader.isList || reader.count > 1 ? 'values' : 'json', undefined, !reader.isOpen);
    if (reader instanceof MessageReader) return this.#made('messages', undefined, reader.isWhole);
    return this.#made(reader?.hasFields ? 'events' : this.#framing);
  }

  #made(framing: Framing, value?: unknown, isWhole = true): BodyFindings {
    return {
      framing,
      value,
      isWhole,
      firstLine: this.#firstLine,
      findings: this.#found,
      kept: this.#keeper?.text,
    };
  }

  #endOfJson(bytes: Buffer): BodyFindings {
    const value = parsed(bytes.toString());
    if (value !== undefined) {
      this.#found.addValue(value);
      return this.#made(Array.isArray(value) ? 'values' : 'json', value);
    }
    const text = bytes.toString('latin1');
    this.#keeper?.add(text);
    const reader = EVENT_LINE.test(text) ? new EventReader(this.#found) : new ValueReader(this.#found);
    reader.add(text);
    return this.#endOf(reader);
  }

  #read(isLast: boolean): void {
    if (this.#framing === 'none') this.#sniff(isLast);
    if (this.#framing === 'none' || (this.#framing === 'json' && !this.#needsReader())) return;
    const size = isLast ? this.#bytes : this.#bytes - (this.#bytes % BLOCK_BYTES);
    for (let at = 0; at < size && this.#reader !== undefined; at += BLOCK_BYTES) {
      const block = this.#held.toString('latin1', at, Math.min(at + BLOCK_BYTES, size));
      if (this.#keeper !== undefined) this.#keep(this.#keeper, block);
      this.#reader.add(block);
    }
    this.#drop(size);
  }

  /** Holds the block by reference while the budget allows. */
  #keep(keeper: TextKeeper, block: string): void {
    const needsMemory = keeper.isGrowing && this.budget !== undefined;
    keeper.add(block, !needsMemory || this.#takes(BLOCK_BYTES));
  }

  /** True for JSON that is too long to be parsed as a whole. */
  #needsReader(): boolean {
    if (this.#reader !== undefined) return true;
    if (this.#bytes <= WHOLE_BYTES && this.#takesMemory()) return false;
    this.#reader = new ValueReader(this.#found);
    return true;
  }

  #takesMemory(): boolean {
    const more = this.#bytes - BLOCK_BYTES - this.#budgeted;
    return this.budget === undefined || more <= 0 || this.#takes(more);
  }

  #takes(bytes: number): boolean {
    if (this.budget?.fits(bytes) !== true || !this.budget.take(bytes)) return false;
    this.#budgeted += bytes;
    return true;
  }

  /**
   * Detects the framing from the first text. Skips leading white space, which some servers send to keep connections
   * open.
   */
  #sniff(isLast: boolean): void {
    const [start] = this.#held;
    if (this.#bytes === 0) return;
    if (start === OPEN_BRACE || start === OPEN_BRACKET) {
      this.#framing = 'json';
      return;
    }
    while (this.#bytes >= BLOCK_BYTES || (isLast && this.#bytes > 0)) {
      const head = this.#held.toString('latin1', 0, Math.min(this.#bytes, BLOCK_BYTES));
      const mark = head.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
      const first = head.slice(mark).search(/[^ \t\r\n]/);
      this.#drop(first < 0 ? head.length : mark);
      if (first < 0) continue;
      if (beginsAwsEventStream(this.#unread())) {
        this.#framing = 'messages';
        this.#reader = new MessageReader(this.#found);
        return;
      }
      const text = head.slice(mark + first, mark + first + 1_024);
      this.#firstLine = /^[^\r\n]{1,300}/.exec(text)?.[0];
      this.#framing = framingOf(text);
      if (this.#framing === 'events' || this.#framing === 'text') this.#reader = new EventReader(this.#found);
      return;
    }
  }

  #drop(size: number): void {
    if (size === 0) return;
    const rest = this.#bytes - size;
    if (this.#isChunk) this.#held = this.#held.subarray(size);
    else if (rest > 0) this.#held.copyWithin(0, size, this.#bytes);
    this.#bytes = rest;
  }
}

function framingOf(text: string): Framing {
  if (/^[{[]/.test(text)) return 'json';
  if (isWebPage(text)) return 'page';
  if (text.includes('\0')) return 'binary';
  return EVENT_START.test(text) ? 'events' : 'text';
}

/** Head and tail of a body, as Latin-1: one character per byte. */
export interface KeptText {
  readonly head: string;
  readonly tail: string;
  /** Nothing was dropped between head and tail. */
  readonly isWhole: boolean;
}

/** Size of the tail in blocks. The last event of OpenAI's Responses repeats the whole answer. */
const TAIL_BLOCKS = 8;

/** Keeps the first and the last blocks of a text, by reference. */
class TextKeeper {
  #head: string | undefined;
  #tail: string[] = [];
  #isWhole = true;

  /** The next block needs more memory instead of replacing an earlier block. */
  get isGrowing(): boolean {
    return this.#tail.length > 0 && this.#tail.length < TAIL_BLOCKS;
  }

  /** @param hasRoom whether there is memory for the block; if not, earlier tail blocks are dropped */
  add(block: string, hasRoom = true): void {
    if (this.#head === undefined) {
      this.#head = block;
      return;
    }
    if (this.#tail.length >= TAIL_BLOCKS) this.#drop(1);
    else if (!hasRoom) this.#drop(this.#tail.length);
    this.#tail.push(block);
  }

  get text(): KeptText {
    return { head: this.#head ?? '', tail: this.#tail.join(''), isWhole: this.#isWhole };
  }

  #drop(count: number): void {
    this.#tail.splice(0, count);
    this.#isWhole = false;
  }
}
