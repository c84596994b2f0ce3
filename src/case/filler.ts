import { templateOf } from '../error/index.js';

const WORDS = 'filler text in place of what was written here, ';

export function filler(length: number): string {
  return WORDS.repeat(Math.ceil(length / WORDS.length)).slice(0, length);
}

/** Members with protocol values: ids, roles, types, names of models, tools and parameters. */
const PROTOCOL =
  /^(?:.*_?(?:id|type|role|status|reason|model|format|code|param|object|version|fingerprint|tier|effort|mode|encoding|detail_level)|(?:.*[a-z])?(?:Id|Type|Role|Status|Reason|Model|Mode|Version)|event|name|required|enum|tool_choice|toolChoice|verbosity|truncation|include|modalities)$/;
const ERROR_TEXT = /^(?:message|detail|details|error|error_description|reason|title|msg|description)$/;
/** Objects in which `message` is that of an error. */
const ERROR_OBJECT = /^(?:error|errors|last_error|incomplete_details)$/;
/** Strings that contain JSON or a fragment of it. */
const INNER_JSON = /^(?:arguments|partial_json|input)$/;
const DATA = /^(?:data|b64_json|bytes)$/;
/** Objects with member names from the application or the model: everything in them is content. */
const FREE = /^(?:input|args|arguments|metadata)$/;
const PERSON = /^(?:user|user_?id|safety_identifier)$/i;
const LIST_OF_MESSAGES = /^(?:messages|contents|input)$/;
/** A truncated string ends at the line break or the end of the text, also within an escape sequence. */
const TOKEN = /"(?:[^"\\\n]|\\[^\n])*(?:"|\\?(?:(?=\n)|$))|[{}[\],:]/g;

/**
 * Replaces each text in a body with filler of the same length: in JSON, event streams and JSON lines, complete or
 * truncated. Keeps structure, numbers, protocol values and the fixed words of an error message (see `templateOf`).
 *
 * @param isError whether it is the body of a failed response
 */
export function withoutContent(text: string, isError: boolean): string {
  if (/^\s*(?:[{[]|data:|event:|id:|:)/.test(text)) return withoutStrings(text, isError);
  if (/^\s*</.test(text)) return text.replace(/[^<>]+(?=<|$)(?![^<]*>)/g, letters);
  return isError ? templateOf(text) : letters(text);
}

/** Replaces each letter with `x` and each digit with `1`. JSON remains JSON. */
function letters(text: string): string {
  return text.replace(/\\(?:u[\da-f]{4}|.)|\b(?:true|false|null)\b|\p{L}|\p{N}/giu, (found) => {
    if (found.length > 2 || found.startsWith('\\')) return found;
    return (/\p{N}/u.test(found) ? '1' : 'x').repeat(found.length);
  });
}

interface Level {
  /** In an object, the name before the last colon. */
  name: string | undefined;
  readonly isObject: boolean;
  isError: boolean;
  /** The member that contains the object or its list. */
  readonly inside: string | undefined;
  readonly isFree: boolean;
}

const outermost = (isError: boolean): Level => ({
  name: undefined,
  isObject: false,
  isError,
  inside: undefined,
  isFree: false,
});

function below(above: Level, bracket: string): Level {
  const { name = '', inside, isError } = above;
  const isObject = bracket === '{';
  const isGiven = FREE.test(name) || (name === 'response' && inside === 'functionResponse');
  return {
    name: isObject ? undefined : above.name,
    isObject,
    isError: isError || ERROR_OBJECT.test(name),
    inside: above.name,
    isFree: above.isFree || (isObject && above.isObject && isGiven),
  };
}

/** Visits the tokens of one or several JSON values, and keeps what is between them. */
function withoutStrings(text: string, isError: boolean): string {
  const levels: Level[] = [];
  let top = outermost(isError);
  let isValue = true;
  return text.replace(TOKEN, (token) => {
    switch (token) {
      case '{':
      case '[':
        levels.push(top);
        top = below(top, token);
        isValue = token === '[';
        return token;
      case '}':
      case ']':
        top = levels.pop() ?? outermost(isError);
        isValue = true;
        return token;
      case ',':
        isValue = !top.isObject;
        return token;
      case ':':
        isValue = true;
        return token;
    }
    if (!isValue) {
      top.name = token.replaceAll('"', '');
      return token;
    }
    if (top.name === 'type' && token === '"error"') top.isError = true;
    return withoutText(token, top);
  });
}

function withoutText(token: string, { name = '', isError, inside = '', isFree }: Level): string {
  const isWhole = token.length > 1 && token.endsWith('"');
  const inner = isWhole ? token.slice(1, -1) : token.slice(1);
  const end = isWhole ? '"' : '';
  if (isError && !isFree && ERROR_TEXT.test(name))
    return isWhole ? templated(token) : `"${templateOf(inner)}`;
  const isPerson = PERSON.test(name) || (name === 'name' && LIST_OF_MESSAGES.test(inside));
  if (!isPerson && !isFree && PROTOCOL.test(name) && WORD.test(inner)) return token;
  if (INNER_JSON.test(name) && /^\s*(?:\\[\\"nrt]|[^\w\s])/.test(inner)) return `"${letters(inner)}${end}`;
  if (DATA.test(name)) return `"${'A'.repeat(inner.length)}${end}`;
  if (/^(?:https?|data):/.test(inner)) {
    const scheme = /^(?:https?:\/\/|data:[^,]{0,100},)/.exec(inner)?.[0] ?? '';
    return `"${scheme}${'A'.repeat(inner.length - scheme.length)}${end}`;
  }
  return `"${filler(inner.length)}${end}`;
}

const WORD = /^[\w.:/@+-]{0,100}$/;

function templated(token: string): string {
  try {
    return JSON.stringify(templateOf(String(JSON.parse(token))));
  } catch {
    return `"${filler(token.length - 2)}"`;
  }
}
