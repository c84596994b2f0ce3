import { attachedTo } from './attach.js';
import { bounded, MAX_TEXT } from './bounded.js';
import { unwrap } from './embedded.js';
import type { Evidence } from './evidence.js';
import type { HeaderReader } from './header.js';
import { isObject } from './read.js';
import { errorStatus, statusInText } from './status.js';
import type { AttachedClassification } from './types.js';

/** Takes from one object what it says. */
export type NodeReader = (node: object, findings: Findings) => void;

const MAX_CODE = 100;

/** Evidence while it is collected. What comes first stands; text is taken until 64 KiB are used up. */
export class Findings {
  attached: AttachedClassification | undefined;
  systemCode: string | undefined;
  exceptionType: string | undefined;
  requestId: string | undefined;
  headers: HeaderReader | undefined;
  url: string | undefined;

  #status: number | undefined;
  #text = '';
  #room = MAX_TEXT;
  #called: string | undefined;
  readonly #codes = new Set<string>();
  readonly #said: string[] = [];
  readonly #answered: string[] = [];
  readonly #seen = new Set<object>();
  readonly #queue: { readonly node: object; readonly reader: NodeReader }[] = [];
  #position = 0;

  /** Has `reader` read the object later, unless it was seen. */
  follow(node: unknown, reader: NodeReader): void {
    if (!isObject(node) || this.#seen.has(node)) return;
    this.#seen.add(node);
    this.attached ??= attachedTo(node);
    this.#queue.push({ node, reader });
  }

  next(): { readonly node: object; readonly reader: NodeReader } | undefined {
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
    else if (typeof value === 'string' && value !== '' && value.length <= MAX_CODE) {
      const code = value.slice(value.indexOf('#') + 1).replace(/:.*/s, '');
      this.#codes.add(code.toLowerCase());
      return code;
    }
    return undefined;
  }

  request(id: unknown): void {
    if (typeof id === 'string' && id !== '') this.requestId ??= id;
  }

  /** What the provider calls the error; the first that is one wins. */
  called(...candidates: readonly (string | undefined)[]): void {
    this.#called ??= candidates.find((candidate) => candidate !== undefined);
  }

  /** The words of an exception. */
  say(message: string, isEvidence: boolean): NodeWords {
    return this.#take(message, this.#said, isEvidence);
  }

  /** The words of a body. */
  answer(message: string): NodeWords {
    return this.#take(message, this.#answered, true);
  }

  #take(message: string, list: string[], isEvidence: boolean): NodeWords {
    const looked = bounded(message, this.#room);
    this.#room -= looked.length;
    const { words, json } = unwrap(looked);
    if (words !== '') {
      list.push(words);
      if (isEvidence) this.#text += `${words.toLowerCase()}\n`;
    }
    return { json: isEvidence ? json : undefined };
  }

  settle(): Evidence {
    return {
      attached: this.attached,
      status: this.#status,
      textStatus: this.#status === undefined ? statusInText(this.#text) : undefined,
      codes: this.#codes,
      text: this.#text,
      said: this.#said,
      answered: this.#answered,
      providerCode: this.#called,
      systemCode: this.systemCode,
      exceptionType: this.exceptionType,
      requestId: this.requestId,
      headers: this.headers,
      url: this.url,
    };
  }
}

interface NodeWords {
  readonly json: object | undefined;
}
