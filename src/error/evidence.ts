import { REJECTED_CODES } from './codes.js';
import { clean, errorName, identifier, MAX_DETAIL, MAX_ID } from './detail.js';
import { type AttachedClassification, type Classification, type Evidence, errorKind } from './kinds.js';
import {
  MAX_TEXT,
  reportsRejection,
  statusInText,
  truncated,
  unwrap,
  withoutLinks,
  withoutRequestNames,
} from './text.js';
import { errorStatus, type HeaderReader, isObject, read } from './values.js';

/** Adds the evidence of one object to the findings. */
type NodeReader = (node: object, evidence: EvidenceCollector) => void;

interface Node {
  readonly node: object;
  readonly reader: NodeReader;
}

const MAX_CODE = 100;
const REJECTIONS: ReadonlySet<number> = new Set([400, 404, 405, 409, 413, 415, 422]);
/** Statuses whose messages may name parts of the request. */
const NAMES_REQUEST_PARTS: ReadonlySet<number> = new Set([...REJECTIONS, 401, 403]);
/** URIs, such as the `type` of a problem (RFC 9457), are not evidence. */
const URI = /^(?:https?|urn|tag|about):/i;
/** A gateway's text for a disabled provider: the code, followed by a message. */
const DISABLED_TEXT = /(?:^|[\s:])provider_disabled(?::\s?|\s*$)/i;

/** Collects evidence. The first value of a field is kept. Text is limited to 64 KiB in total. */
export class EvidenceCollector {
  attached: AttachedClassification | undefined;
  systemCode: string | undefined;
  exceptionType: string | undefined;
  requestId: string | undefined;
  headers: HeaderReader | undefined;
  url: string | undefined;

  #status: number | undefined;
  #text = '';
  #remaining = MAX_TEXT;
  #bodyText: string | undefined;
  readonly #providerCodes: string[] = [];
  readonly #codes = new Set<string>();
  readonly #messages: string[] = [];
  readonly #bodyMessages: string[] = [];
  readonly #seen = new Set<object>();
  readonly #queue: Node[] = [];
  #position = 0;

