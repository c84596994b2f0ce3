import { BodyEvidence, type BodyFindings } from '../verdict/body-evidence.js';
import type { ByteBudget } from './body/byte-budget.js';
import { decodeBody } from './body/decode.js';

/** What the body of a response says, and the bytes that were read for it. */
export interface ReadBody {
  /** `undefined` where it could not be decoded. */
  readonly findings: BodyFindings | undefined;
  /** Only the beginning was read. */
  readonly isBeginning: boolean;
  /** Of a body in a content encoding: its beginning, decoded. */
  readonly decoded: Buffer | undefined;
}

/** Of a body in a content encoding, as it comes over the wire. */
const MAX_ENCODED_BYTES = 262_144;
const MAX_DECODED_BYTES = 2_097_152;
/** More than this takes too long to be read inside an event of the HTTP client. */
const QUICK_BYTES = 65_536;

/**
 * Keeps what is needed of the body of a successful response to judge it. A body without a content encoding is read
 * while it comes in. Of any other the beginning is kept, and decoded when the exchange is over.
 */
export class ResponseEvidence {
  readonly #body: BodyEvidence;
  #chunks: Uint8Array[] = [];
  #held = 0;
  #size = 0;
  #read: ReadBody | undefined;

  /**
   * @param contentEncoding the header as it came
   * @param budget what the memory is taken from; without memory, only a beginning is read
   */
  constructor(
    private readonly contentEncoding: string | undefined,
    private readonly budget: ByteBudget,
  ) {
    this.#body = new BodyEvidence(budget);
  }

  get isEncoded(): boolean {
    return this.contentEncoding !== undefined;
  }

  /** To read it takes so long that it is not done inside an event of the HTTP client. */
  get isSlow(): boolean {
    return this.#read === undefined && (this.isEncoded || this.#body.unreadBytes > QUICK_BYTES);
  }

  add(chunk: Uint8Array): void {
    this.#size += chunk.byteLength;
    if (!this.isEncoded) this.#body.add(chunk);
    else if (this.#held === this.#size - chunk.byteLength) this.#hold(chunk);
  }

  /** Reads what was kept, once. */
  end(): ReadBody {
    this.#read ??= this.isEncoded ? this.#decode() : this.#readPlain();
    return this.#read;
  }

  /** Gives the memory back, of a body that nobody has read. */
  release(): void {
    this.#body.release();
    this.budget.give(this.#held);
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
