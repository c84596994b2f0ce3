import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  type Findings,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
} from './findings.js';

/** Reads the text of a response in blocks. Each character of the text is one byte of the body (Latin-1). */
export interface FrameReader {
  add(block: string): void;
  /** Nothing more comes. */
  end(): void;
}

/** What is read of one event or value; the rest of a longer one is skipped. */
export const FRAME_BYTES = 65_536;
/** As much of the end of a stream as is read whatever it says. */
const TAIL_BYTES = 4_096;
const TAIL_EVENTS = 4;
export const FIRST_FRAMES = 2;

/**
 * With one of these comes every event that says that a call failed or is over. They may stand in what a model
 * wrote as well: an event with one of them is parsed, the others are skipped.
 */
export const SIGN =
  /[eE]rror|ERROR|[ehpk]_?[rR]eason" ?: ?(?:"[A-Za-z]|\{)|\[DONE\]|message_stop|"done" ?: ?true|response\.(?:completed|incomplete|failed|cancelled)/g;

const COMMENTS = /^:.*\n/gm;

/**
 * Reads server-sent events (WHATWG HTML, 9.2.6) and what servers send in their place: bare JSON and sentences
 * between events, `error:` as a field, a last event without its blank line. Only the first and the last events and
 * those with a sign are read.
 */
export class EventReader implements FrameReader {
  /** The beginning of the event that has not ended yet. */
  #open = '';
  /** The open event is longer than what is read of one. */
  #isSkipping = false;
  /** The last characters of the events that have ended. */
  #tail = '';
  #firstEvents = FIRST_FRAMES;
  #hasFields = false;

  constructor(private readonly findings: Findings) {}

  /** An event with data has come. */
  get hasFields(): boolean {
    return this.#hasFields;
  }

  add(block: string): void {
    let text = this.#open + block;
    // A CR at the end may be half of a CRLF.
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

  /** @param events whole events with their blank lines, but for that of the last one */
  #scan(events: string): void {
    if (events === '') return;
    let from = 0;
    for (; this.#firstEvents > 0 && from < events.length; this.#firstEvents--) {
      const end = endOfEvent(events, from);
      this.#event(events.slice(from, end));
      from = end + 2;
    }
    SIGN.lastIndex = from;
    while (this.findings.fault?.type !== 'error') {
      const sign = SIGN.exec(events);
      if (sign === null) break;
      if (isTalk(events, sign.index, SIGN.lastIndex)) continue;
      const begin = events.lastIndexOf('\n\n', sign.index);
      const end = endOfEvent(events, sign.index);
      this.#event(events.slice(Math.max(from, begin), end));
      SIGN.lastIndex = end;
    }
    SIGN.lastIndex = 0;
    this.#tail = lastEvents(events.length < TAIL_BYTES ? `${this.#tail}\n\n${events}` : events);
  }

  #event(text: string, isCut = false): void {
    const { findings } = this;
    const event = fieldsOf(text.length > FRAME_BYTES ? text.slice(0, FRAME_BYTES) : text);
    this.#hasFields ||= event.hasFields;
    const cut = isCut || text.length > FRAME_BYTES ? 'by us' : 'by sender';
    if (event.data.length > 0 || event.name !== undefined)
      findings.text(utf8(event.data.join('\n')), event.name, cut);
    if (event.bare.length > 0) findings.text(utf8(event.bare.join('\n')), undefined, cut);
    for (const error of event.errors) findings.error(utf8(error));
  }
}

