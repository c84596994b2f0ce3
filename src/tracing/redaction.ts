import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type { RedactionConfig } from '../config/redaction.js';
import type { ErrorText } from '../error/index.js';
import { bodyRedactor } from '../redact/body.js';
import { headerRedactor } from '../redact/headers.js';
import type { Body } from '../redact/multipart.js';
import { ownRules } from '../redact/own-rules.js';
import { redactText } from '../redact/text.js';
import { urlRedactor } from '../redact/url.js';
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
}

export interface RedactionOptions extends RedactionConfig {
  readonly errorText: ErrorText;
  readonly captureContent: boolean;
  readonly maxValueLength: number;
}

export function createRedaction(options: RedactionOptions): Redaction {
  const own = ownRules({ patterns: options.redactPatterns, redact: options.redact });
  const header = headerRedactor({ headers: options.redactHeaders, except: options.redactExcept });
  const body = bodyRedactor({ keys: options.redactKeys, except: options.redactExcept });
  return {
    header: (name, value, where) => own(header(name, value), where),
    url: urlRedactor({ query: options.redactQuery }),
    text: (text, where) => own(redactText(text), where),
    body: (one, where) => own(body(one), where),
    limit: (text, where) => limitValue(text, where, options.maxValueLength),
    errorText: (capture) => (capture === 'full' && options.captureContent ? 'full' : options.errorText),
    content: options.captureContent,
  };
}

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

/** Leaves out what is not known, and passes every text through the redactor. */
export function redacted(redaction: Redaction, attributes: Attributes): Attributes {
  const kept: Attributes = {};
  for (const name of Object.keys(attributes)) {
    const value = attributes[name];
    if (value === undefined || value === null) continue;
    const written = OWN_WORDS.has(name) ? value : redactedValue(redaction, value, name);
    if (written !== undefined) kept[name] = written;
  }
  return kept;
}

function redactedValue(
  redaction: Redaction,
  value: AttributeValue,
  name: string,
): AttributeValue | undefined {
  const text = (one: string) => redaction.limit(redactedText(redaction, one, name), name);
  if (typeof value === 'string') return text(value);
  if (!Array.isArray(value)) return value;
  return value.map((one) => (typeof one === 'string' ? text(one) : one)) as string[];
}

/** What is JSON is redacted by its keys as well, as the body that it was read from. */
function redactedText(redaction: Redaction, text: string, name: string): string {
  if (JSON_ATTRIBUTES.has(name)) {
    return redaction.body({ text, contentType: 'application/json', truncated: false }, name);
  }
  if (name !== semconv.ATTR_CHATDEBUG_STREAM_LAST_ERROR) return redaction.text(text, name);
  return redaction.body({ text, contentType: undefined, truncated: false }, name);
}
