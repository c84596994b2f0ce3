import type { Attributes, AttributeValue } from '@opentelemetry/api';
import * as semconv from '../semconv.js';
import { attributesBytes, mostAttributesBytes, valueBytes } from './attribute-bytes.js';
import { levelOf } from './level.js';
import { shortenedValue } from './shortened-value.js';
import { JSON_ATTRIBUTES } from './value-limit.js';

type Entry = readonly [name: string, value: AttributeValue];

/** Ours that hold what somebody wrote; so may all names that are not ours, those of headers among them. */
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
 * Attributes of `maxBytes` at most, names and values in UTF-8; the same object where they are no more. Content gives
 * way before metadata (statuses, kinds, ids, numbers), which may fill half of it, and of each the longest first: all
 * that are too long are cut to one length, and JSON, which can't be cut, is left out. `chatdebug.shortened` has the
 * names of both.
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
  // By entries, since a header may be called `__proto__`.
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
  /** The names of those that are not kept as they were. */
  readonly shortened: readonly string[];
  /** Of all that, the list of names included. */
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
    // A name that is too long itself is not listed.
    if (!isWhole && nameBytes <= most) shortened.push(name);
  }
  return { kept, shortened, bytes: attributesBytes(Object.fromEntries(kept)) + valueBytes(shortened) };
}

/** With its name once more, should that be listed. */
function sizeOf([name, value]: Entry): number {
  return 2 * Buffer.byteLength(name) + valueBytes(value);
}

/** Of those beyond the level; a text that is no JSON can be cut to it. */
function longestJson(entries: readonly Entry[], level: number): Entry | undefined {
  const tooLong = entries.filter((entry) => JSON_ATTRIBUTES.has(entry[0]) && sizeOf(entry) > level);
  return tooLong.toSorted((one, other) => sizeOf(other) - sizeOf(one))[0];
}
