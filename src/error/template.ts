import { isJson } from '../is-json.js';

/** How the words of an error are written where content is not: as a template, whole, or not at all. */
export type ErrorText = 'template' | 'full' | 'none';

/** Words behind which content follows, to the end: those of the AI SDK's errors, and what others say like it. */
const CONTENT_FOLLOWS = new RegExp(
  [
    String.raw`\bpars(?:e|ing)\b[^:.\n]{0,60}: (?:Text: )?`,
    String.raw`\bType validation failed(?: for [^:\n]{0,100})?: Value: `,
    String.raw`\bInvalid input for tool [^:\n]{1,100}: `,
    String.raw`\bError repairing tool call: `,
    String.raw`(?:^|[.:\n] ?)(?:Body|Content|Input|JSON|Output|Prompt|Received|Response|Text|Value): `,
  ].join('|'),
);
/** What the AI SDK puts behind the content. */
const BEHIND_CONTENT = /\.\sError message: /;
/** Between them V8 quotes the beginning of the text as it is, quotation marks included. */
const V8_SNIPPET = ['Unexpected token ', ' is not valid JSON'] as const;
const JSON_START = /[{[]\s{0,20}["'{[]/;
const OPENING_QUOTE = /["`“„«]|(?<!\w)['‘]/;
const CLOSING_QUOTES: Readonly<Record<string, string>> = { '“': '”', '„': '“', '«': '»', '‘': '’' };

/** Names of parameters, models, codes: a word in lower case, one with a hump, or what no plain word has in it. */
const IDENTIFIER = /^(?=[a-z]+$|[a-z]+[A-Z]|.*[\d_./-])[\w.[\]/:-]{1,64}$/;
/** Where even a name was written by the model. */
const NAMES_ARE_CONTENT = /\bJSON\b|\bUnrecognized keys?\b/;

const MAX_TEMPLATE = 300;
const GAP = /^\[…\d+ characters\]/;
const MAX_GAP = 24;

/**
 * The fixed part of an error's message: what may be content is replaced by its length, `[…123 characters]`. That is
 * what stands in quotes, unless it is an identifier; JSON; what follows words like `Text: `; and whatever goes
 * beyond 300 characters. Pure, linear; a template is its own template.
 *
 * @param text a message, perhaps cut off at its end
 */
export function templateOf(text: string): string {
  const keepsNames = !NAMES_ARE_CONTENT.test(text);
  const isCut = text.length > MAX_TEMPLATE;
  const template = withoutQuotes(withoutJson(withoutWhatFollows(withoutSnippet(text))), keepsNames, isCut);
  if (template.length <= MAX_TEMPLATE) return template;
  return template.slice(0, MAX_TEMPLATE - MAX_GAP) + gap(template.slice(MAX_TEMPLATE - MAX_GAP));
}

function withoutSnippet(text: string): string {
  const [before, behind] = V8_SNIPPET;
  const begin = text.indexOf(before) + before.length;
  const end = text.lastIndexOf(behind);
  return begin < before.length || end < begin
    ? text
    : text.slice(0, begin) + gap(text.slice(begin, end)) + text.slice(end);
}

function withoutWhatFollows(text: string): string {
  const words = CONTENT_FOLLOWS.exec(text);
  if (words === null) return text;
  const begin = words.index + words[0].length;
  const rest = text.slice(begin);
  if (GAP.test(rest)) return text;
  const end = rest.search(BEHIND_CONTENT);
  return text.slice(0, begin) + gap(end < 0 ? rest : rest.slice(0, end));
}

/** JSON goes; what begins like it and is not whole goes to the end, with the quotation it may stand in. */
function withoutJson(text: string): string {
  const begin = text.search(JSON_START);
  if (begin < 0) return text;
  const end = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']')) + 1;
  const json = text.slice(begin, end);
  if (isJson(json)) return text.slice(0, begin) + gap(json) + text.slice(end);
  const quote = text.slice(0, begin).search(OPENING_QUOTE);
  const kept = quote < 0 ? begin : quote;
  return text.slice(0, kept) + gap(text.slice(kept));
}

/**
 * A quotation that is no name may hold quotation marks itself, so it ends at the last one of its sort; in a long
 * text, whose end may have been cut off, it does not end.
 */
function withoutQuotes(text: string, keepsNames: boolean, isCut: boolean): string {
  let result = '';
  let rest = text;
  for (let begin = rest.search(OPENING_QUOTE); begin >= 0; begin = rest.search(OPENING_QUOTE)) {
    const closing = CLOSING_QUOTES[rest.charAt(begin)] ?? rest.charAt(begin);
    const next = rest.indexOf(closing, begin + 1);
    const isName =
      next > begin &&
      keepsNames &&
      IDENTIFIER.test(rest.slice(begin + 1, next)) &&
      !/\w/.test(rest.charAt(next + 1));
    const last = rest.lastIndexOf(closing);
    const end = isName ? next + 1 : last > begin && !isCut ? last + 1 : rest.length;
    result += isName ? rest.slice(0, end) : rest.slice(0, begin) + gap(rest.slice(begin, end));
    rest = rest.slice(end);
  }
  return result + rest;
}

function gap(content: string): string {
  return GAP.test(content) ? content : `[…${content.length} characters]`;
}
