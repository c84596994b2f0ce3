import type { StreamFacts, StreamReader, WireFormat } from '../wire/format.js';
import { type FramedReader, openFraming, type StreamFraming } from '../wire/stream/stream-framing.js';
import type { ReadBody } from './response-evidence.js';

/**
 * Reads the answer to a model call for what full capture records of it. A stream is parsed while it comes in, if its
 * content type says that it is one; anything else when it has ended.
 */
export class AnswerReading {
  /** What the events of a stream say. */
  stream: StreamFacts | undefined;
  /** The value of an answer in one piece, or the list that a stream was. */
  value: unknown;
  /** The beginning of a body that came in a content encoding, decoded. */
  decoded: Buffer | undefined;
  #reader: StreamReader | undefined;
  #events: FramedReader | undefined;
  /** How the events are read. */
  #framing: StreamFraming | undefined;

  /** @param framing of the response, by its content type, if its events can be read as they come */
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
   * The response has ended.
   *
   * @param read what its bytes turned out to be
   * @param beginning the first of them, as far as they were kept
   */
  take({ findings, decoded }: ReadBody, beginning?: Buffer): void {
    this.decoded = decoded;
    if (findings === undefined) return;
    this.value = findings.value;
    const { framing } = findings;
    if (framing !== 'events' && framing !== 'values' && framing !== 'messages') return;
    const late = decoded ?? beginning;
    // The chunks of Gemini may be the elements of one list, which are read as an answer in one piece.
    if (framing === 'values' && (Array.isArray(findings.value) || isList(late))) return;
    if (framing !== this.#framing && late !== undefined) this.#open(framing).add(late);
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
