type HrTime = readonly [seconds: number, nanos: number];

/** The members of an ended span that all SDK versions share. */
export interface EndedSpan {
  readonly name: string;
  readonly startTime: HrTime;
  readonly duration: HrTime;
  readonly attributes: Fields;
  readonly events: readonly {
    readonly name: string;
    readonly time: HrTime;
    readonly attributes?: Fields | undefined;
  }[];
}

/** Converts an ended span into the form in which backends return it. */
export function storedSpan(
  { name, startTime, duration, attributes, events }: EndedSpan,
  { traceId, spanId }: Pick<StoredSpan, 'traceId' | 'spanId'>,
  parentSpanId: string | undefined,
): StoredSpan {
  return {
    traceId,
    spanId,
    name,
    parentSpanId,
    startedAt: millis(startTime),
    durationMillis: millis(duration),
    attributes,
    events: events.map((event) => ({
      name: event.name,
      at: millis(event.time),
      attributes: event.attributes ?? {},
    })),
  };
}

function millis([seconds, nanos]: HrTime): number {
  return seconds * 1_000 + nanos / 1_000_000;
}

/** A span from a backend, whatever its format. Times are milliseconds since the epoch. */
export interface StoredSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty if a search does not return it. */
  readonly name: string;
  /** `undefined` for a root span, and if a search does not return it. */
  readonly parentSpanId: string | undefined;
  readonly startedAt: number;
  readonly durationMillis: number;
  readonly attributes: Fields;
  readonly events: readonly StoredEvent[];
}

/** A stored span event. */
export interface StoredEvent {
  readonly name: string;
  readonly at: number;
  readonly attributes: Fields;
}

/** A JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the objects of a list, or an empty list. */
export function fieldsOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function flagOf(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/** Accepts strings, since JSON carries 64-bit integers as strings. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
