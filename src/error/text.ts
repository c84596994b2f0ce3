/** The maximum length of a text, and of all texts of one error. */
export const MAX_TEXT = 64 * 1024;

/**
 * Truncates a text to at most `max` characters, at the last white space: the redactor would not recognise half a key.
 */
export function truncated(text: string, max = MAX_TEXT): string {
  if (text.length <= max) return text;
  let end = max;
  while (end > 0 && !isSpace(text.charCodeAt(end))) end -= 1;
  return text.slice(0, end);
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** A text separated into its words and the JSON in it. */
export interface Unwrapped {
  readonly words: string;
  readonly json: object | undefined;
}

const HTML = /^\s{0,20}<(?:!doctype|html|head|body|\?xml)/i;
const JSON_START = /\{\s{0,20}["}]|\[\s{0,20}\{/g;
/** How many possible starts of JSON are parsed. */
const MAX_STARTS = 6;
/** `POST "https://…": `, followed by a status. */
const REQUEST_LINE = /(?<!\w)(?:GET|POST|PUT|PATCH|DELETE) "?[^\n]{1,2048}?: (?=[45]\d\d(?!\d))/;
const URL_PART = /\bhttps?:\/\/[^\s"'<>`]*/gi;

/**
 * Separates the words of a text from the JSON in it. In `POST "https://…": 400 Bad Request {"error":…}` the words
 * precede the JSON; of an HTML page they are the title. Braces in a URL do not start JSON. Drops invalid or
 * incomplete JSON, since its members cannot be redacted by name. Takes linear time.
 */
export function unwrap(text: string): Unwrapped {
  const page = text.indexOf('<');
  if (page >= 0 && HTML.test(text.slice(page, page + 40))) {
    return { words: `${text.slice(0, page)}${title(text)}`.trim(), json: undefined };
  }
  const whole = text.startsWith('{') ? parse(text) : undefined;
  if (whole !== undefined) return { words: '', json: whole };
  const starts = jsonStarts(text);
  const [first] = starts;
  if (first === undefined) return { words: text, json: undefined };
  for (const start of starts) {
    const end = jsonEnd(text, start);
    const json = end === undefined ? undefined : parse(text.slice(start, end));
    if (json === undefined) continue;
    const after = text.slice(end);
    const broken = after.search(JSON_START);
    const words = text.slice(0, Math.min(start, first)) + (broken < 0 ? after : after.slice(0, broken));
    return { words: words.trim(), json };
  }
  return { words: text.slice(0, first).trim(), json: undefined };
}

/** Possible starts of JSON: after a request line and preferably outside URLs. */
function jsonStarts(text: string): readonly number[] {
  if (text.search(JSON_START) < 0) return [];
  const line = REQUEST_LINE.exec(text);
  const from = line === null ? 0 : line.index + line[0].length;
  const starts: number[] = [];
  for (const { index } of text.slice(from).matchAll(JSON_START)) {
    starts.push(from + index);
    if (starts.length === 2 * MAX_STARTS) break;
  }
  if (starts.length === 0 || !text.includes('://')) return starts.slice(0, MAX_STARTS);
  const urls = [...text.matchAll(URL_PART)].map(({ index, 0: url }) => [index, index + url.length] as const);
  const outside = starts.filter((start) => !urls.some(([from, to]) => start >= from && start < to));
  return (outside.length > 0 ? outside : starts).slice(0, MAX_STARTS);
}

/** The index after the bracket that closes the one at `start`. */
function jsonEnd(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === 0x22) inString = !inString;
    else if (inString) at += char === 0x5c ? 1 : 0;
    else if (char === 0x7b || char === 0x5b) depth += 1;
    else if (char === 0x7d || char === 0x5d) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return undefined;
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function title(page: string): string {
  const start = page.search(/<(?:title|h1)\b/i);
  if (start < 0) return '';
  const from = page.indexOf('>', start) + 1;
  const to = page.indexOf('<', from);
  return from === 0 || to < 0 ? '' : page.slice(from, to);
}

/** A fast check, since most texts have no such number. */
const DIGITS = /[45]\d\d/;

const NAMED =
  /(?<![a-z0-9])(?:status(?:[ _-]?code)?|http(?:\/\d(?:\.\d)?)?|proxy response \()["']?[ :=]{0,3}["']?([45]\d\d)(?![\w.])/;

/** A number with a unit ("500 tokens", "after 503 ms") is not a status. */
const BARE =
  /(?<![\w.:$#/-])(401|403|408|429|500|502|503|504|529)(?![\w%]|[.,]\d| ?(?:ms|milliseconds|s|seconds|tokens|characters|bytes|kb|mb|items|requests)(?![a-z]))/g;

const STREAM_ID = /stream id[ :=]{0,3}$/;

/**
 * The HTTP status in a text in lower case: after `status`, `status code` or `http`, else a common status alone,
 * unless it is a port or the id of an HTTP/2 stream.
 */
export function statusInText(text: string): number | undefined {
  if (!DIGITS.test(text)) return undefined;
  const named = NAMED.exec(text)?.[1];
  if (named !== undefined) return Number(named);
  for (const match of text.matchAll(BARE)) {
    if (!STREAM_ID.test(text.slice(Math.max(0, match.index - 14), match.index))) return Number(match[1]);
  }
  return undefined;
}

/** A fast check, since most texts have no link. */
const INNER_DOT = /[a-z0-9]\.[a-z]/;

/** A link, by its scheme, its path or a common top-level domain. */
const LINK =
  /\bhttps?:\/\/[^\s"'<>`)\]}]*|(?<![\w.@/-])(?:[a-z0-9-]{1,63}\.){1,4}(?:[a-z]{2,12}\/[^\s"'<>`)\]}]*|(?:ai|com|dev|io|net|org)(?![\w.]))/g;

/** Removes links from a text in lower case: `https://console.example.com/settings/billing` is not a billing error. */
export function withoutLinks(text: string): string {
  return text.includes('://') || INNER_DOT.test(text) ? text.replace(LINK, ' ') : text;
}

/** The status of a rejected request, where SDKs put it: at the start or after a request line. */
const REJECTION = /(?:^|": ?|error(?: code)?: ?|\[)(?:400|404|405|409|413|415|422)(?![\w.])/m;
/** How OpenAI-compatible APIs reject a tool. */
const REJECTED_SCHEMA = /(?:invalid schema for (?:function|response_format|tool)|in context=\()/;

/** Whether a text in lower case reports that the request was rejected as invalid. */
export function reportsRejection(text: string): boolean {
  return (DIGITS.test(text) && REJECTION.test(text)) || REJECTED_SCHEMA.test(text);
}

/** Quotations. Keeps the values of a body printed by Python, such as `'code': 'context_length_exceeded'`. */
const QUOTED = new RegExp(
  [
    String.raw`(?<key>(["'])(?:code|type|status|reason|error|message|msg|detail)\2\s{0,3}[:=]\s{0,3})(["'])(?<value>(?:(?!\3)[^\n]){0,1000})\3`,
    String.raw`(?<!\w)'(?:[^'\n]|(?<=\w)'(?=\w)){0,200}'(?!\w)`,
    '"[^"\\n]{0,200}"',
    '`[^`\\n]{0,200}`',
    '“[^”\\n]{0,200}”',
    '‘[^’\\n]{0,200}’',
  ].join('|'),
  'g',
);

/** `generation_config.schema`, `tools[0].function.parameters`, `#/properties/quota`. */
const DOTTED =
  /(?<![\w.\]/])(?:[a-z_$][\w$]{0,63}(?:\.[\w-]{1,64}|\[[^\]\s]{0,64}\]){1,24}|#?(?:\/[\w~-]{1,64}){2,24})/g;
/** Excludes "out of quota.Please upgrade". */
const IS_PATH = /[[/]|\.\d+(?:\.|$)|\..*\./;

/** A parameter name without quotation marks: "unknown parameter: quota", "timeout must be a number". */
const PARAMETER = new RegExp(
  [
    String.raw`(?:argument|attribute|field|function|option|parameter|propert(?:y|ies)|tool)s?(?: [a-z]{1,12}){0,2}: ?[\w.-]{1,64}`,
    String.raw`(?:extra|invalid|missing|unexpected|unknown|unrecognized|unsupported) (?:[a-z]{1,12} )?(?:argument|attribute|field|option|parameter|property)s?(?: [a-z]{1,12}:| named?)? [\w.-]{1,64}`,
    String.raw`(?<![\w-])(?:argument|field|function|parameter|property|tool) [\w.-]{1,64}(?= (?:cannot|can't|does|has|is|must|was)(?![a-z]))`,
    String.raw`(?<![\w.-])[\w-]{1,64}(?=:? (?:must (?:be|have|not)(?! enabled| active| set up)|should (?:be|have)|was unexpected|extra inputs|field required|input should|value is not))`,
  ].join('|'),
  'g',
);

/**
 * Removes the names of request parts from a text in lower case, since a tool called `authentication` is not a failed
 * authentication. Names are quoted texts, paths into the request, and words that the text calls a parameter.
 */
export function withoutRequestNames(text: string): string {
  return text
    .replace(QUOTED, unquoted)
    .replace(DOTTED, (path) => (IS_PATH.test(path) ? "''" : path))
    .replace(PARAMETER, "''");
}

function unquoted(...match: readonly unknown[]): string {
  const groups = match.at(-1) as { readonly key?: string; readonly value?: string };
  // The value may contain quotations of the other kind.
  return groups.value === undefined ? "''" : `${groups.key}'${groups.value.replace(QUOTED, unquoted)}'`;
}