interface EventFields {
  readonly name: string | undefined;
  readonly data: readonly string[];
  /** Values of the field `error`, which some servers use in place of data. */
  readonly errors: readonly string[];
  /** Lines that are no field. */
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
 * Whether the word "error" at this place is part of what a model wrote: it stands in a line of JSON, and is not the
 * end of a name or of a value.
 */
function isTalk(events: string, start: number, end: number): boolean {
  if (!events.startsWith('rror', end - 4) && !events.startsWith('RROR', end - 4)) return false;
  const next = events.charAt(end) === 's' ? end + 1 : end;
  if (events.charAt(next) === '"') return false;
  const line = events.lastIndexOf('\n', start) + 1;
  return JSON_LINE.test(events.slice(line, line + 16));
}

const JSON_LINE = /^(?:data[ \t]?:)?[ \t]*[{["]/;

/** The last events as far as they are short, and the very last one in any case. */
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

/**
 * Reads JSON values that follow each other: lines of NDJSON, the elements of the list that a stream of Gemini is, or
 * one value that is too long to be parsed whole.
 */
export class ValueReader implements FrameReader {
  #value = '';
  #depth = 0;
  /** 1 inside of a list whose elements are the values. */
  #base: 0 | 1 | undefined;
  #isString = false;
  #isEscaped = false;
  #isCut = false;
  /** The last value that has ended. */
  #last: OpenValue | undefined;
  /** How many values have ended. */
  count = 0;

  constructor(private readonly findings: Findings) {}

  /** The values are the elements of a list. */
  get isList(): boolean {
    return this.#base === 1;
  }

  /** The text has ended inside a value. */
  get isOpen(): boolean {
    return this.#depth > 0;
  }

  add(block: string): void {
    let depth = this.#depth;
    let start = depth > (this.#base ?? 0) ? 0 : -1;
    let at = this.#isString ? this.#endOfString(block, 0) : 0;
    for (; at < block.length; at++) {
      const char = block.charCodeAt(at);
      if (char === QUOTE) {
        if (depth > 0) at = this.#endOfString(block, at + 1) - 1;
      } else if (char === OPEN_BRACE || char === OPEN_BRACKET) {
        this.#base ??= char === OPEN_BRACKET ? 1 : 0;
        if (depth === this.#base) start = at;
        depth++;
      } else if ((char === CLOSE_BRACE || char === CLOSE_BRACKET) && depth > 0) {
        depth--;
        if (depth !== this.#base || start < 0) continue;
        this.#keep(block.slice(start, at + 1));
        this.#end();
        start = -1;
      }
    }
    this.#depth = depth;
    if (start >= 0) this.#keep(block.slice(start));
  }

  end(): void {
    if (this.#value !== '') this.#end();
    this.#read(this.#last);
  }

  /** Behind the string that is open at this place; it may go on behind the block. */
  #endOfString(block: string, from: number): number {
    let at = from;
    if (this.#isEscaped) at++;
    this.#isEscaped = false;
    for (let quote = block.indexOf('"', at); quote >= 0; quote = block.indexOf('"', quote + 1)) {
      if (escapesBefore(block, quote, at) % 2 === 0) {
        this.#isString = false;
        return quote + 1;
      }
    }
    this.#isString = true;
    this.#isEscaped = escapesBefore(block, block.length, at) % 2 === 1;
    return block.length;
  }

  #keep(text: string): void {
    const room = FRAME_BYTES - this.#value.length;
    if (room < text.length) this.#isCut = true;
    this.#value += text.slice(0, room);
  }

  #end(): void {
    this.count++;
    const value = { text: this.#value, isCut: this.#isCut };
    this.#last = value;
    SIGN.lastIndex = 0;
    if (this.count <= FIRST_FRAMES || SIGN.test(value.text)) this.#read(value);
    this.#value = '';
    this.#isCut = false;
  }

  #read(value: OpenValue | undefined): void {
    if (value !== undefined)
      this.findings.text(utf8(value.text), undefined, value.isCut ? 'by us' : 'by sender');
  }
}

interface OpenValue {
  readonly text: string;
  readonly isCut: boolean;
}

/** How many backslashes stand in front of this place. */
function escapesBefore(block: string, place: number, from: number): number {
  let at = place;
  while (at > from && block.charCodeAt(at - 1) === BACKSLASH) at--;
  return place - at;
}

/** Bytes that are no UTF-8 become U+FFFD. */
function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString();
}
