import { TRUNCATED } from '../attempt/body/text.js';
import { fieldsOf } from '../query/stored-span.js';
import { withoutContent } from './filler.js';
import type { CaseChunk, CaseResponse, ResponseEnd } from './format.js';
import type { RecordedAttempt, RecordedStep } from './kept-run.js';

const HOP_BY_HOP: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade']);
/**
 * The recorded response of an attempt. Without a chunk timing, a stream is split into its events, which are spread
 * evenly over its duration.
 *
 * @param isLast whether the stream attributes of the step are those of this attempt
 */
export function recordedResponse(
  attempt: RecordedAttempt,
  step: RecordedStep,
  isLast: boolean,
  end: ResponseEnd,
  noContent: boolean,
): CaseResponse {
  const { statusCode: status, response, durationMs = 0 } = attempt;
  if (status === undefined)
    return { ...(end !== 'refused' && durationMs > 0 && { endAfterMs: durationMs }), end };
  const recorded = response.body ?? '';
  const isCut = recorded.endsWith(TRUNCATED);
  const known = isCut ? recorded.slice(0, -TRUNCATED.length) : recorded;
  const isError = status >= 400;
  const body = noContent ? withoutContent(known, isError) : known;
  const isTimed = !isCut && !response.headers.has('content-encoding');
  const timed = isTimed ? timedOf(body, known, attempt, end) : undefined;
  const chunks = timed?.chunks ?? piecesOf(body);
  const knownBytes = Buffer.byteLength(known);
  return {
    status,
    headers: headersOf(attempt, end, Buffer.byteLength(body)),
    chunks,
    ...(timed === undefined
      ? times(attempt, isLast ? step : undefined, chunks.length, end)
      : roundedTimes({ afterMs: timed.afterMs, endAfterMs: durationMs - timed.lastAtMs })),
    end,
    ...(isCut && { truncated: { known: knownBytes, size: Math.max(knownBytes, response.size ?? 0) } }),
  };
}

