import { remembered } from '../remembered.js';
import { Edits } from './edits.js';
import { REDACTED } from './names.js';
import type { PartRules } from './part-rules.js';

/** A line of an event stream, by where it lies in the text. */
interface Line {
  readonly start: number;
  /** Where its content begins: behind `data:` where it is data. */
  readonly content: number;
  readonly end: number;
  /** Where the next line begins. */
  readonly next: number;
  readonly isData: boolean;
}

interface EventEnd {
  /** The text was cut in this event. */
  readonly cut: boolean;
  /** The empty line behind it is missing: the stream may have broken off in it. */
  readonly unfinished: boolean;
}

const WHOLE: EventEnd = { cut: false, unfinished: false };

const LINE = /[^\r\n]*/y;
const DATA = /data(?:: ?|(?=[\r\n]|$))/y;

/**
 * Takes an event stream and gives it without secrets: the data of each event as JSON, its lines joined as the
 * HTML standard has it (9.2.6, "Interpreting an event stream"), else as text; comments and other fields as
 * text. Data that begin as JSON and are none go whole. Lines without a secret stay byte for byte, ends included.
 *
 * @param cut the stream goes on behind the end of the text
 */
export function redactSse(text: string, cut: boolean, rules: PartRules): string {
  const edits = new Edits(text);
  // Nearly every line that is no data is one of a few: `event: delta`.
  const redactWhole = remembered((line) => rules.redactString(line, false));
  const lineRules: PartRules = {
    ...rules,
    redactString: (line, lineCut) => (lineCut ? rules.redactString(line, true) : redactWhole(line)),
  };
  let event: Line[] = [];
  for (let at = 0; at < text.length; ) {
    const line = lineAt(text, at);
    if (line.end > line.start) {
      event.push(line);
    } else {
      redactEvent(text, event, WHOLE, edits, lineRules);
      event = [];
    }
    at = line.next;
  }
  redactEvent(text, event, { cut, unfinished: true }, edits, lineRules);
  return edits.applied();
}

function lineAt(text: string, start: number): Line {
  LINE.lastIndex = start;
  LINE.test(text);
  const end = LINE.lastIndex;
  DATA.lastIndex = start;
  const isData = DATA.test(text);
  const next = end + (text.startsWith('\r\n', end) ? 2 : 1);
  return { start, content: isData ? DATA.lastIndex : start, end, next, isData };
}

function redactEvent(
  text: string,
  lines: readonly Line[],
  { cut, unfinished }: EventEnd,
  edits: Edits,
  rules: PartRules,
): void {
  const data = lines.filter((line) => line.isData);
  // What a line that is no data ends in is the end of the text where it is the last one.
  const dataIsLast = lines.at(-1)?.isData === true;
  const end = { cut: cut && dataIsLast, unfinished: unfinished && dataIsLast };
  const redacted = data.length === 0 ? [] : redactData(text, data, end, rules);
  let index = 0;
  for (const line of lines) {
    const before = text.slice(line.content, line.end);
    const lineCut = cut && line === lines.at(-1);
    const after = line.isData ? redacted[index++] : rules.redactString(before, lineCut);
    if (after === undefined) edits.replace(line.start, line.next, '');
    else if (after !== before) edits.replace(line.content, line.end, after);
  }
}

/** The lines of an event's data; fewer than there were, where a secret took several. */
function redactData(
  text: string,
  lines: readonly Line[],
  { cut, unfinished }: EventEnd,
  rules: PartRules,
): readonly string[] {
  const data = lines.map((line) => text.slice(line.content, line.end));
  const joined = data.join('\n');
  const json = rules.redactJson(joined, unfinished, lines.length === 1 ? lines[0]?.content : undefined);
  if (json !== undefined) return json.split('\n');
  const separate = data.map((line, index) =>
    rules.redactJson(line, unfinished && index === data.length - 1, lines[index]?.content),
  );
  // Some servers leave out the empty line between two events.
  if (separate.every((line) => line !== undefined)) return separate;
  return /^\s*\{/.test(joined) ? [REDACTED] : rules.redactString(joined, cut).split('\n');
}
