/** What a text was made of: the words of whoever wrote it, and the JSON they wrapped. */
export interface Unwrapped {
  readonly words: string;
  readonly json: object | undefined;
}

const HTML = /^\s{0,20}<(?:!doctype|html|head|body|\?xml)/i;
const JSON_START = /\{\s{0,20}["}]|\[\s{0,20}\{/;

/**
 * Takes a text apart: `POST "https://…": 400 Bad Request {"error":…}` into words and JSON, an HTML page into
 * its title. JSON that is broken off or otherwise unreadable is left out, because nothing can be redacted
 * in it by name. Linear: the text is searched once and parsed once.
 */
export function unwrap(text: string): Unwrapped {
  const page = text.indexOf('<');
  if (page >= 0 && HTML.test(text.slice(page, page + 40))) {
    return { words: `${text.slice(0, page)}${title(text)}`.trim(), json: undefined };
  }
  const start = text.search(JSON_START);
  if (start < 0) return { words: text, json: undefined };
  const end = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']'));
  const json = parse(text.slice(start, end + 1));
  const after = json === undefined ? '' : text.slice(end + 1);
  const broken = after.search(JSON_START);
  const words = text.slice(0, start) + (broken < 0 ? after : after.slice(0, broken));
  return { words: words.trim(), json };
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
