import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { TRUNCATED } from '../attempt/body/text.js';
import * as semconv from '../semconv.js';

/** The size of a number or boolean. */
const NUMBER_BYTES = 8;

/** The largest size of a UTF-16 code unit in UTF-8. */
const MOST_BYTES = 3;

/** Returns the bytes of names and values in UTF-8, without protocol overhead. */
export function attributesBytes(attributes: Attributes): number {
  return sum(attributes, Buffer.byteLength);
}

/** Returns an upper bound of `attributesBytes` from string lengths alone. */
export function mostAttributesBytes(attributes: Attributes): number {
  return sum(attributes, mostBytes);
}

function valueBytes(value: AttributeValue | null | undefined): number {
  return sumOfValue(value, Buffer.byteLength);
}

type BytesOf = (text: string) => number;

function mostBytes({ length }: string): number {
  return MOST_BYTES * length;
}

function sum(attributes: Attributes, bytesOf: BytesOf): number {
  let bytes = 0;
  for (const name of Object.keys(attributes)) bytes += bytesOf(name) + sumOfValue(attributes[name], bytesOf);
  return bytes;
}

function sumOfValue(value: AttributeValue | null | undefined, bytesOf: BytesOf): number {
  if (typeof value === 'string') return bytesOf(value);
  if (!Array.isArray(value)) return NUMBER_BYTES;
  let bytes = 0;
  for (const item of value) bytes += sumOfValue(item, bytesOf);
  return bytes;
}

/**
 * Returns the largest level for which the sum of all sizes, each capped at the level, fits into `room`. Returns
 * infinity if all sizes fit as they are.
 */
export function levelOf(sizes: readonly number[], room: number): number {
  let left = room;
  for (const [index, size] of sizes.toSorted((a, b) => a - b).entries()) {
    const share = Math.floor(left / (sizes.length - index));
    if (size > share) return Math.max(0, share);
    left -= size;
  }
  return Number.POSITIVE_INFINITY;
}

const encoder = new TextEncoder();

/**
 * Truncates a value to `maxBytes`: a string at a character boundary, with the truncation mark; a list to its first
 * items. Returns `undefined` if nothing fits.
 */
function shortenedValue(value: AttributeValue, maxBytes: number): AttributeValue | undefined {
  if (typeof value === 'string') return shortenedText(value, maxBytes);
  if (!Array.isArray(value)) return undefined;
  const items: unknown[] = [];
  let room = maxBytes;
  for (const item of value) {
    const isWhole = valueBytes(item) <= room;
    const kept = isWhole || typeof item !== 'string' ? item : shortenedText(item, room);
    room -= valueBytes(kept);
    if (room < 0 || kept === undefined) break;
    items.push(kept);
    if (!isWhole) break;
  }
  return items.length === 0 ? undefined : (items as string[]);
}

function shortenedText(text: string, maxBytes: number): string | undefined {
  if (maxBytes < TRUNCATED.length) return undefined;
  const { read } = encoder.encodeInto(text, new Uint8Array(maxBytes - TRUNCATED.length));
  return text.slice(0, read) + TRUNCATED;
}

/** Attributes whose value is JSON. A truncated value would not be JSON any more. */
export const JSON_ATTRIBUTES: ReadonlySet<string> = new Set([
  semconv.ATTR_CHATDEBUG_REQUEST_SHAPE,
  semconv.ATTR_GEN_AI_INPUT_MESSAGES,
  semconv.ATTR_GEN_AI_OUTPUT_MESSAGES,
  semconv.ATTR_GEN_AI_SYSTEM_INSTRUCTIONS,
  semconv.ATTR_GEN_AI_TOOL_DEFINITIONS,
]);

/**
 * Truncates a string at a character boundary. Returns `undefined` for JSON that is too long.
 *
 * @param maxLength in UTF-16 units, as `OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT` counts
 */
export function limitValue(text: string, name: string, maxLength: number): string | undefined {
  if (text.length <= maxLength) return text;
  if (JSON_ATTRIBUTES.has(name)) return undefined;
  const cut = text.slice(0, maxLength);
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}

type Entry = readonly [name: string, value: AttributeValue];

/**
 * Attributes of this package that may hold content. Attributes that are not of this package, such as headers, count
 * as content too.
 */
const CONTENT: ReadonlySet<string> = new Set([
  ...JSON_ATTRIBUTES,
  semconv.ATTR_CHATDEBUG_ATTEMPT_REQUEST_BODY,
  semconv.ATTR_CHATDEBUG_ATTEMPT_RESPONSE_BODY,
  semconv.ATTR_CHATDEBUG_STREAM_LAST_ERROR,
  semconv.ATTR_EXCEPTION_MESSAGE,
  semconv.ATTR_EXCEPTION_STACKTRACE,
  semconv.ATTR_URL_FULL,
]);
const METADATA: ReadonlySet<string> = new Set(Object.values(semconv).filter((name) => !CONTENT.has(name)));

