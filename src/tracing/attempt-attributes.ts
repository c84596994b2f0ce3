import type { Attributes } from '@opentelemetry/api';
import type { Attempt, BodyText } from '../attempt/attempt.js';
import type { BodyCapture } from '../attempt/body/capture.js';
import { withoutTruncationMark } from '../attempt/body/text.js';
import { requestText, responseText } from '../attempt/captured-text.js';
import { classifyFailure } from '../attempt/failure.js';
import { type HeaderList, headerValue, serverAttributes } from '../attempt/request-line.js';
import { REQUEST_ID_HEADERS } from '../error/index.js';
import { memoize } from '../memoize.js';
import * as semconv from '../semconv.js';
import { IncompleteBodyError } from '../verdict/response-errors.js';
import {
  attributesBytes,
  boundedAttributes,
  levelOf,
  mostAttributesBytes,
  type SpanBounds,
} from './bounded-attributes.js';
import { detailOf } from './exceptions.js';
import { RedactedAttributes, type Redaction } from './redaction.js';

export interface AttemptEvent {
  readonly attempt: Attempt;
  readonly event: Attributes;
}

/** Below this size an event carries nothing useful. */
const LEAST_BYTES = 4 * 1024;

/**
 * Returns the attempt events that fit into a span besides its attributes and its exception. Truncates the longest
 * events to a common length. If there are still too many, drops those in the middle, as `maxAttempts` does.
 */
export function attemptEvents(
  attempts: readonly AttemptEvent[],
  bounds: SpanBounds,
  attributes: Attributes,
): readonly AttemptEvent[] {
  const [only] = attempts;
  if (attempts.length === 1 && only !== undefined) {
    const most = mostAttributesBytes(only.event);
    // The common case: an upper bound from the string lengths is enough.
    if (most <= bounds.event && mostAttributesBytes(attributes) + most + bounds.event <= bounds.span)
      return attempts;
  }
  const room = bounds.span - attributesBytes(attributes) - bounds.event;
  return bounded(firstAndLast(attempts, Math.floor(room / LEAST_BYTES)), bounds, room);
}

function bounded(events: readonly AttemptEvent[], bounds: SpanBounds, room: number): readonly AttemptEvent[] {
  const sizes = events.map(({ event }) => Math.min(bounds.event, attributesBytes(event)));
  const most = Math.min(bounds.event, levelOf(sizes, room));
  return events.map(({ attempt, event }) => ({ attempt, event: boundedAttributes(event, most) }));
}

function firstAndLast<T>(list: readonly T[], count: number): readonly T[] {
  if (list.length <= count) return list;
  const first = Math.ceil(count / 2);
  return [...list.slice(0, first), ...list.slice(list.length - (count - first))];
}

/** The methods of RFC 9110 and PATCH (HTTP conventions, `http.request.method`). */
const KNOWN_METHODS: ReadonlySet<string> = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'TRACE',
]);
const OTHER_METHOD = '_OTHER';

/**
 * Returns the attributes of an attempt's event, redacted. Errors capture has metadata only: no query, headers, bodies
 * or texts, since these may hold what a person wrote.
 */
export function attemptAttributes(
  attempt: Attempt,
  provider: string | undefined,
  redaction: Redaction,
): Attributes {
  const url = redaction.url(urlOf(attempt));
  const failure = attempt.status === 'failed' ? classifyFailure(attempt, provider) : undefined;
  const written = new RedactedAttributes(redaction);
  written.add(semconv.ATTR_CHATDEBUG_ATTEMPT_NUMBER, attempt.number);
  written.add(semconv.ATTR_CHATDEBUG_ATTEMPT_STATUS, attempt.status);
  const isKnown = KNOWN_METHODS.has(attempt.method);
  written.add(semconv.ATTR_HTTP_REQUEST_METHOD, isKnown ? attempt.method : OTHER_METHOD);
  if (!isKnown) written.add(semconv.ATTR_HTTP_REQUEST_METHOD_ORIGINAL, attempt.method);
  written.add(semconv.ATTR_URL_PATH, pathOf(url));
  written.addAll(serverAttributes(attempt.origin));
  written.add(semconv.ATTR_HTTP_REQUEST_RESEND_COUNT, attempt.number - 1 || undefined);
  written.add(semconv.ATTR_HTTP_RESPONSE_STATUS_CODE, attempt.httpStatusCode);
  if (attempt.webSocket) written.add(semconv.ATTR_NETWORK_PROTOCOL_NAME, 'websocket');
  if (attempt.isHttp2) written.add(semconv.ATTR_NETWORK_PROTOCOL_VERSION, '2');
  written.add(semconv.ATTR_ERROR_TYPE, failure?.errorType);
  written.add(semconv.ATTR_CHATDEBUG_ATTEMPT_DURATION_MS, durationOf(attempt));
  written.add(semconv.ATTR_CHATDEBUG_ATTEMPT_REQUEST_ID, requestId(attempt.responseHeaders));
  written.add(semconv.ATTR_CHATDEBUG_ATTEMPT_RETRY_AFTER_MS, failure?.retryAfterMillis);
  if (attempt.received.timing !== undefined)
    written.add(semconv.ATTR_CHATDEBUG_ATTEMPT_CHUNK_TIMING, String(attempt.received.timing));
  if (attempt.unobservedBody !== undefined)
    written.add(semconv.ATTR_CHATDEBUG_ATTEMPT_BODIES, `${attempt.unobservedBody}_out_of_reach`);
  if (attempt.capture !== 'full') return written.all;
  if (failure !== undefined) {
    const words = redaction.errorText(attempt.capture);
    written.add(semconv.ATTR_CHATDEBUG_ATTEMPT_ERROR_MESSAGE, detailOf(failure, words));
  }
  written.add(semconv.ATTR_URL_FULL, url);
  addBodies(written.all, attempt, redaction);
  addHeaders(written.all, REQUEST_HEADER, attempt.requestHeaders, redaction);
  addHeaders(written.all, RESPONSE_HEADER, receivedHeaders(attempt), redaction);
  return written.all;
}