/** What redaction and the limits put in the place of something else. */
const REPLACEMENT = /\[REDACTED\]|\[[^[\]"\n]{1,300} bytes\]|^: \d+ bytes left out$/m;

/**
 * The timing does not apply if filler or redaction changed the length, except at the end: the last characters of a cut
 * body are not recorded, as they may be the beginning of a secret.
 */
function timedOf(
  body: string,
  known: string,
  { response: { size }, chunkTiming }: RecordedAttempt,
  end: ResponseEnd,
): TimedChunks | undefined {
  const knownBytes = Buffer.byteLength(known);
  const missing = (size ?? Number.NaN) - knownBytes;
  const isComplete = missing === 0 || (missing > 0 && end !== 'clean' && !REPLACEMENT.test(known));
  return isComplete && Buffer.byteLength(body) === knownBytes
    ? timedChunks(body, chunkTiming, missing)
    : undefined;
}

/** `content-length` is adjusted, as redaction may have changed the length. */
function headersOf(
  { response }: RecordedAttempt,
  end: ResponseEnd,
  length: number,
): NonNullable<CaseResponse['headers']> {
  const headers: Record<string, string | readonly string[]> = {};
  for (const [name, values] of response.headers) {
    if (HOP_BY_HOP.has(name)) continue;
    headers[name] = values.length === 1 ? (values[0] ?? '') : values;
  }
  if (headers['content-length'] === undefined || headers['content-encoding'] !== undefined) return headers;
  if (end === 'clean' || Number(headers['content-length']) <= length)
    headers['content-length'] = String(end === 'clean' ? length : length + 1);
  return headers;
}

type Times = Pick<CaseResponse, 'afterMs' | 'gapMs' | 'endAfterMs'>;

function times(
  { durationMs, startedAt }: RecordedAttempt,
  step: RecordedStep | undefined,
  count: number,
  end: ResponseEnd,
): Times {
  if (durationMs === undefined) return {};
  if (step?.firstChunkMs === undefined || count < 2)
    return roundedTimes(end === 'clean' ? { afterMs: durationMs } : { endAfterMs: durationMs });
  const first = step.firstChunkMs - (startedAt - step.startedAt);
  const afterMs = Math.min(durationMs, Math.max(0, first));
  const endAfterMs = Math.min(durationMs - afterMs, step.silenceMs ?? 0);
  return roundedTimes({ afterMs, gapMs: (durationMs - afterMs - endAfterMs) / (count - 1), endAfterMs });
}

/** In whole milliseconds, without zeros. */
function roundedTimes(millis: Times): Times {
  const rounded = Object.entries(millis).map(([name, value]) => [name, Math.round(value ?? 0)] as const);
  return Object.fromEntries(rounded.filter(([, value]) => value > 0));
}

/** How a response ended, and what a server on loopback cannot reproduce. */
interface Ending {
  readonly end: ResponseEnd;
  readonly note?: string | undefined;
}

/** By `error.type` of a failed attempt: codes of undici and node:http, and this package's own errors. */
const ENDS: Readonly<Record<string, ResponseEnd>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'cut',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'cut',
  HPE_INVALID_EOF_STATE: 'cut',
  AbortError: 'hang',
  TimeoutError: 'hang',
  ClientTimeoutError: 'hang',
  StreamSilenceError: 'hang',
  ETIMEDOUT: 'hang',
  ESOCKETTIMEDOUT: 'hang',
  UND_ERR_HEADERS_TIMEOUT: 'hang',
  UND_ERR_BODY_TIMEOUT: 'hang',
};

const NOT_ON_LOOPBACK =
  /^(?:ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT$|CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/**
 * Derives the end of a response from the status and the `error.type` of the attempt.
 *
 * @param body the recorded part
 */
export function endingOf(
  { status, statusCode, errorType = '', response }: RecordedAttempt,
  body: string,
): Ending {
  if (status === 'interrupted') return { end: 'hang' };
  if (status === 'completed') return { end: 'clean' };
  if (statusCode !== undefined && statusCode >= 400)
    return { end: isEndlessJson(body, response.headers.get('content-type')?.[0]) ? 'hang' : 'clean' };
  const end = Object.hasOwn(ENDS, errorType) ? ENDS[errorType] : undefined;
  if (end !== undefined) return { end };
  if (statusCode !== undefined) return { end: 'clean' };
  if (NOT_ON_LOOPBACK.test(errorType))
    return {
      end: 'reset',
      note: `The attempt failed with ${errorType}, which a server on loopback cannot reproduce: the replay resets the connection instead.`,
    };
  return { end: 'cut' };
}

/** Whether the body of a failed response was not read completely, or never ended. */
function isEndlessJson(body: string, contentType = ''): boolean {
  if (!contentType.includes('json') || !/^\s*[{[]/.test(body) || body.endsWith(TRUNCATED)) return false;
  try {
    JSON.parse(body);
    return false;
  } catch {
    return true;
  }
}

/** `chatdebug.attempt.chunk_timing`. A chunk is [milliseconds since the start of the request, bytes]. */
interface Timing {
  readonly first: readonly Chunk[];
  readonly last: readonly Chunk[];
  /** The longest pause in milliseconds, and the number of bytes before it. */
  readonly longest: Chunk;
}

type Chunk = readonly [millis: number, bytes: number];

interface TimedChunks {
  /** From the request to the first chunk. */
  readonly afterMs: number;
  readonly chunks: readonly CaseChunk[];
  /** From the request to the last chunk. */
  readonly lastAtMs: number;
}

const EVENT_STREAM = /^\s*(?:data|event|id|retry)?:/;

/**
 * Splits a body into its network chunks. The first and the last three are exact. Between them, each event is a chunk,
 * the longest pause is in its place, and the remaining time is spread evenly.
 *
 * @param json the recorded timing
 * @param missing the number of bytes at the end that the body lacks
 * @returns `undefined` if the timing does not match the body
 */
export function timedChunks(body: string, json: string | undefined, missing = 0): TimedChunks | undefined {
  const timing = parsedTiming(json);
  const bytes = Buffer.from(body);
  if (timing === undefined) return undefined;
  const { longest } = timing;
  const recordedMiddle = bytes.length + missing - bytesOf(timing.first) - bytesOf(timing.last);
  // Up to six chunks, the timing has all of them.
  if (recordedMiddle < 0 || (timing.last.length < 3 && recordedMiddle > 0)) return undefined;
  const last = shortened(timing.last, missing);
  const first = shortened(timing.first, missing - bytesOf(timing.last) - recordedMiddle);
  const middle = bytes.length - bytesOf(first) - bytesOf(last);
  const from = bytesOf(first);
  const between = middleCuts(bytes.subarray(from, from + middle), longest[1] - from);
  const [start = 0] = first[0] ?? [];
  const [lastOfFirst = start] = first.at(-1) ?? [];
  const [firstOfLast = lastOfFirst] = last[0] ?? [];
  const chunks: { at: number; bytes: Buffer }[] = [];
  let offset = 0;
  const take = (at: number, length: number): void => {
    chunks.push({ at, bytes: bytes.subarray(offset, offset + length) });
    offset += length;
  };
  for (const [at, length] of first) take(at, length);
  for (const [index, length] of between.entries())
    take(middleTime(index, between, { from: lastOfFirst, to: firstOfLast, longest, offset: from }), length);
  for (const [at, length] of last) take(at, length);
  return {
    afterMs: start,
    chunks: chunks.map((chunk, index) =>
      written(chunk.bytes, index === 0 ? 0 : chunk.at - (chunks[index - 1]?.at ?? 0)),
    ),
    lastAtMs: chunks.at(-1)?.at ?? start,
  };
}

function piecesOf(body: string): readonly string[] {
  if (body === '') return [];
  if (EVENT_STREAM.test(body)) return body.match(/[\s\S]+?(?:\r?\n\r?\n+|$)/g) ?? [body];
  const lines = body.match(/[^\n]+\n?|\n/g) ?? [body];
  const isLines = lines.length > 1 && lines.every((line) => line.startsWith('{') && /\}\r?\n?$/.test(line));
  return isLines ? lines : [body];
}

/** The lengths of the chunks in the middle, with a cut at the longest pause. */
function middleCuts(bytes: Buffer, pauseAt: number): readonly number[] {
  const text = bytes.toString('latin1');
  const ends = new Set<number>();
  for (const { index, 0: end } of text.matchAll(/\r?\n\r?\n/g)) ends.add(index + end.length);
  if (pauseAt > 0 && pauseAt < bytes.length) ends.add(pauseAt);
  ends.add(bytes.length);
  const sorted = [...ends].filter((end) => end > 0).sort((a, b) => a - b);
  return sorted.map((end, index) => end - (sorted[index - 1] ?? 0));
}

function middleTime(
  index: number,
  lengths: readonly number[],
  { from, to, longest, offset }: { from: number; to: number; longest: Chunk; offset: number },
): number {
  const [pause, bytesBefore] = longest;
  const before = offset + lengths.slice(0, index).reduce((sum, length) => sum + length, 0);
  const all = offset + lengths.reduce((sum, length) => sum + length, 0);
  const isInside = bytesBefore >= offset && bytesBefore <= all && pause <= to - from;
  const even = (to - from - (isInside ? pause : 0)) / (lengths.length + 1);
  return Math.round(from + even * (index + 1) + (isInside && before >= bytesBefore ? pause : 0));
}

/** Uses base64 for bytes that are not valid UTF-8, as a character was cut. */
function written(bytes: Buffer, afterMs: number): CaseChunk {
  const text = bytes.toString();
  const isText = Buffer.from(text).equals(bytes);
  if (isText && afterMs <= 0) return text;
  return { ...(isText ? { text } : { base64: bytes.toString('base64') }), ...(afterMs > 0 && { afterMs }) };
}

/** The chunks without their last bytes. */
function shortened(chunks: readonly Chunk[], missing: number): readonly Chunk[] {
  let rest = Math.max(0, missing);
  return chunks
    .toReversed()
    .map(([at, bytes]): Chunk => {
      const dropped = Math.min(rest, bytes);
      rest -= dropped;
      return [at, bytes - dropped];
    })
    .reverse();
}

function bytesOf(chunks: readonly Chunk[]): number {
  return chunks.reduce((sum, [, bytes]) => sum + bytes, 0);
}

function parsedTiming(json = ''): Timing | undefined {
  try {
    const [value] = fieldsOf([JSON.parse(json)]);
    const { first, last, longest } = value ?? {};
    const isTiming =
      [first, last].every((list) => Array.isArray(list) && list.every(isChunk)) && isChunk(longest);
    return isTiming ? (value as unknown as Timing) : undefined;
  } catch {
    return undefined;
  }
}

function isChunk(value: unknown): value is Chunk {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((number) => Number.isInteger(number) && number >= 0)
  );
}