  /** Queues an object for `reader`, unless it was seen before. */
  enqueue(node: unknown, reader: NodeReader): void {
    if (this.#see(node)) this.#queue.push({ node, reader });
  }

  /** Reads `first` next, unless it was seen before, followed by `then`, the object that contains it. */
  enqueueNext(first: object, reader: NodeReader, then: Node): void {
    if (this.#see(first)) this.#queue.splice(this.#position, 0, { node: first, reader }, then);
    else this.#queue.splice(this.#position, 0, then);
  }

  #see(node: unknown): node is object {
    if (!isObject(node) || this.#seen.has(node)) return false;
    this.#seen.add(node);
    this.attached ??= attachedClassification(node);
    return true;
  }

  next(): Node | undefined {
    const next = this.#queue[this.#position];
    this.#position += 1;
    return next;
  }

  addStatus(value: unknown): void {
    this.#status ??= errorStatus(value);
  }

  /**
   * Adds a code, type or name. A status, as a number or in digits, counts as the status. Unwraps AWS codes
   * (`com.x#Code:url`).
   */
  addCode(value: unknown): string | undefined {
    if (typeof value === 'number' || errorStatus(value) !== undefined) this.addStatus(value);
    else if (typeof value === 'string' && value !== '' && value.length <= MAX_CODE && !URI.test(value)) {
      const code = value.slice(value.indexOf('#') + 1).replace(/:.*/s, '');
      this.#codes.add(code.toLowerCase());
      return code;
    }
    return undefined;
  }

  addRequestId(id: unknown): void {
    if (typeof id === 'string' && id !== '') this.requestId ??= id;
  }

  /** Adds the provider's names of the error, most specific first. */
  addProviderCodes(...candidates: readonly (string | undefined)[]): void {
    for (const candidate of candidates) if (candidate !== undefined) this.#providerCodes.push(candidate);
  }

  /** Adds the message of an exception. If it is not evidence, it only appears in the detail. */
  addMessage(message: string, isEvidence: boolean): object | undefined {
    const { words, json } = this.#take(message, isEvidence);
    if (words !== '') this.#messages.push(words);
    return isEvidence ? json : undefined;
  }

  addBodyMessage(message: string): object | undefined {
    const { words, json } = this.#take(message, true);
    if (words !== '') this.#bodyMessages.push(words);
    return json;
  }

  /** Adds the raw text of a body. Text around JSON is not a message of the provider. */
  addBodyText(text: string): object | undefined {
    const { words, json } = this.#take(unquoted(text), true);
    if (words !== '') this.#bodyText ??= words;
    return json;
  }

  #take(message: string, isEvidence: boolean): ReturnType<typeof unwrap> {
    const kept = truncated(message, this.#remaining);
    this.#remaining -= kept.length;
    const { words, json } = unwrap(kept);
    if (!isEvidence) return { words, json };
    this.#text += `${words.toLowerCase()}\n`;
    const disabled = words.includes('provider_disabled') ? DISABLED_TEXT.exec(words) : null;
    if (disabled === null) return { words, json };
    this.addProviderCodes(this.addCode('provider_disabled'));
    return { words: words.slice(disabled.index + disabled[0].length) || words, json };
  }

  build(): Evidence {
    const fullText = this.#text;
    const text = withoutLinks(fullText);
    const textStatus = this.#status === undefined ? statusInText(text) : undefined;
    const isRejection = reportsRejection(text);
    const rejected =
      this.#status === undefined
        ? textStatus === undefined && (isRejection || REJECTED_CODES.some((code) => this.#codes.has(code)))
        : REJECTIONS.has(this.#status);
    return {
      attached: this.attached,
      status: this.#status,
      textStatus,
      rejected,
      codes: this.#codes,
      fullText,
      text:
        rejected || isRejection || NAMES_REQUEST_PARTS.has(this.#status ?? 0)
          ? withoutRequestNames(text)
          : text,
      messages: this.#messages,
      bodyMessages: this.#bodyMessages,
      bodyText: this.#bodyText,
      providerCodes: this.#providerCodes,
      systemCode: this.systemCode,
      exceptionType: this.exceptionType,
      requestId: this.requestId,
      headers: this.headers,
      url: this.url,
    };
  }
}

function unquoted(body: string): string {
  if (!body.startsWith('"')) return body;
  try {
    return String(JSON.parse(body));
  } catch {
    return body;
  }
}

/** Versioned by the shape of the table, not by the package. */
const KEY = Symbol.for('opentelemetry-instrumentation-chatdebug.classifications.v1');

/** The maximum number of causes. Higher than the limit of the rules, since this loop collects no evidence. */
const MAX_DEPTH = 131_072;

/** See `attachClassification` of `index.ts`. */
export function attachClassification<E>(error: E, classification: AttachedClassification): E {
  if (isObject(error)) attachedTable().set(error, { ...classification });
  return error;
}

function attachedClassification(error: object): AttachedClassification | undefined {
  return attachedTable().get(error);
}

export function attachedInCauses(error: object): AttachedClassification | undefined {
  const table = attachedTable();
  let current: unknown = error;
  for (let depth = 0; depth < MAX_DEPTH && isObject(current); depth += 1) {
    const found = table.get(current);
    if (found !== undefined) return found;
    current = read(current, 'cause');
  }
  return undefined;
}

type Table = WeakMap<object, AttachedClassification>;

/** Global to the process, since bundlers may load this package more than once. */
function attachedTable(): Table {
  const holder = globalThis as { [KEY]?: Table };
  holder[KEY] ??= new WeakMap();
  return holder[KEY];
}

type Overrides = { -readonly [K in keyof Classification]?: NonNullable<Classification[K]> };

/** The valid fields of an attached classification, with secrets redacted. */
export function validOverrides(attached: AttachedClassification): Overrides {
  const { kind, message, detail, provider, retryable, statusCode, retryAfterMillis, chainBroken } = attached;
  const overrides: Overrides = {};
  const set = <K extends keyof Overrides>(key: K, value: Overrides[K] | undefined) => {
    if (value !== undefined && value !== '') overrides[key] = value;
  };
  set('kind', errorKind(kind));
  set('message', cleanText(message, MAX_DETAIL));
  set('detail', cleanText(detail, MAX_DETAIL));
  set('provider', cleanText(provider, 100));
  set('retryable', typeof retryable === 'boolean' ? retryable : undefined);
  set('statusCode', errorStatus(statusCode));
  set('retryAfterMillis', isDelay(retryAfterMillis) ? retryAfterMillis : undefined);
  set('chainBroken', typeof chainBroken === 'boolean' ? chainBroken : undefined);
  set('requestId', identifier(attached.requestId, MAX_ID));
  set('exceptionType', errorName(attached.exceptionType));
  set('errorType', errorName(attached.errorType));
  return overrides;
}

function cleanText(value: unknown, max: number): string | undefined {
  return typeof value === 'string' ? clean(value, max) : undefined;
}

function isDelay(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}
