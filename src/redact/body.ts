import { contentKind } from '../content-kind.js';
import { memoize } from '../memoize.js';
import type { Place } from '../repeated-json.js';
import { withoutTail } from './cut.js';
import { type JsonRules, type KeyReading, type RedactString, redactJson } from './json.js';
import { decoded, mayBeJson } from './json-tokens.js';
import { isSecretKeyName, isSecretQueryName, keyName, NameCache, queryName } from './names.js';
import { type Body, type PartRules, redactForm, redactMultipart, redactNdjson, sizeNote } from './parts.js';
import { base64Note, endsInDataUrl, mayBeMedia, REDACTED, redactDataUrls } from './replacements.js';
import { redactSse } from './sse.js';
import {
  ANY_KIND,
  NO_KIND,
  NO_SUSPICION,
  possibleKinds,
  redactKinds,
  redactText,
  suspicionOf,
} from './text.js';

export type { Body } from './parts.js';

export interface BodyRedactorOptions {
  /** Additional names of members, form fields and parts with secret values, in any case and spelling. */
  readonly keys?: readonly string[];
  /** Names of members, fields and parts that are not secret. Takes precedence. */
  readonly except?: readonly string[];
}

const STARTS_AS_JSON = /^\s*[{[]/;
const STARTS_AS_SSE = /^(?:(?:event|id|retry)?:[^\n]{0,200}\n){0,4}data:/;

/**
 * Returns the function that redacts the text of a body, by its content type and its actual form. In JSON, the values of
 * members with a secret name are replaced. A body that should be JSON and is not is replaced as a whole. Of a truncated
 * body, the part that can be read safely is kept. NDJSON, event streams, forms and multipart bodies are redacted part
 * by part. Strings and texts are redacted as by `redactText`; file contents are replaced by their type and size. A body
 * without secrets is returned unchanged. Takes linear time, without recursion; never throws.
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
  const holds = memoize((name) => {
    const raw = JSON.stringify(name);
    return readKey(raw, 1, raw.length - 1).holds;
  });
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
      // Stream errors are JSON, and `curl -d` declares any body to be a form.
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

function redactPart(part: Body, redactBody: (body: Body) => string): string {
  return contentKind(part.contentType) === 'multipart' ? sizeNote(part) : redactBody(part);
}

function redactUnknownText({ text, truncated }: Body, rules: PartRules): string {
  if (STARTS_AS_SSE.test(text)) return redactSse(text, truncated, rules);
  const lines = STARTS_AS_JSON.test(text) ? redactNdjson(text, truncated, rules) : undefined;
  return lines ?? rules.redactString(text, truncated);
}

const MEDIA_NAMES: ReadonlySet<string> = new Set([
  'data',
  'b64json',
  'filedata',
  'partialimageb64',
  'bytesbase64encoded',
  'imagebytes',
]);

type ReadKey = JsonRules['readKey'];

/** @param isSecret receives the name in the form of `keyName` */
function keyReader(isSecret: (name: string) => boolean): ReadKey {
  const cache = new NameCache((raw): KeyReading => {
    const key = decoded(`"${raw}"`);
    const name = keyName(key);
    const redacted = redactText(key);
    const secret = name === 'token' ? 'token' : 'secret';
    return {
      holds: isSecret(name) ? secret : MEDIA_NAMES.has(name) ? 'media' : 'any',
      replacement: redacted === key ? undefined : JSON.stringify(redacted),
    };
  });
  return (text, begin, end) => cache.at(text, begin, end);
}

/** JSON in a JSON string: each level doubles the backslashes, so there are never more. */
const MAX_LEVELS = 10;

/**
 * Returns the function that redacts a decoded string: as JSON if it is JSON or its beginning, like the pieces of
 * streamed tool arguments; as a size if it is the content of a file; else as text.
 */
function stringRedactor(readKey: ReadKey, level = 1): RedactString {
  let nested: RedactString | undefined;
  const redactString: RedactString = (text, place) => {
    nested ??= stringRedactor(readKey, level + 1);
    return nested(text, place);
  };
  return (text, { named, cut, kinds }) => {
    if (JSON_START.test(text)) {
      if (level === MAX_LEVELS) return REDACTED;
      const suspicion = kinds === NO_KIND ? NO_SUSPICION : suspicionOf(text);
      const json = redactJson(text, cut ? 'cut' : 'open', { readKey, redactString }, suspicion);
      if (json !== undefined) return json;
    }
    return base64Note(text, named, cut) ?? (cut ? redactCut(text) : redactKinds(text, kinds));
  };
}

const JSON_START = /^\s*[{["]/;

function redactCut(text: string): string {
  const bare = redactDataUrls(text, true);
  return redactText(endsInDataUrl(text) ? bare : withoutTail(bare));
}
