import { contentKind } from '../content-kind.js';
import { Batch } from './batch.js';
import { redactForm } from './form.js';
import { redactJson } from './json.js';
import { keyReader } from './keys.js';
import { type Body, redactMultipart, sizeNote } from './multipart.js';
import { isSecretKeyName, isSecretQueryName, keyName, queryName, REDACTED } from './names.js';
import { redactNdjson } from './ndjson.js';
import type { PartRules } from './part-rules.js';
import { redactSse } from './sse.js';
import { stringRedactor } from './strings.js';

export interface BodyRedactorOptions {
  /** Names of members, form fields and parts whose values are secret too, in any case and spelling. */
  readonly keys?: readonly string[];
  /** Names that say nothing, whatever else may hold of them. */
  readonly except?: readonly string[];
}

const STARTS_AS_JSON = /^\s*[{[]/;
const STARTS_AS_SSE = /^(?:(?:event|id|retry)?:[^\n]{0,200}\n){0,4}data:/;

/**
 * Returns the function that takes the text of a body and gives it as it may be recorded, by what its content type
 * says it is and what it then turns out to be. JSON loses the values of members whose name says that they are
 * secret; JSON that is none, or several values in one, is replaced whole; so is a body that was cut, but for what
 * of it can be read safely. NDJSON, event streams, forms and multipart bodies lose the same, part by part. All
 * strings and texts pass `redactText`; the contents of files are replaced by their type and size. What holds no
 * secret stays byte for byte. Linear in the length, without recursion over it; never throws.
 * ("Redaction" in the reference, and beyond.)
 */
export function bodyRedactor({ keys = [], except = [] }: BodyRedactorOptions = {}): (body: Body) => string {
  const own = new Set(keys.map(keyName));
  const not = new Set(except.map(keyName));
  const isSecret = (name: string) => !not.has(name) && (own.has(name) || isSecretKeyName(name));
  const isSecretField = (name: string) => {
    const key = keyName(name);
    return isSecret(key) || (!not.has(key) && isSecretQueryName(queryName(name)));
  };
  const readKey = keyReader(isSecret);
  const redactBody = (body: Body, plain: (text: string) => string) => {
    const redactString = stringRedactor(readKey, plain);
    const rules: PartRules = {
      redactJson: (text, cut) => redactJson(text, cut ? 'cut' : 'whole', { readKey, redactString }),
      redactString: (text, cut) => redactString(text, { named: false, cut }),
      isSecretField,
    };
    return redactByKind(body, rules);
  };
  return (body) => {
    const batch = new Batch();
    const collected = redactBody(body, batch.collect);
    return batch.redact() ? redactBody(body, batch.give) : collected;
  };
}

function redactByKind(body: Body, rules: PartRules): string {
  const { text, truncated } = body;
  const kind = contentKind(body.contentType);
  switch (kind) {
    case 'json':
      return redactWholeJson(body, rules);
    case 'ndjson':
      return redactNdjson(text, truncated, rules, REDACTED) ?? REDACTED;
    case 'sse':
    case 'form': {
      // Errors come as JSON whatever was asked for, and `curl -d` says "form" of anything.
      if (STARTS_AS_JSON.test(text)) return redactWholeJson(body, rules);
      return (kind === 'sse' ? redactSse : redactForm)(text, truncated, rules);
    }
    case 'multipart':
      return redactMultipart(body, rules, (part) => redactPart(part, rules)) ?? sizeNote(body);
    case 'text':
      return redactUnknownText(body, rules);
    case 'binary':
      return sizeNote(body);
  }
}

function redactWholeJson({ text, truncated }: Body, rules: PartRules): string {
  return text.trim() === '' ? text : (rules.redactJson(text, truncated) ?? REDACTED);
}

/** A part in parts: no client of a model writes one. */
function redactPart(part: Body, rules: PartRules): string {
  return contentKind(part.contentType) === 'multipart' ? sizeNote(part) : redactByKind(part, rules);
}

/** Servers call anything text. */
function redactUnknownText({ text, truncated }: Body, rules: PartRules): string {
  if (STARTS_AS_SSE.test(text)) return redactSse(text, truncated, rules);
  const lines = STARTS_AS_JSON.test(text) ? redactNdjson(text, truncated, rules) : undefined;
  return lines ?? rules.redactString(text, truncated);
}
