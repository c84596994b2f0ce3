import { contentKind } from '../content-kind.js';
import { remembered } from '../remembered.js';
import type { Place } from '../repeated-json.js';
import { redactForm } from './form.js';
import { redactJson } from './json.js';
import { mayBeJson } from './json-strings.js';
import { mayBeMedia } from './media.js';
import { type Body, redactMultipart, sizeNote } from './multipart.js';
import { isSecretKeyName, isSecretQueryName, keyName, queryName, REDACTED } from './names.js';
import { redactNdjson } from './ndjson.js';
import type { PartRules } from './part-rules.js';
import { redactSse } from './sse.js';
import { keyReader, stringRedactor } from './strings.js';
import { suspicionOf } from './suspicion.js';
import { ANY_KIND, NO_KIND, possibleKinds, redactKinds } from './text.js';

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
  const redactString = stringRedactor(readKey);
  const holds = remembered((name) => readKey(JSON.stringify(name).slice(1, -1)).holds);
  return redactBody;

  function isHarmless({ path, begin, end, isEscaped }: Place, text: string): boolean {
    const name = path.at(-1);
    const held = typeof name === 'string' ? holds(name) : 'any';
    if (isEscaped || held === 'secret' || held === 'token') return false;
    if (mayBeMedia(end - begin, held === 'media') || mayBeJson(text, begin)) return false;
    const kinds = possibleKinds(text, begin, end);
    if (kinds === NO_KIND) return true;
    const string = text.slice(begin, end);
    return redactKinds(string, kinds) === string;
  }

  function redactBody(body: Body): string {
    return redactByKind(body, rulesFor(body.text), redactBody);
  }

  function rulesFor(body: string): PartRules {
    const suspicion = suspicionOf(body);
    return {
      redactJson: (text, cut, at) =>
        redactJson(
          text,
          cut ? 'cut' : 'whole',
          { readKey, redactString },
          at === undefined ? suspicionOf(text) : (start, end) => suspicion(at + start, at + end),
        ),
      redactString: (text, cut) => redactString(text, { named: false, cut, kinds: ANY_KIND }),
      isHarmless,
      isSecretField,
    };
  }
}

function redactByKind(body: Body, rules: PartRules, redactBody: (body: Body) => string): string {
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
      return redactMultipart(body, rules, (part) => redactPart(part, redactBody)) ?? sizeNote(body);
    case 'text':
      return redactUnknownText(body, rules);
    case 'binary':
      return sizeNote(body);
  }
}

function redactWholeJson({ text, truncated }: Body, rules: PartRules): string {
  return text.trim() === '' ? text : (rules.redactJson(text, truncated, 0) ?? REDACTED);
}

/** A part in parts: no client of a model writes one. */
function redactPart(part: Body, redactBody: (body: Body) => string): string {
  return contentKind(part.contentType) === 'multipart' ? sizeNote(part) : redactBody(part);
}

/** Servers call anything text. */
function redactUnknownText({ text, truncated }: Body, rules: PartRules): string {
  if (STARTS_AS_SSE.test(text)) return redactSse(text, truncated, rules);
  const lines = STARTS_AS_JSON.test(text) ? redactNdjson(text, truncated, rules) : undefined;
  return lines ?? rules.redactString(text, truncated);
}
