import { asObject, parsed, parseJsonPrefix } from '../wire/json/json.js';
import { type Frame, type ResponseState, readFrame } from './frame.js';
import type { Fault } from './response-errors.js';

export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;

/** Whether incomplete JSON was truncated by the sender or by our own limit. */
export type TruncatedBy = 'sender' | 'limit';

const DONE = '[DONE]';
/** Replicate's event for model output as plain text. */
const MODEL_TEXT = 'output';

/** The findings in the frames of a response: JSON values, events or messages. */
export class Findings {
  /** The first error, else the first failed or refused finish reason. */
  fault: Fault | undefined;
  hasAnswer = false;
  /** A possible error body, without an explicit error. */
  possibleError: Frame['possibleError'];
  finished = false;
  terminated = false;
  cancelled = false;
  /** Why the body cannot be read further, such as a wrong checksum. */
  corruption: string | undefined;
  isPage = false;
  last: Frame | undefined;
  /** The latest state of the response, for APIs with polling. */
  response: ResponseState | undefined;
  lastEvent: string | undefined;

  addValue(value: unknown, event?: string): void {
    if (Array.isArray(value)) for (const item of value) this.#addFrame(item, event, false);
    else if (typeof value === 'string') this.#addPlainText(value, event);
    else this.#addFrame(value, event, false);
  }

  /** Adds the text of a frame: JSON, several JSON values, `[DONE]` or plain text. */
  addText(text: string, event: string | undefined, truncatedBy: TruncatedBy = 'sender'): void {
    if (event === MODEL_TEXT && !isChunk(text)) {
      this.hasAnswer = true;
      this.lastEvent = event;
      return;
    }
    const trimmed = text.trim();
    if (trimmed.startsWith(DONE)) {
      this.finished = true;
      this.terminated = true;
      this.lastEvent = event ?? DONE;
      return;
    }
    const whole = trimmed === '' ? {} : parsed(trimmed);
    if (whole !== undefined) this.addValue(whole, event);
    else if (/^[{[]/.test(trimmed)) this.#addIncomplete(trimmed, event, truncatedBy);
    else this.#addPlainText(trimmed, event);
  }

  /** Adds an error from a place that holds only errors, such as the field `error:` of an event. */
  addError(text: string): void {
    const value = parsed(text.trim());
    const members = asObject(value);
    const error =
      members !== undefined && Object.hasOwn(members, 'error') ? members['error'] : (value ?? text.trim());
    this.#addFault({ type: 'error', body: { error } });
    this.lastEvent = 'error';
  }

  #addFrame(value: unknown, event: string | undefined, isPartial: boolean): void {
    const members = asObject(value);
    if (members === undefined) return;
    const frame = readFrame(members, event, isPartial);
    if (frame.fault !== undefined && !(isPartial && frame.fault.type !== 'error'))
      this.#addFault(frame.fault);
    this.possibleError = frame.possibleError ?? this.possibleError;
    this.last = frame;
    this.response = frame.response ?? this.response;
    this.hasAnswer ||= frame.isAnswer;
    this.finished ||= frame.finished;
    this.terminated ||= frame.terminated;
    this.cancelled ||= frame.cancelled;
    this.lastEvent = frame.fault?.type === 'error' ? (event ?? 'error') : frame.name;
  }

  /** Reads lines of JSON, several values in one text, or the beginning of a value. */
  #addIncomplete(text: string, event: string | undefined, truncatedBy: TruncatedBy): void {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    if (lines.length > 1 && lines.every((line) => /^\s*[{[]/.test(line))) {
      for (const line of lines) this.addText(line, event, truncatedBy);
      return;
    }
    const { whole, rest } = valuesIn(text);
    for (const value of whole) this.addValue(value, event);
    if (rest !== '') this.#addFrame(parseTruncated(rest), event, truncatedBy === 'sender');
  }

  #addPlainText(text: string, event: string | undefined): void {
    if (isWebPage(text)) this.isPage = true;
    else if (event !== undefined && /^(?:[\w.-]{0,40}[._-])?(?:error|exception)$/i.test(event))
      this.#addFault({ type: 'error', body: { error: text === '' ? event : text } });
    else if (/\berror\b/i.test(text)) this.#addFault({ type: 'error', body: { error: withoutLabel(text) } });
    else return;
    this.lastEvent = event ?? 'error';
  }

  #addFault(fault: Fault): void {
    if (this.fault === undefined || (this.fault.type !== 'error' && fault.type === 'error'))
      this.fault = fault;
  }
}

/** A gateway may use this event name for its chunks. */
function isChunk(text: string): boolean {
  return Object.hasOwn(asObject(parsed(text)) ?? {}, 'choices');
}

export function isWebPage(text: string): boolean {
  return /^\s*<(?:!doctype html|html|head|body)\b/i.test(text.slice(0, 1_024));
}

/** Removes the label of `error: the engine stopped`. */
function withoutLabel(text: string): string {
  return text.replace(/^\W{0,3}error\W{0,3}[:=-]\s*/i, '');
}

/** Parses truncated JSON including its truncated last string, which may be the message of an error. */
function parseTruncated(text: string): unknown {
  return parseJsonPrefix(`${text.replace(/\\(?:u[\da-f]{0,3})?$/i, '')}"`) ?? parseJsonPrefix(text);
}

/** Splits a text into consecutive JSON values and the rest, the beginning of an incomplete value. */
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
