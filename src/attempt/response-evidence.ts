import { BodyEvidence, type BodyFindings } from '../verdict/body-evidence.js';
import { isOrdinaryBody } from '../verdict/ordinary-answer.js';
import type { StreamFacts, StreamFraming, StreamReader, WireFormat } from '../wire/format.js';
import { type FramedReader, openFraming } from '../wire/stream/framings.js';
import type { ByteBudget } from './body/capture.js';
import { decodeBody } from './body/text.js';

/** Bounds for a body with a content encoding. */
const MAX_ENCODED_BYTES = 262_144;
const MAX_DECODED_BYTES = 2_097_152;
/** A longer body takes too long to read within an event of the HTTP client. */
const QUICK_BYTES = 65_536;

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

/**
 * Whether the body of a response, as it was sent, is an ordinary answer (see `isOrdinaryAnswer`). False for one that is
 * too long to be decoded within an event of the HTTP client.
 */
export function isOrdinaryEncodedBody(body: Uint8Array, contentEncoding: string | undefined): boolean {
  if (contentEncoding === undefined) return isOrdinaryBody(body);
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const decoded = decodeBody({ bytes, truncated: false, contentEncoding, limitBytes: QUICK_BYTES });
  return 'bytes' in decoded && !decoded.truncated && isOrdinaryBody(decoded.bytes);
}

function isList(bytes: Buffer | undefined): boolean {
  return bytes !== undefined && /^\s*\[/.test(bytes.toString('latin1', 0, 1_024));
}

interface ReadBody {
  readonly findings: BodyFindings | undefined;
  readonly isBeginning: boolean;
  readonly decoded: Buffer | undefined;
}

/**
 * Collects the evidence in the body of a successful response. A body without a content encoding is read as it arrives.
 * Of any other, the head is kept, and decoded when the exchange has ended.
 */
export class ResponseEvidence {
  readonly #body: BodyEvidence;
  #chunks: Uint8Array[] = [];
  #held = 0;
  #size = 0;
  #read: ReadBody | undefined;

  /**
   * @param contentEncoding the header as it came
   * @param budget has the memory for it; if it is used up, only the head is read
   * @param keepsText whether head and tail of the text are kept for the token counts in them
   */
  constructor(
    private readonly contentEncoding: string | undefined,
    private readonly budget: ByteBudget,
    keepsText: boolean,
  ) {
    this.#body = new BodyEvidence(budget, keepsText);
  }

  get isEncoded(): boolean {
    return this.contentEncoding !== undefined;
  }

  /** Whether it takes too long to read within an event of the HTTP client. */
  get isSlow(): boolean {
    return this.#read === undefined && (this.isEncoded || this.#body.unreadBytes > QUICK_BYTES);
  }

  add(chunk: Uint8Array): void {
    this.#size += chunk.byteLength;
    if (!this.isEncoded) this.#body.add(chunk);
    else if (this.#held === this.#size - chunk.byteLength) this.#hold(chunk);
  }

  /** Whether the body needs no further judgement. Drops the body if so. */
  isOrdinaryAnswer(): boolean {
    const body = this.isEncoded || this.#read !== undefined ? undefined : this.#body.unreadBody();
    if (body === undefined || !isOrdinaryBody(body)) return false;
    this.#read = { findings: undefined, isBeginning: false, decoded: undefined };
    this.release();
    return true;
  }

  end(): ReadBody {
    this.#read ??= this.isEncoded ? this.#decode() : this.#readPlain();
    return this.#read;
  }

  release(): void {
    this.#body.release();
    this.budget.release(this.#held);
    this.#held = 0;
    this.#chunks = [];
  }

  #hold(chunk: Uint8Array): void {
    const bytes = Math.min(chunk.byteLength, MAX_ENCODED_BYTES - this.#held);
    if (bytes === 0 || !this.budget.fits(bytes) || !this.budget.take(bytes)) return;
    this.#held += bytes;
    this.#chunks.push(bytes === chunk.byteLength ? chunk : chunk.subarray(0, bytes));
  }

  #readPlain(): ReadBody {
    return { findings: this.#body.end(), isBeginning: false, decoded: undefined };
  }

  #decode(): ReadBody {
    const decoded = decodeBody({
      bytes: Buffer.concat(this.#chunks),
      truncated: this.#held < this.#size,
      contentEncoding: this.contentEncoding,
      limitBytes: MAX_DECODED_BYTES,
    });
    this.release();
    if ('undecodable' in decoded) return { findings: undefined, isBeginning: true, decoded: undefined };
    this.#body.add(decoded.bytes);
    return { findings: this.#body.end(), isBeginning: decoded.truncated, decoded: decoded.bytes };
  }
}
