import { AwsEventStreamReader } from '../wire/stream/aws-event-stream.js';
import type { Findings } from './findings.js';
import { FIRST_FRAMES, FRAME_BYTES, type FrameReader, SIGN } from './framing.js';

/** With the last chunk of a model's own stream come Bedrock's figures. */
const LAST_CHUNK = '"amazon-bedrock-invocationMetrics"';

/** Reads the messages of an AWS event stream. Only the first, the last and those with a sign are parsed. */
export class MessageReader implements FrameReader {
  readonly #reader: AwsEventStreamReader;
  #count = 0;
  #last: (() => void) | undefined;

  constructor(private readonly findings: Findings) {
    this.#reader = new AwsEventStreamReader(
      (event, data, isCut) => this.#message(event, data, isCut),
      FRAME_BYTES,
    );
  }

  /** The body has not ended inside a message. */
  get isWhole(): boolean {
    return this.#reader.isWhole;
  }

  add(block: string): void {
    this.#reader.add(Buffer.from(block, 'latin1'));
  }

  end(): void {
    this.#last?.();
    this.#last = undefined;
    this.findings.corruption ??= this.#reader.broken;
  }

  #message(event: string | undefined, data: string, isCut: boolean): void {
    const read = () => this.findings.text(data, event, isCut ? 'by us' : 'by sender');
    this.#count++;
    SIGN.lastIndex = 0;
    const isRead =
      this.#count <= FIRST_FRAMES || event === 'error' || SIGN.test(data) || data.includes(LAST_CHUNK);
    this.#last = isRead ? undefined : read;
    if (isRead) read();
  }
}
