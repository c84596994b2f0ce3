import type { Attributes } from '@opentelemetry/api';
import { headerRedactor } from '../redact/headers.js';
import { redactText } from '../redact/text.js';
import { urlRedactor } from '../redact/url.js';

/** What every value passes before it becomes part of a span. */
export interface Redaction {
  header(lowerCaseName: string, value: string): string;
  url(url: string): string;
  text(text: string): string;
}

export function createRedaction(options: {
  readonly redactHeaders: readonly string[];
  readonly redactQuery: readonly string[];
}): Redaction {
  return {
    header: headerRedactor({ headers: options.redactHeaders }),
    url: urlRedactor({ query: options.redactQuery }),
    text: redactText,
  };
}

/** Leaves out what is not known, and passes every text through the redactor. */
export function redacted(redaction: Redaction, attributes: Attributes): Attributes {
  const kept: Attributes = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null) continue;
    if (typeof value === 'string') kept[name] = redaction.text(value);
    else if (Array.isArray(value)) kept[name] = redactedList(redaction, value);
    else kept[name] = value;
  }
  return kept;
}

function redactedList(redaction: Redaction, values: readonly unknown[]): string[] | number[] | boolean[] {
  return values.map((value) => (typeof value === 'string' ? redaction.text(value) : value)) as string[];
}