/**
 * Limits attributes to `maxBytes`, names and values in UTF-8. Returns the same object if they fit. Metadata
 * (statuses, kinds, ids, numbers) gets up to half of the room and content the rest. In each group the longest values
 * are truncated to a common length, and JSON that does not fit is dropped. `chatdebug.shortened` lists the names of
 * both.
 */
export function boundedAttributes(attributes: Attributes, maxBytes: number): Attributes {
  if (mostAttributesBytes(attributes) <= maxBytes || attributesBytes(attributes) <= maxBytes)
    return attributes;
  const room = maxBytes - semconv.ATTR_CHATDEBUG_SHORTENED.length;
  const entries = Object.entries(attributes).filter(isKnown);
  const metadata = shortenedTo(Math.floor(room / 2), entries.filter(isMetadata));
  const content = shortenedTo(
    room - metadata.bytes,
    entries.filter((entry) => !isMetadata(entry)),
  );
  const kept = new Map([...metadata.kept, ...content.kept]);
  const names = [...metadata.shortened, ...content.shortened];
  // `fromEntries`, since a header may be called `__proto__`.
  return Object.fromEntries([
    ...entries.flatMap(([name]) => (kept.has(name) ? [[name, kept.get(name)] as const] : [])),
    [semconv.ATTR_CHATDEBUG_SHORTENED, names] as const,
  ]);
}

function isKnown(entry: [string, AttributeValue | undefined]): entry is [string, AttributeValue] {
  return entry[1] !== undefined;
}

function isMetadata([name]: Entry): boolean {
  return METADATA.has(name);
}

interface Shortened {
  readonly kept: ReadonlyMap<string, AttributeValue>;
  /** Names of truncated and dropped attributes. */
  readonly shortened: readonly string[];
  /** Includes the list of names. */
  readonly bytes: number;
}

function shortenedTo(room: number, entries: readonly Entry[]): Shortened {
  const kept = new Map<string, AttributeValue>();
  const shortened: string[] = [];
  let left = room;
  let rest = entries;
  const level = () => levelOf(rest.map(sizeOf), left);
  for (let json = longestJson(rest, level()); json !== undefined; json = longestJson(rest, level())) {
    const leftOut = json;
    shortened.push(leftOut[0]);
    left -= Buffer.byteLength(leftOut[0]);
    rest = rest.filter((entry) => entry !== leftOut);
  }
  const most = level();
  for (const [name, value] of rest) {
    const isWhole = sizeOf([name, value]) <= most;
    const nameBytes = Buffer.byteLength(name);
    const written = isWhole ? value : shortenedValue(value, most - 2 * nameBytes);
    if (written !== undefined) kept.set(name, written);
    // A name that does not fit itself is not listed.
    if (!isWhole && nameBytes <= most) shortened.push(name);
  }
  return { kept, shortened, bytes: attributesBytes(Object.fromEntries(kept)) + valueBytes(shortened) };
}

/** Counts the name twice, since it may be listed as shortened. */
function sizeOf([name, value]: Entry): number {
  return 2 * Buffer.byteLength(name) + valueBytes(value);
}

/** Returns the longest JSON attribute above the level. Other strings can be truncated to it. */
function longestJson(entries: readonly Entry[], level: number): Entry | undefined {
  const tooLong = entries.filter((entry) => JSON_ATTRIBUTES.has(entry[0]) && sizeOf(entry) > level);
  return tooLong.toSorted((one, other) => sizeOf(other) - sizeOf(one))[0];
}

/** Limits in bytes of names and values, in UTF-8. */
export interface SpanBounds {
  readonly event: number;
  readonly attributes: number;
  /** The span with its events. */
  readonly span: number;
}

/** Room for an event besides its two bodies, and the growth of a body that is decoded and redacted. */
const EVENT_BYTES = 64 * 1024;
const PER_BODY_BYTE = 4;
/** Room for the messages, instructions, tools and response of a step: 256 KiB each. */
const SPAN_BYTES = 1024 * 1024;
const EVENTS = 4;
/** Events that always fit: the first attempt, the last attempt and the exception. */
const EVENTS_IN_ANY_CASE = 3;

/**
 * Returns the limits of a span for a body limit: by default 265,536 bytes for an event and 2,110,720 for a span. A
 * gRPC receiver accepts messages of 4 MiB by default, and a span cannot be split.
 */
export function spanBounds(maxBodyBytes: number): SpanBounds {
  const event = EVENT_BYTES + PER_BODY_BYTE * maxBodyBytes;
  const span = SPAN_BYTES + EVENTS * event;
  return { event, span, attributes: span - EVENTS_IN_ANY_CASE * event };
}
