import { guarded } from '../self-diagnostics.js';
import type { TokenUsage } from '../types.js';
import type { BodyFindings, KeptText } from '../verdict/body-evidence.js';
import type { ResponseFacts, StreamFraming, WireFormat } from '../wire/format.js';
import { openFraming } from '../wire/stream/framings.js';
import type { UsageSource } from './response-evidence.js';

const EVENT_END = '\n\n';
const LINE_END = '\n';
const FIRST_EVENTS = 4;
const LAST_EVENTS = 8;

/** Token counts of a response in errors capture, for metrics. */
export interface ResponseUsage {
  readonly usage: TokenUsage;
  readonly model: string | undefined;
}

/**
 * Reads token counts and model from the kept part of a response : a completely parsed JSON body, or the head and tail
 * of a stream. Returns `undefined` if the body could not be read.
 */
export function responseUsage({ format, evidence }: UsageSource): ResponseUsage | undefined {
  return guarded('the usage of an answer could not be read', undefined, () => {
    const { findings, isBeginning } = evidence.end();
    if (findings === undefined || isBeginning) return undefined;
    const facts = factsIn(findings, format);
    return facts && { usage: facts.usage, model: facts.model };
  });
}

function factsIn(findings: BodyFindings, format: WireFormat): ResponseFacts | undefined {
  const { framing, value } = findings;
  if (value !== undefined) return format.readResponse(value);
  return framing === 'events' || framing === 'values' || framing === 'messages'
    ? streamFacts(findings, framing, format)
    : undefined;
}

/**
 * The start of a binary message is known only from the previous one, so such a stream is read as a whole or not at all.
 */
function streamFacts(
  { kept }: BodyFindings,
  framing: StreamFraming,
  format: WireFormat,
): ResponseFacts | undefined {
  if (kept === undefined || (framing === 'messages' && !kept.isWhole)) return undefined;
  const reader = format.openStream();
  const events = openFraming(framing, (event, data) => reader.event(event, data));
  for (const piece of piecesOf(kept, framing)) events.add(Buffer.from(piece, 'latin1'));
  events.end();
  return reader.facts();
}

/**
 * Returns the first and last events of a stream: Anthropic states the input tokens in its first event, and no provider
 * states usage in the middle.
 */
function piecesOf({ head, tail, isWhole }: KeptText, framing: StreamFraming): readonly string[] {
  if (framing === 'messages') return [head, tail];
  const end = framing === 'events' ? EVENT_END : LINE_END;
  const text = isWhole ? head + tail : tail;
  const first = endOfFirst(head, end);
  const last = startOfLast(text, end);
  if (isWhole && last <= first) return [text];
  // A truncated event ends at the gap and is skipped, since it is not JSON.
  return [head.slice(0, first), EVENT_END, text.slice(last)];
}

function endOfFirst(text: string, end: string): number {
  let at = 0;
  for (let count = 0; count < FIRST_EVENTS && at >= 0; count++) at = text.indexOf(end, at + 1);
  return at < 0 ? text.length : at;
}

function startOfLast(text: string, end: string): number {
  let at = text.length;
  for (let count = 0; count <= LAST_EVENTS && at > 0; count++) at = text.lastIndexOf(end, at - 1);
  return at < 0 ? 0 : at;
}
