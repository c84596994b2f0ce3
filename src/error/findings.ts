import { attachedTo } from './attach.js';
import { REFUSED_CODES } from './codes.js';
import {
  bounded,
  MAX_TEXT,
  statusInText,
  tellsOfRefusal,
  unwrap,
  withoutLinks,
  withoutNames,
} from './text.js';
import type { AttachedClassification, Evidence } from './types.js';
import { errorStatus, type HeaderReader, isObject } from './values.js';

/** Takes from one object what it says. */
export type NodeReader = (node: object, findings: Findings) => void;

interface Node {
  readonly node: object;
  readonly reader: NodeReader;
}

const MAX_CODE = 100;
const REFUSALS: ReadonlySet<number> = new Set([400, 404, 405, 409, 413, 415, 422]);
/** Refusals for another reason than the request itself: they too may name parts of it. */
const NAME_PARTS: ReadonlySet<number> = new Set([...REFUSALS, 401, 403]);
/** A problem's type (RFC 9457) and the like: links are no evidence. */
const URI = /^(?:https?|urn|tag|about):/i;
/** How a gateway says in a text that it has a provider switched off: with its code, and behind it the words. */
const DISABLED = /(?:^|[\s:])provider_disabled(?::\s?|\s*$)/i;

/** Evidence while it is collected. What comes first stands; text is taken until 64 KiB are used up. */
export class Findings {
  attached: AttachedClassification | undefined;
  systemCode: string | undefined;
  exceptionType: string | undefined;
  requestId: string | undefined;
  headers: HeaderReader | undefined;
  url: string | undefined;

  #status: number | undefined;
  #words = '';
  #room = MAX_TEXT;
  #page: string | undefined;
  readonly #called: string[] = [];
  readonly #codes = new Set<string>();
  readonly #said: string[] = [];
  readonly #answered: string[] = [];
  readonly #seen = new Set<object>();
  readonly #queue: Node[] = [];
  #position = 0;

  /** Has `reader` read the object later, unless it was seen. */
  follow(node: unknown, reader: NodeReader): void {
    if (this.#see(node)) this.#queue.push({ node, reader });
  }

  /** Has `reader` read `first` next, if it was not seen, and `then` the object that holds it. */
  followFirst(first: object, reader: NodeReader, then: Node): void {
    if (this.#see(first)) this.#queue.splice(this.#position, 0, { node: first, reader }, then);
    else this.#queue.splice(this.#position, 0, then);
  }

  #see(node: unknown): node is object {
    if (!isObject(node) || this.#seen.has(node)) return false;
    this.#seen.add(node);
    this.attached ??= attachedTo(node);
    return true;
  }

  next(): Node | undefined {
    const next = this.#queue[this.#position];
    this.#position += 1;
    return next;
  }

  status(value: unknown): void {
    this.#status ??= errorStatus(value);
  }

  /** A code, type or name; a status in digits or as a number is a status. AWS wraps its own: `com.x#Code:url`. */
  code(value: unknown): string | undefined {
    if (typeof value === 'number' || errorStatus(value) !== undefined) this.status(value);
    else if (typeof value === 'string' && value !== '' && value.length <= MAX_CODE && !URI.test(value)) {
      const code = value.slice(value.indexOf('#') + 1).replace(/:.*/s, '');
      this.#codes.add(code.toLowerCase());
      return code;
    }
    return undefined;
  }

  request(id: unknown): void {
    if (typeof id === 'string' && id !== '') this.requestId ??= id;
  }

  /** What the provider calls the error, the most exact first. */
  called(...candidates: readonly (string | undefined)[]): void {
    for (const candidate of candidates) if (candidate !== undefined) this.#called.push(candidate);
  }

  /** The words of an exception. Where they are no evidence they are only shown. */
  say(message: string, isEvidence: boolean): object | undefined {
    const { words, json } = this.#take(message, isEvidence);
    if (words !== '') this.#said.push(words);
    return isEvidence ? json : undefined;
  }

  /** The words of a body, or of a part of it. */
  answer(message: string): object | undefined {
    const { words, json } = this.#take(message, true);
    if (words !== '') this.#answered.push(words);
    return json;
  }

  /** A body as it was sent: what stands around JSON is not the answer. */
  body(text: string): object | undefined {
    const { words, json } = this.#take(unquoted(text), true);
    if (words !== '') this.#page ??= words;
    return json;
  }

  #take(message: string, isEvidence: boolean): ReturnType<typeof unwrap> {
    const looked = bounded(message, this.#room);
    this.#room -= looked.length;
    const { words, json } = unwrap(looked);
    if (!isEvidence) return { words, json };
    this.#words += `${words.toLowerCase()}\n`;
    const disabled = words.includes('provider_disabled') ? DISABLED.exec(words) : null;
    if (disabled === null) return { words, json };
    this.called(this.code('provider_disabled'));
    return { words: words.slice(disabled.index + disabled[0].length) || words, json };
  }

  settle(): Evidence {
    const words = this.#words;
    const text = withoutLinks(words);
    const textStatus = this.#status === undefined ? statusInText(text) : undefined;
    const tells = tellsOfRefusal(text);
    const refused =
      this.#status === undefined
        ? textStatus === undefined && (tells || REFUSED_CODES.some((code) => this.#codes.has(code)))
        : REFUSALS.has(this.#status);
    return {
      attached: this.attached,
      status: this.#status,
      textStatus,
      refused,
      codes: this.#codes,
      words,
      text: refused || tells || NAME_PARTS.has(this.#status ?? 0) ? withoutNames(text) : text,
      said: this.#said,
      answered: this.#answered,
      page: this.#page,
      providerCodes: this.#called,
      systemCode: this.systemCode,
      exceptionType: this.exceptionType,
      requestId: this.requestId,
      headers: this.headers,
      url: this.url,
    };
  }
}

/** A body that is JSON and nothing but a text. */
function unquoted(body: string): string {
  if (!body.startsWith('"')) return body;
  try {
    return String(JSON.parse(body));
  } catch {
    return body;
  }
}