/**
 * Returns the attributes of an attempt's span: those of its event, and those that the HTTP conventions require of a
 * client span. Errors capture omits the query from `url.full`.
 *
 * @param event `attemptAttributes` of the same attempt
 */
export function attemptSpanAttributes(
  attempt: Attempt,
  event: Attributes,
  runId: string,
  redaction: Redaction,
): Attributes {
  const written = new RedactedAttributes(redaction);
  written.add(semconv.ATTR_CHATDEBUG_RUN_ID, runId);
  written.add(semconv.ATTR_URL_FULL, redaction.url(urlOf(attempt)).replace(/[?#].*$/s, ''));
  return { ...written.all, ...event };
}

/** Returns the method, or `HTTP` for an unknown method (HTTP conventions, "Name"). */
export function attemptSpanName({ method }: Attempt): string {
  return KNOWN_METHODS.has(method) ? method : 'HTTP';
}

/** WebSocket messages have no content type. The recorder adds one, which is not written as a header. */
function receivedHeaders({ responseHeaders, webSocket }: Attempt): HeaderList {
  const at = webSocket === 'message' ? responseHeaders.lastIndexOf('content-type') : -1;
  return at < 0 ? responseHeaders : responseHeaders.toSpliced(at, 2);
}

/** With a forward proxy the path is an absolute URL already. */
function urlOf({ origin, path }: Attempt): string {
  return path.startsWith('/') ? origin + path : path;
}

const pathOf = memoize((redactedUrl): string | undefined =>
  URL.canParse(redactedUrl) ? new URL(redactedUrl).pathname : undefined,
);

function durationOf(attempt: Attempt): number | undefined {
  return attempt.endedAt === undefined ? undefined : Math.round(attempt.endedAt - attempt.startedAt);
}

/** Attribute names by header name. An application sends the same few headers again and again. */
const REQUEST_HEADER = memoize((header) => semconv.PREFIX_HTTP_REQUEST_HEADER + header);
const RESPONSE_HEADER = memoize((header) => semconv.PREFIX_HTTP_RESPONSE_HEADER + header);

/** Writes each header as a list, as the HTTP conventions require. A repeated header has several values. */
function addHeaders(
  attributes: Attributes,
  nameOf: (header: string) => string,
  headers: HeaderList,
  redaction: Redaction,
): void {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const header = String(headers[i]);
    const name = nameOf(header);
    const value = redaction.limit(redaction.header(header, String(headers[i + 1]), name), name) ?? '';
    const earlier = attributes[name];
    if (Array.isArray(earlier)) (earlier as string[]).push(value);
    else attributes[name] = [value];
  }
}

function addBodies(attributes: Attributes, attempt: Attempt, redaction: Redaction): void {
  const { rawBodies } = redaction;
  const isWritten =
    redaction.content && (rawBodies === 'all' || (rawBodies === 'failed' && attempt.status === 'failed'));
  const add = (
    [name, sizeName]: readonly [name: string, sizeName: string],
    { size }: BodyCapture,
    read: (attempt: Attempt) => BodyText | undefined,
    wireBytes: number,
    headers: HeaderList,
    /** True if the exchange ended before the body was complete. */
    broken: boolean,
  ) => {
    if (size === 0 && read(attempt) === undefined) return;
    attributes[sizeName] = wireBytes;
    const body = isWritten ? read(attempt) : undefined;
    if (body === undefined) return;
    const contentType = headerValue(headers, 'content-type');
    const text = redaction.limit(redactedBody(body, contentType, broken, redaction, name), name);
    if (text !== undefined) attributes[name] = text;
  };
  if (attempt.requestBody !== undefined)
    add(
      [semconv.ATTR_CHATDEBUG_ATTEMPT_REQUEST_BODY, semconv.ATTR_CHATDEBUG_ATTEMPT_REQUEST_BODY_SIZE],
      attempt.requestBody,
      requestText,
      attempt.requestBytes,
      attempt.requestHeaders,
      !attempt.requestIsWhole,
    );
  if (attempt.responseBody !== undefined)
    add(
      [semconv.ATTR_CHATDEBUG_ATTEMPT_RESPONSE_BODY, semconv.ATTR_CHATDEBUG_ATTEMPT_RESPONSE_BODY_SIZE],
      attempt.responseBody,
      responseText,
      attempt.received.bytes,
      attempt.responseHeaders,
      attempt.ending !== 'clean' || attempt.error instanceof IncompleteBodyError,
    );
}

/** The placeholder of a body that cannot be shown, such as `[binary, 120 bytes]`. */
const NOTE = /^\[[^[\]{}"\n]{1,300} bytes\]$/;

/**
 * Redacts a body by its content type and keeps its truncation mark.
 *
 * @param broken the exchange ended before the body may have
 */
function redactedBody(
  body: BodyText,
  contentType: string | undefined,
  broken: boolean,
  redaction: Redaction,
  where: string,
): string {
  const text = withoutTruncationMark(body);
  const mark = body.text.slice(text.length);
  if (NOTE.test(text)) return redaction.text(text, where) + mark;
  return redaction.body({ text, contentType, truncated: body.truncated || broken }, where) + mark;
}

function requestId(responseHeaders: HeaderList): string | undefined {
  for (const name of REQUEST_ID_HEADERS) {
    const value = headerValue(responseHeaders, name);
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}
