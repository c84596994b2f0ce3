import type { StreamFacts, StreamReader, WireFormat } from '../wire/format.js';
import { SseReader } from '../wire/stream/sse.js';
import type { ReadBody } from './response-evidence.js';

/**
 * Reads the answer to a model call for what full capture records of it. An event stream is parsed while it comes in,
 * if its content type says that it is one; anything else when it has ended.
 */
export class AnswerReading {
  /** What the events of a stream say. */
  stream: StreamFacts | undefined;
  /** The value of an answer in one piece, or the list that a stream was. */
  value: unknown;
  /** The beginning of a body that came in a content encoding, decoded. */
  decoded: Buffer | undefined;
  #reader: StreamReader | undefined;
  #events: SseReader | undefined;

  /** @param isEventStream the response says so, and its events can be read as they come */
  constructor(
    private readonly format: WireFormat,
    isEventStream: boolean,
  ) {
    if (isEventStream) this.#open();
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
    if (findings.framing !== 'events') return;
    const late = decoded ?? beginning;
    if (this.#events === undefined && late !== undefined) this.#open().add(late);
    this.#events?.end();
    this.stream = this.#reader?.facts();
  }

  #open(): SseReader {
    const reader = this.format.openStream();
    this.#reader = reader;
    this.#events = new SseReader((event, data) => reader.event(event, data));
    return this.#events;
  }
}
