import { memoize } from '../memoize.js';
import { RepeatedJson } from '../repeated-json.js';
import type { PartRules } from './parts.js';
import { Edits, REDACTED } from './replacements.js';

const DATA = 'data';
const COLON = 0x3a;
const SPACE = 0x20;
const CR = 0x0d;
const LF = 0x0a;

interface Line {
  readonly start: number;
  /** Where its content begins: after `data:` if it is data. */
  readonly content: number;
  readonly end: number;
  readonly next: number;
  readonly isData: boolean;
}

interface EventEnd {
  /** The text is truncated within this event. */
  readonly cut: boolean;
  /** The empty line after it is missing: the stream may have ended within it. */
  readonly unfinished: boolean;
}

const WHOLE: EventEnd = { cut: false, unfinished: false };

/**
 * Redacts an event stream: the data of each event, its lines joined as in the HTML standard (9.2.6, "Interpreting an
 * event stream"), as JSON or as text; comments and other fields as text. Data that begin like JSON and are not JSON are
 * replaced as a whole.
 *
 * @param cut the stream is truncated
 */
export function redactSse(text: string, cut: boolean, rules: PartRules): string {
  const edits = new Edits(text);
  const redactWhole = memoize((line) => rules.redactString(line, false));
  const repeats = new HarmlessRepeats(rules);
  const streamRules: StreamRules = {
    ...rules,
    redactString: (line, lineCut) => (lineCut ? rules.redactString(line, true) : redactWhole(line)),
    repeats,
  };
  const hasReturns = text.includes('\r');
  let event: Line[] = [];
  for (let at = 0; at < text.length; ) {
    const line = lineAt(text, at, hasReturns);
    if (line.end > line.start) {
      event.push(line);
    } else {
      redactEvent(text, event, WHOLE, edits, streamRules);
      event = [];
    }
    at = line.next;
  }
  redactEvent(text, event, { cut, unfinished: true }, edits, streamRules);
  return edits.applied();
}

interface StreamRules extends PartRules {
  readonly repeats: HarmlessRepeats;
}

class HarmlessRepeats {
  #known: RepeatedJson | undefined;

  constructor(private readonly rules: PartRules) {}

  has(text: string, begin: number, end: number): boolean {
    const known = this.#known;
    if (known === undefined || !known.isRepeatedIn(text, begin, end)) return false;
    for (const place of known.places) {
      if (place.isString && !this.rules.isHarmless(place, text)) return false;
    }
    return true;
  }

  learn(data: string): void {
    this.#known = RepeatedJson.of(data);
  }
}

function lineAt(text: string, start: number, hasReturns: boolean): Line {
  const end = lineEnd(text, start, hasReturns);
  const behind = start + DATA.length;
  const isData = text.startsWith(DATA, start) && (behind === end || text.charCodeAt(behind) === COLON);
  const next = end + (text.charCodeAt(end) === CR && text.charCodeAt(end + 1) === LF ? 2 : 1);
  return { start, content: isData ? contentStart(text, behind, end) : start, end, next, isData };
}

function lineEnd(text: string, start: number, hasReturns: boolean): number {
  const feed = text.indexOf('\n', start);
  const end = feed < 0 ? text.length : feed;
  if (!hasReturns) return end;
  for (let at = start; at < end; at += 1) if (text.charCodeAt(at) === CR) return at;
  return end;
}

function contentStart(text: string, behind: number, end: number): number {
  if (behind === end) return end;
  return behind + 1 < end && text.charCodeAt(behind + 1) === SPACE ? behind + 2 : behind + 1;
}

function redactEvent(
  text: string,
  lines: readonly Line[],
  { cut, unfinished }: EventEnd,
  edits: Edits,
  rules: StreamRules,
): void {
  const data = lines.filter((line) => line.isData);
  const [first] = data;
  const dataIsLast = lines.at(-1)?.isData === true;
  const end = { cut: cut && dataIsLast, unfinished: unfinished && dataIsLast };
  const isHarmless =
    data.length === 1 &&
    first !== undefined &&
    !end.unfinished &&
    rules.repeats.has(text, first.content, first.end);
  const redacted = isHarmless || data.length === 0 ? [] : redactData(text, data, end, rules);
  let index = 0;
  for (const line of lines) {
    if (line.isData && isHarmless) continue;
    const before = text.slice(line.content, line.end);
    const lineCut = cut && line === lines.at(-1);
    const after = line.isData ? redacted[index++] : rules.redactString(before, lineCut);
    if (after === undefined) edits.replace(line.start, line.next, '');
    else if (after !== before) edits.replace(line.content, line.end, after);
  }
}

/** The redacted lines of an event's data: fewer than before if a secret spans several. */
function redactData(
  text: string,
  lines: readonly Line[],
  { cut, unfinished }: EventEnd,
  rules: StreamRules,
): readonly string[] {
  const data = lines.map((line) => text.slice(line.content, line.end));
  const joined = data.join('\n');
  const json = rules.redactJson(joined, unfinished, lines.length === 1 ? lines[0]?.content : undefined);
  if (json === joined && lines.length === 1 && !unfinished) rules.repeats.learn(joined);
  if (json !== undefined) return lines.length === 1 ? [json] : json.split('\n');
  const separate = data.map((line, index) =>
    rules.redactJson(line, unfinished && index === data.length - 1, lines[index]?.content),
  );
  // Some servers omit the empty line between two events.
  if (separate.every((line) => line !== undefined)) return separate;
  return /^\s*\{/.test(joined) ? [REDACTED] : rules.redactString(joined, cut).split('\n');
}
