import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type { RawBodies } from '../config/options.js';
import type { RedactionConfig } from '../config/redaction.js';
import type { ErrorText } from '../error/index.js';
import { bodyRedactor } from '../redact/body.js';
import { headerRedactor } from '../redact/headers.js';
import type { Body } from '../redact/multipart.js';
import { ownRules } from '../redact/own-rules.js';
import { redactText } from '../redact/text.js';
import { urlRedactor } from '../redact/url.js';
import { remembered } from '../remembered.js';
import * as semconv from '../semconv.js';
import type { Capture } from '../types.js';
import { JSON_ATTRIBUTES, limitValue } from './value-limit.js';

/**
 * What every value passes before it becomes part of a span; `where` is its attribute's name, or `span.name` or
 * `span.status`.
 */
export interface Redaction {
  header(lowerCaseName: string, value: string, where: string): string;
  /** For what then still passes `text`. */
  url(url: string): string;
  text(text: string, where: string): string;
  body(body: Body, where: string): string;
  /** Cuts what is longer than a value may be; `undefined` where it can't be cut. */
  limit(text: string, where: string): string | undefined;
  /** How the words of an error are written in this capture. */
  errorText(capture: Capture): ErrorText;
  /** Whether full capture has what people and models wrote. */
  readonly content: boolean;
  /** Whose bodies full capture has as they came. */
  readonly rawBodies: RawBodies;
}

export interface RedactionOptions extends RedactionConfig {
  readonly errorText: ErrorText;
  readonly captureContent: boolean;
  readonly rawBodies: RawBodies;
  readonly maxValueLength: number;
}

export function createRedaction(options: RedactionOptions): Redaction {
  const own = ownRules({ patterns: options.redactPatterns, redact: options.redact });
  const header = headerRedactor({ headers: options.redactHeaders, except: options.redactExcept });
  const body = bodyRedactor({ keys: options.redactKeys, except: options.redactExcept });
  return {
    header: (name, value, where) => own(header(name, value), where),
    url: rememberedUrls(urlRedactor({ query: options.redactQuery })),
    text: (text, where) => own(redactText(text), where),
    body: (one, where) => own(body(one), where),
    limit: (text, where) => limitValue(text, where, options.maxValueLength),
    errorText: (capture) => (capture === 'full' && options.captureContent ? 'full' : options.errorText),
    content: options.captureContent,
    rawBodies: options.rawBodies,
  };
}

/** Calls go to the same few URLs. What has a query or user info may hold a secret, and is not remembered. */
function rememberedUrls(redact: (url: string) => string): (url: string) => string {
  const known = remembered(redact, URL_LENGTH);
  return (url) => (/[?@]/.test(url) ? redact(url) : known(url));
}

const URL_LENGTH = 256;

/** One of a few words of this package's own, which a sampler may be looking for. */
const OWN_WORDS: ReadonlySet<string> = new Set([
  semconv.ATTR_CHATDEBUG_ATTEMPT_STATUS,
  semconv.ATTR_CHATDEBUG_CAPTURE,
  semconv.ATTR_CHATDEBUG_ERROR_FINGERPRINT,
  semconv.ATTR_CHATDEBUG_ERROR_KIND,
  semconv.ATTR_CHATDEBUG_RUN_STATUS,
  semconv.ATTR_CHATDEBUG_STEP_OPERATION,
  semconv.ATTR_CHATDEBUG_STEP_STATUS,
  semconv.ATTR_GEN_AI_OPERATION_NAME,
]);

/**
 * Attributes while they are put together, in the form in which they are written: what is not known is left out, and
 * every text passes the redactor.
 */
export class RedactedAttributes {
  readonly all: Attributes = {};

  constructor(private readonly redaction: Redaction) {}

  add(name: string, value: AttributeValue | null | undefined): void {
    if (value === undefined || value === null) return;
    if (typeof value === 'string') {
      const text = OWN_WORDS.has(name) ? value : this.#text(value, name);
      if (text !== undefined) this.all[name] = text;
    } else {
      this.all[name] = Array.isArray(value) ? this.#list(value, name) : value;
    }
  }

  addAll(attributes: Attributes): void {
    for (const name of Object.keys(attributes)) this.add(name, attributes[name]);
  }

  #text(text: string, name: string): string | undefined {
    return this.redaction.limit(redactedText(this.redaction, text, name), name);
  }

  #list(values: readonly unknown[], name: string): string[] {
    return values.map((one) => (typeof one === 'string' ? this.#text(one, name) : one)) as string[];
  }
}

/** Leaves out what is not known, and passes every text through the redactor. */
export function redacted(redaction: Redaction, attributes: Attributes): Attributes {
  const written = new RedactedAttributes(redaction);
  written.addAll(attributes);
  return written.all;
}

/** What is JSON is redacted by its keys as well, as the body that it was read from. */
function redactedText(redaction: Redaction, text: string, name: string): string {
  if (JSON_ATTRIBUTES.has(name)) {
    return redaction.body({ text, contentType: 'application/json', truncated: false }, name);
  }
  if (name !== semconv.ATTR_CHATDEBUG_STREAM_LAST_ERROR) return redaction.text(text, name);
  return redaction.body({ text, contentType: undefined, truncated: false }, name);
}
