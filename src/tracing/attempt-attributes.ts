import type { Attributes } from '@opentelemetry/api';
import type { Attempt, BodyText } from '../attempt/attempt.js';
import type { BodyCapture } from '../attempt/body/capture.js';
import { classifyFailure } from '../attempt/failure.js';
import { type HeaderList, headerValue } from '../attempt/raw-headers.js';
import { requestId } from '../attempt/request-id.js';
import { requestText, responseText } from '../attempt/text.js';
import { remembered } from '../remembered.js';
import * as semconv from '../semconv.js';
import { IncompleteBodyError } from '../verdict/errors.js';
import { redactedBody } from './body-text.js';
import { detailOf } from './error-attributes.js';
import { RedactedAttributes, type Redaction } from './redaction.js';
import { serverAttributes } from './server-attributes.js';

/**
 * What is known of an attempt, redacted: the attributes of its event. Outside full capture metadata only, with
 * nothing in it that a person wrote or that names one: no query, no headers, no bodies, no texts.
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
  written.add(semconv.ATTR_HTTP_REQUEST_METHOD, attempt.method);
  written.add(semconv.ATTR_URL_PATH, pathOf(url));
  written.addAll(serverAttributes(attempt.origin));
  written.add(semconv.ATTR_HTTP_REQUEST_RESEND_COUNT, attempt.number - 1 || undefined);
  written.add(semconv.ATTR_HTTP_RESPONSE_STATUS_CODE, attempt.statusCode);
  written.add(semconv.ATTR_ERROR_TYPE, failure?.errorType);
  written.add(semconv.ATTR_CHATDEBUG_ATTEMPT_DURATION_MS, durationOf(attempt));
  written.add(semconv.ATTR_CHATDEBUG_ATTEMPT_REQUEST_ID, requestId(attempt.responseHeaders));
  written.add(semconv.ATTR_CHATDEBUG_ATTEMPT_RETRY_AFTER_MS, failure?.retryAfterMillis);
  if (attempt.bodiesOutOfReach) written.add(semconv.ATTR_CHATDEBUG_ATTEMPT_BODIES, 'out_of_reach');
  if (attempt.capture !== 'full') return written.all;
  if (failure !== undefined) {
    const words = redaction.errorText(attempt.capture);
    written.add(semconv.ATTR_CHATDEBUG_ATTEMPT_ERROR_MESSAGE, detailOf(failure, words));
  }
  written.add(semconv.ATTR_URL_FULL, url);
  addBodies(written.all, attempt, redaction);
  addHeaders(written.all, REQUEST_HEADER, attempt.requestHeaders, redaction);
  addHeaders(written.all, RESPONSE_HEADER, attempt.responseHeaders, redaction);
  return written.all;
}

/** Scheme, authority, path and query; behind a forward proxy the path is an absolute URL already. */
function urlOf({ origin, path }: Attempt): string {
  return path.startsWith('/') ? origin + path : path;
}

const pathOf = remembered((redactedUrl): string | undefined =>
  URL.canParse(redactedUrl) ? new URL(redactedUrl).pathname : undefined,
);

function durationOf(attempt: Attempt): number | undefined {
  return attempt.endedAt === undefined ? undefined : Math.round(attempt.endedAt - attempt.startedAt);
}

/** The attribute's name by that of the header: there are some forty of them, always the same. */
const REQUEST_HEADER = remembered((header) => semconv.PREFIX_HTTP_REQUEST_HEADER + header);
const RESPONSE_HEADER = remembered((header) => semconv.PREFIX_HTTP_RESPONSE_HEADER + header);

/** Values as lists, as the conventions want them; a header that came more than once has several. */
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
    /** It may be a beginning only, of which nobody cut anything off. */
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
      attempt.responseBytes,
      attempt.responseHeaders,
      attempt.ending !== 'clean' || attempt.error instanceof IncompleteBodyError,
    );
}
