import { BodyEvidence, type BodyFindings } from '../verdict/body-evidence.js';
import { isOrdinaryBody } from '../verdict/ordinary-answer.js';
import type { StreamFacts, StreamFraming, StreamReader, WireFormat } from '../wire/format.js';
import { type FramedReader, openFraming } from '../wire/stream/framings.js';
import type { ByteBudget } from './body/capture.js';
import { type DecodedBody, decodeBody } from './body/text.js';

/** Bounds for a body with a content encoding. */
const MAX_ENCODED_BYTES = 262_144;
const MAX_DECODED_BYTES = 2_097_152;
/** Bounds for a body that is judged within an event of the HTTP client, decoded and as it is sent. */
const QUICK_BYTES = 65_536;
const QUICK_ENCODED_BYTES = 16_384;

/**
 * Parses the response to a model call in full capture: a stream while it comes in, if its content type states one, any
 * other body at its end.
 */
export class ResponseReading {
  stream: StreamFacts | undefined;
  value: unknown;
  decoded: Buffer | undefined;
  #reader: StreamReader | undefined;
  #events: FramedReader | undefined;
  #framing: StreamFraming | undefined;

  /** @param framing that of the content type, if the events can be read as they come */
  constructor(
    private readonly format: WireFormat,
    framing: StreamFraming | undefined,
  ) {
    if (framing !== undefined) this.#open(framing);
  }

  add(chunk: Uint8Array): void {
    this.#events?.add(chunk);
  }

  /**
   * Adds the findings of the body when the response has ended.
   *
   * @param beginning the head of the body, as far as it was captured
   */
  take({ findings, decoded }: ReadBody, beginning?: Buffer): void {
    this.decoded = decoded;
    if (findings === undefined) return;
    this.value = findings.value;
    const { framing } = findings;
    if (framing !== 'events' && framing !== 'values' && framing !== 'messages') return;
    const body = decoded ?? beginning;
    // Gemini may send its chunks as the elements of one JSON array, which is read as one value.
    if (framing === 'values' && (Array.isArray(findings.value) || isList(body))) return;
    if (framing !== this.#framing && body !== undefined) this.#open(framing).add(body);
    this.#events?.end();
    this.stream = this.#reader?.facts();
  }

  #open(framing: StreamFraming): FramedReader {
    const reader = this.format.openStream();
    const events = openFraming(framing, (event, data) => reader.event(event, data));
    this.#reader = reader;
    this.#framing = framing;
    this.#events = events;
    return events;
  }
}

function isList(bytes: Buffer | undefined): boolean {
  return bytes !== undefined && /^\s*\[/.test(bytes.toString('latin1', 0, 1_024));
}

interface ReadBody {
  readonly findings: BodyFindings | undefined;
  readonly isBeginning: boolean;
  readonly decoded: Buffer | undefined;
}

const ORDINARY: ReadBody = Object.freeze({ findings: undefined, isBeginning: false, decoded: undefined });

/** A response whose usage is read. */
export interface UsageSource {
  readonly format: WireFormat;
  readonly evidence: ResponseEvidence;
}

/**
 * Collects the evidence in the body of a successful response. A body without a content encoding is read as it arrives.
 * Of any other, the head is kept, and decoded when the exchange has ended.
 */
export class ResponseEvidence {
  readonly #body: BodyEvidence;
  #chunks: Uint8Array[] | undefined;
  #held = 0;
  #size = 0;
  #decoded: DecodedBody | undefined;
  #read: ReadBody | undefined;

  /**
   * @param contentEncoding the header as it came
   * @param budget has the memory for it; if it is used up, only the head is read
   * @param keepsText whether head and tail of the text are kept for the token counts in them
   */
  constructor(
    private readonly contentEncoding: string | undefined,
    private readonly budget: ByteBudget,
    readonly keepsText: boolean,
  ) {
    this.#body = new BodyEvidence(budget, keepsText);
  }

  get isEncoded(): boolean {
    return this.contentEncoding !== undefined;
  }

  /** Whether the body, after its end, is short enough to be judged within an event of the HTTP client. */
  isQuick(): boolean {
    if (this.#read !== undefined) return true;
    return this.isEncoded ? this.#decodeQuickly() !== undefined : this.#body.unreadBytes <= QUICK_BYTES;
  }

  add(chunk: Uint8Array): void {
    this.#size += chunk.byteLength;
    if (!this.isEncoded) this.#body.add(chunk);
    else if (this.#held === this.#size - chunk.byteLength) this.#hold(chunk);
  }

  /** Whether the body needs no further judgement. Drops the body if so. */
  isOrdinaryAnswer(): boolean {
    if (this.#read !== undefined) return this.#read === ORDINARY;
    const body = this.#wholeBody();
    if (body === undefined || !isOrdinaryBody(body)) return false;
    this.#read = ORDINARY;
    this.release();
    return true;
  }

  end(): ReadBody {
    this.#read ??= this.isEncoded ? this.#readDecoded() : this.#readPlain();
    return this.#read;
  }

  release(): void {
    this.#body.release();
    this.budget.release(this.#held);
    this.#held = 0;
    this.#chunks = undefined;
    this.#decoded = undefined;
  }

  #hold(chunk: Uint8Array): void {
    const bytes = Math.min(chunk.byteLength, MAX_ENCODED_BYTES - this.#held);
    if (bytes === 0 || !this.budget.fits(bytes) || !this.budget.take(bytes)) return;
    this.#held += bytes;
    this.#chunks ??= [];
    this.#chunks.push(bytes === chunk.byteLength ? chunk : chunk.subarray(0, bytes));
  }

  #wholeBody(): Uint8Array | undefined {
    if (!this.isEncoded) return this.#body.unreadBody();
    const decoded = this.keepsText ? undefined : this.#decodeQuickly();
    return decoded !== undefined && 'bytes' in decoded ? decoded.bytes : undefined;
  }

  #decodeQuickly(): DecodedBody | undefined {
    if (this.#size > QUICK_ENCODED_BYTES || this.#held < this.#size) return undefined;
    this.#decoded ??= this.#decode(QUICK_BYTES);
    return 'truncated' in this.#decoded && this.#decoded.truncated ? undefined : this.#decoded;
  }

  #readPlain(): ReadBody {
    return { findings: this.#body.end(), isBeginning: false, decoded: undefined };
  }

  #decode(limitBytes: number): DecodedBody {
    return decodeBody({
      bytes: Buffer.concat(this.#chunks ?? []),
      truncated: this.#held < this.#size,
      contentEncoding: this.contentEncoding,
      limitBytes,
    });
  }

  #readDecoded(): ReadBody {
    const decoded = this.#decodeQuickly() ?? this.#decode(MAX_DECODED_BYTES);
    this.release();
    if ('undecodable' in decoded) return { findings: undefined, isBeginning: true, decoded: undefined };
    this.#body.add(decoded.bytes);
    return { findings: this.#body.end(), isBeginning: decoded.truncated, decoded: decoded.bytes };
  }
}
