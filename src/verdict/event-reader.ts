import { AwsEventStreamReader } from '../wire/stream/aws-event-stream.js';
import type { Findings } from './findings.js';

/** Reads a response in blocks of Latin-1 text: one character per byte of the body. */
export interface FrameReader {
  add(block: string): void;
  end(): void;
}

/** The maximum length of an event or value. The rest is skipped. */
export const FRAME_BYTES = 65_536;
export const FIRST_FRAMES = 2;

/**
 * Every event that reports a failure or the end of a call contains one of these. Other events are not parsed. Model
 * output may contain them too.
 */
export const OUTCOME_SIGN =
  /[eE]rror|ERROR|[ehpk]_?[rR]eason" ?: ?(?:"[A-Za-z]|\{)|\[DONE\]|message_stop|"(?:done|interrupted)" ?: ?true|(?:response|interaction)\.(?:completed|incomplete|failed|cancelled)/g;

/** Invalid UTF-8 becomes U+FFFD. */
export function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString();
}

/** The end of a stream is read even without a sign. */
const TAIL_BYTES = 4_096;
const TAIL_EVENTS = 4;

const JSON_LINE = /^(?:data[ \t]?:)?[ \t]*[{["]/;
const COMMENTS = /^:.*\n/gm;

/**
 * Reads server-sent events (WHATWG HTML, 9.2.6) and common deviations: bare JSON or text between events, `error:` as
 * a field, a last event without a blank line. Parses only the first and last events and those that match {@link
 * SIGN}.
 */
export class EventReader implements FrameReader {
  #open = '';
  /** The rest of the open event exceeds the maximum length. */
  #isSkipping = false;
  /** The last characters of the completed events. */
  #tail = '';
  #firstEvents = FIRST_FRAMES;
  #hasFields = false;

  constructor(private readonly findings: Findings) {}

  get hasFields(): boolean {
    return this.#hasFields;
  }

  add(block: string): void {
    let text = this.#open + block;
    // A CR at the end may be the first half of a CRLF.
    const half = text.endsWith('\r') ? '\r' : '';
    if (text.includes('\r')) text = text.slice(0, text.length - half.length).replace(/\r\n?/g, '\n');
    this.#read(text);
    this.#open += half;
  }

  end(): void {
    if (this.#open.endsWith('\r')) this.#open = `${this.#open.slice(0, -1)}\n`;
    for (const event of this.#tail.split('\n\n').slice(-TAIL_EVENTS)) this.#event(event);
    if (!this.#isSkipping) this.#event(this.#open);
  }

  #read(text: string): void {
    let start = 0;
    if (this.#isSkipping) {
      const end = text.indexOf('\n\n');
      if (end < 0) {
        this.#open = text.endsWith('\n') ? '\n' : '';
        return;
      }
      this.#isSkipping = false;
      start = end + 2;
    }
    const end = text.lastIndexOf('\n\n');
    if (end >= start) {
      const events = text.slice(start, end);
      this.#scan(events.startsWith(':') || events.includes('\n:') ? events.replace(COMMENTS, '') : events);
      start = end + 2;
    }
    this.#open = text.slice(start);
    if (this.#open.length <= FRAME_BYTES) return;
    this.#event(this.#open.slice(0, FRAME_BYTES), true);
    this.#isSkipping = true;
    this.#open = this.#open.endsWith('\n') ? '\n' : '';
  }

  /** @param events complete events, without the blank line of the last one */
  #scan(events: string): void {
    if (events === '') return;
    let from = 0;
    for (; this.#firstEvents > 0 && from < events.length; this.#firstEvents--) {
      const end = endOfEvent(events, from);
      this.#event(events.slice(from, end));
      from = end + 2;
    }
    OUTCOME_SIGN.lastIndex = from;
    while (this.findings.fault?.type !== 'error') {
      const sign = OUTCOME_SIGN.exec(events);
      if (sign === null) break;
      if (isModelOutput(events, sign.index, OUTCOME_SIGN.lastIndex)) continue;
      const begin = events.lastIndexOf('\n\n', sign.index);
      const end = endOfEvent(events, sign.index);
      this.#event(events.slice(Math.max(from, begin), end));
      OUTCOME_SIGN.lastIndex = end;
    }
    OUTCOME_SIGN.lastIndex = 0;
    this.#tail = lastEvents(events.length < TAIL_BYTES ? `${this.#tail}\n\n${events}` : events);
  }

  #event(text: string, isCut = false): void {
    const { findings } = this;
    const event = fieldsOf(text.length > FRAME_BYTES ? text.slice(0, FRAME_BYTES) : text);
    this.#hasFields ||= event.hasFields;
    const cut = isCut || text.length > FRAME_BYTES ? 'limit' : 'sender';
    if (event.data.length > 0 || event.name !== undefined)
      findings.addText(utf8(event.data.join('\n')), event.name, cut);
    if (event.bare.length > 0) findings.addText(utf8(event.bare.join('\n')), undefined, cut);
    for (const error of event.errors) findings.addError(utf8(error));
  }
}

interface EventFields {
  readonly name: string | undefined;
  readonly data: readonly string[];
  /** Values of the field `error`, which some servers use instead of `data`. */
  readonly errors: readonly string[];
  /** Lines that are not fields. */
  readonly bare: readonly string[];
  readonly hasFields: boolean;
}

const FIELD = /^(data|event|id|retry|error)[ \t]?: ?/i;

function fieldsOf(text: string): EventFields {
  let name: string | undefined;
  const data: string[] = [];
  const errors: string[] = [];
  const bare: string[] = [];
  let hasFields = false;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    hasFields ||= line.startsWith(':');
    if (line.startsWith(':')) continue;
    const field = FIELD.exec(line);
    hasFields ||= field !== null;
    const value = field === null ? line : line.slice(field[0].length);
    switch (field?.[1]?.toLowerCase()) {
      case undefined:
        bare.push(value);
        break;
      case 'data':
        data.push(value);
        break;
      case 'error':
        errors.push(value);
        break;
      case 'event':
        name = value.trim();
        break;
    }
  }
  return { name, data, errors, bare, hasFields };
}

/**
 * Whether the word "error" at this place is model output: it is in a line of JSON, but not at the end of a name or a
 * value.
 */
function isModelOutput(events: string, start: number, end: number): boolean {
  if (!events.startsWith('rror', end - 4) && !events.startsWith('RROR', end - 4)) return false;
  const next = events.charAt(end) === 's' ? end + 1 : end;
  if (events.charAt(next) === '"') return false;
  const line = events.lastIndexOf('\n', start) + 1;
  return JSON_LINE.test(events.slice(line, line + 16));
}

/** The last event, and the ones before it up to `TAIL_BYTES`. */
function lastEvents(events: string): string {
  let start = events.length;
  for (let count = 0; count < TAIL_EVENTS && start > 0; count++) {
    const before = start === events.length ? start : start - 1;
    const begin = events.lastIndexOf('\n\n', before - 1);
    if (count > 0 && events.length - begin > TAIL_BYTES) break;
    start = begin < 0 ? 0 : begin;
  }
  return events.slice(start);
}

function endOfEvent(events: string, from: number): number {
  const end = events.indexOf('\n\n', from);
  return end < 0 ? events.length : end;
}

/** Bedrock's metrics, in the last chunk of an invoke stream. */
const INVOCATION_METRICS_KEY = '"amazon-bedrock-invocationMetrics"';

/**
 * Reads the messages of an AWS event stream. Parses only the first and last ones and those that match {@link OUTCOME_SIGN}.
 */
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
    const read = () => this.findings.addText(data, event, isCut ? 'limit' : 'sender');
    this.#count++;
    OUTCOME_SIGN.lastIndex = 0;
    const isRead =
      this.#count <= FIRST_FRAMES ||
      event === 'error' ||
      OUTCOME_SIGN.test(data) ||
      data.includes(INVOCATION_METRICS_KEY);
    this.#last = isRead ? undefined : read;
    if (isRead) read();
  }
}
