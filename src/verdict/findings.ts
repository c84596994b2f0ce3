import { asObject, parsed } from '../wire/json/json.js';
import { parseJsonPrefix } from '../wire/json/json-prefix.js';
import { type Fault, type Frame, type ResponseState, readFrame } from './frame.js';

/** Whether a text that is no whole JSON was cut by its sender or by a bound of ours. */
export type Cut = 'by sender' | 'by us';

const DONE = '[DONE]';

/** What the frames of a response have said so far. */
export class Findings {
  /** The first error, else the first reason why an answer failed or was refused. */
  fault: Fault | undefined;
  /** A frame with a place for an answer has come. */
  hasAnswer = false;
  /** What looks like the body of an error, though it does not say so. */
  complaint: Frame['complaint'];
  finished = false;
  terminated = false;
  cancelled = false;
  /** Why the body can be read no further: a checksum in it is wrong. */
  corruption: string | undefined;
  /** A web page stands where an answer should be. */
  isPage = false;
  /** The last frame that was read. */
  last: Frame | undefined;
  /** The response of the Responses API that the frames are of, as the last of them has it. */
  response: ResponseState | undefined;
  /** What the last frame calls itself. */
  lastEvent: string | undefined;

  /** Takes the parsed value of one frame, or a list of them. */
  value(value: unknown, event?: string): void {
    if (Array.isArray(value)) for (const item of value) this.#frame(item, event, false);
    else if (typeof value === 'string') this.#sentence(value, event);
    else this.#frame(value, event, false);
  }

  /** Takes the text of one frame: JSON, several JSON values, `[DONE]`, or a sentence. */
  text(text: string, event: string | undefined, cut: Cut = 'by sender'): void {
    const trimmed = text.trim();
    if (trimmed.startsWith(DONE)) {
      this.finished = true;
      this.terminated = true;
      this.lastEvent = event ?? DONE;
      return;
    }
    const whole = trimmed === '' ? {} : parsed(trimmed);
    if (whole !== undefined) this.value(whole, event);
    else if (/^[{[]/.test(trimmed)) this.#broken(trimmed, event, cut);
    else this.#sentence(trimmed, event);
  }

  /** An error that a frame reports by its place, such as the field `error:` of an event. */
  error(text: string): void {
    const value = parsed(text.trim());
    const members = asObject(value);
    const error =
      members !== undefined && Object.hasOwn(members, 'error') ? members['error'] : (value ?? text.trim());
    this.#take({ type: 'error', body: { error } });
    this.lastEvent = 'error';
  }

  #frame(value: unknown, event: string | undefined, isPartial: boolean): void {
    const members = asObject(value);
    if (members === undefined) return;
    const frame = readFrame(members, event, isPartial);
    if (frame.fault !== undefined && !(isPartial && frame.fault.type !== 'error')) this.#take(frame.fault);
    this.complaint = frame.complaint ?? this.complaint;
    this.last = frame;
    this.response = frame.response ?? this.response;
    this.hasAnswer ||= frame.isAnswer;
    this.finished ||= frame.finished;
    this.terminated ||= frame.terminated;
    this.cancelled ||= frame.cancelled;
    this.lastEvent = frame.fault?.type === 'error' ? (event ?? 'error') : frame.name;
  }

  /** Lines that are JSON each by itself, several values in one text, or the beginning of a value. */
  #broken(text: string, event: string | undefined, cut: Cut): void {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    if (lines.length > 1 && lines.every((line) => /^\s*[{[]/.test(line))) {
      for (const line of lines) this.text(line, event, cut);
      return;
    }
    const { whole, rest } = valuesIn(text);
    for (const value of whole) this.value(value, event);
    if (rest !== '') this.#frame(beginningOf(rest), event, cut === 'by sender');
  }

  #sentence(text: string, event: string | undefined): void {
    if (isPage(text)) this.isPage = true;
    else if (event !== undefined && /^(?:[\w.-]{0,40}[._-])?(?:error|exception)$/i.test(event))
      this.#take({ type: 'error', body: { error: text === '' ? event : text } });
    else if (/\berror\b/i.test(text)) this.#take({ type: 'error', body: { error: withoutLabel(text) } });
    else return;
    this.lastEvent = event ?? 'error';
  }

  #take(fault: Fault): void {
    if (this.fault === undefined || (this.fault.type !== 'error' && fault.type === 'error'))
      this.fault = fault;
  }
}

export function isPage(text: string): boolean {
  return /^\s*<(?:!doctype html|html|head|body)\b/i.test(text.slice(0, 1_024));
}

/** `error: the engine stopped` without the label. */
function withoutLabel(text: string): string {
  return text.replace(/^\W{0,3}error\W{0,3}[:=-]\s*/i, '');
}

/** The value of JSON that was cut, with the string that the cut went through: it may be the message of an error. */
function beginningOf(text: string): unknown {
  return parseJsonPrefix(`${text.replace(/\\(?:u[\da-f]{0,3})?$/i, '')}"`) ?? parseJsonPrefix(text);
}

/** The JSON values that stand one behind the other in a text, and the beginning of one that is not whole. */
function valuesIn(text: string): { readonly whole: readonly unknown[]; readonly rest: string } {
  const whole: unknown[] = [];
  let start = 0;
  let depth = 0;
  let isString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (isString) {
      if (char === BACKSLASH) at++;
      else if (char === QUOTE) isString = false;
    } else if (char === QUOTE) isString = depth > 0;
    else if (char === OPEN_BRACE || char === OPEN_BRACKET) {
      if (depth === 0) start = at;
      depth++;
    } else if ((char === CLOSE_BRACE || char === CLOSE_BRACKET) && depth > 0) {
      depth--;
      const value = depth === 0 ? parsed(text.slice(start, at + 1)) : undefined;
      if (value !== undefined) whole.push(value);
    }
  }
  return { whole, rest: depth > 0 ? text.slice(start) : '' };
}

export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;
