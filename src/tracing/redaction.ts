import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type { RawBodies } from '../config/options.js';
import type { RedactionConfig } from '../config/structured-options.js';
import type { Conventions } from '../conventions.js';
import type { ErrorText } from '../error/index.js';
import { memoize } from '../memoize.js';
import { type Body, bodyRedactor } from '../redact/body.js';
import { ownRules, redactText } from '../redact/text.js';
import { headerRedactor, urlRedactor } from '../redact/url.js';
import * as semconv from '../semconv.js';
import type { Capture } from '../types.js';
import { JSON_ATTRIBUTES, limitValue } from './bounded-attributes.js';

/**
 * Redacts each value before it becomes part of a span. `where` is the attribute's name, `span.name` or `span.status`.
 */
export interface Redaction {
  header(lowerCaseName: string, value: string, where: string): string;
  /** The result must still be redacted by `text`. */
  url(url: string): string;
  text(text: string, where: string): string;
  body(body: Body, where: string): string;
  /** Truncates a value that is too long. Returns `undefined` if it cannot be truncated. */
  limit(text: string, where: string): string | undefined;
  errorText(capture: Capture): ErrorText;
  /** Whether full capture includes what people and models wrote. */
  readonly content: boolean;
  readonly rawBodies: RawBodies;
  readonly conventions: Conventions;
}

export interface RedactionOptions extends RedactionConfig {
  readonly errorText: ErrorText;
  readonly captureContent: boolean;
  readonly rawBodies: RawBodies;
  readonly maxValueLength: number;
  readonly conventions: Conventions;
}

export function createRedaction(options: RedactionOptions): Redaction {
  const own = ownRules({ patterns: options.redactPatterns, redact: options.redact });
  const header = headerRedactor({ headers: options.redactHeaders, except: options.redactExcept });
  const body = bodyRedactor({ keys: options.redactKeys, except: options.redactExcept });
  return {
    header: (name, value, where) => own(header(name, value), where),
    url: memoizedUrls(urlRedactor({ query: options.redactQuery })),
    text: (text, where) => own(redactText(text), where),
    body: (one, where) => own(body(one), where),
    limit: (text, where) => limitValue(text, where, options.maxValueLength),
    errorText: (capture) => (capture === 'full' && options.captureContent ? 'full' : options.errorText),
    content: options.captureContent,
    rawBodies: options.rawBodies,
    conventions: options.conventions,
  };
}

/** Most calls use the same few URLs. A URL with a query or user info may hold a secret and is not cached. */
function memoizedUrls(redact: (url: string) => string): (url: string) => string {
  const known = memoize(redact, URL_LENGTH);
  return (url) => (/[?@]/.test(url) ? redact(url) : known(url));
}

const URL_LENGTH = 256;

/** Attributes with fixed values of this package, which a sampler may compare. They need no redaction. */
const FIXED_VALUES: ReadonlySet<string> = new Set([
  semconv.ATTR_CHATDEBUG_ATTEMPT_STATUS,
  semconv.ATTR_CHATDEBUG_CAPTURE,
  semconv.ATTR_CHATDEBUG_ERROR_FINGERPRINT,
  semconv.ATTR_CHATDEBUG_ERROR_KIND,
  semconv.ATTR_CHATDEBUG_RUN_STATUS,
  semconv.ATTR_CHATDEBUG_STEP_OPERATION,
  semconv.ATTR_CHATDEBUG_STEP_STATUS,
  semconv.ATTR_GEN_AI_OPERATION_NAME,
]);

/** Collects attributes: drops unknown values and redacts every string. */
export class RedactedAttributes {
  readonly all: Attributes = {};

  constructor(private readonly redaction: Redaction) {}

  add(name: string, value: AttributeValue | null | undefined): void {
    if (value === undefined || value === null) return;
    if (typeof value === 'string') {
      const text = FIXED_VALUES.has(name) ? value : this.#text(value, name);
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

export function redacted(redaction: Redaction, attributes: Attributes): Attributes {
  const written = new RedactedAttributes(redaction);
  written.addAll(attributes);
  return written.all;
}

/** JSON is redacted by its keys too, like the body that it comes from. */
function redactedText(redaction: Redaction, text: string, name: string): string {
  if (JSON_ATTRIBUTES.has(name)) {
    return redaction.body({ text, contentType: 'application/json', truncated: false }, name);
  }
  if (name !== semconv.ATTR_CHATDEBUG_STREAM_LAST_ERROR) return redaction.text(text, name);
  return redaction.body({ text, contentType: undefined, truncated: false }, name);
}
