import type { Attributes } from '@opentelemetry/api';
import type { Attempt, BodyText } from '../attempt/attempt.js';
import { classifyFailure } from '../attempt/failure.js';
import { type HeaderList, headerValue } from '../attempt/raw-headers.js';
import { requestId } from '../attempt/request-id.js';
import { requestText, responseText } from '../attempt/text.js';
import * as semconv from '../semconv.js';
import { IncompleteBodyError } from '../verdict/errors.js';
import { redactedBody } from './body-text.js';
import { detailOf } from './error-attributes.js';
import { type Redaction, redacted } from './redaction.js';
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
  const metadata = redacted(redaction, {
    [semconv.ATTR_CHATDEBUG_ATTEMPT_NUMBER]: attempt.number,
    [semconv.ATTR_CHATDEBUG_ATTEMPT_STATUS]: attempt.status,
    [semconv.ATTR_HTTP_REQUEST_METHOD]: attempt.method,
    [semconv.ATTR_URL_PATH]: pathOf(url),
    ...serverAttributes(attempt.origin),
    [semconv.ATTR_HTTP_REQUEST_RESEND_COUNT]: attempt.number - 1 || undefined,
    [semconv.ATTR_HTTP_RESPONSE_STATUS_CODE]: attempt.statusCode,
    [semconv.ATTR_ERROR_TYPE]: failure?.errorType,
    [semconv.ATTR_CHATDEBUG_ATTEMPT_DURATION_MS]: durationOf(attempt),
    [semconv.ATTR_CHATDEBUG_ATTEMPT_REQUEST_ID]: requestId(attempt.responseHeaders),
    [semconv.ATTR_CHATDEBUG_ATTEMPT_RETRY_AFTER_MS]: failure?.retryAfterMillis,
    [semconv.ATTR_CHATDEBUG_ATTEMPT_BODIES]: attempt.bodiesOutOfReach ? 'out_of_reach' : undefined,
  });
  if (attempt.capture !== 'full') return metadata;
  const content = redacted(redaction, {
    [semconv.ATTR_CHATDEBUG_ATTEMPT_ERROR_MESSAGE]:
      failure && detailOf(failure, redaction.errorText(attempt.capture)),
    [semconv.ATTR_URL_FULL]: url,
  });
  const attributes = Object.assign(metadata, content);
  addBodies(attributes, attempt, redaction);
  addHeaders(attributes, semconv.PREFIX_HTTP_REQUEST_HEADER, attempt.requestHeaders, redaction);
  addHeaders(attributes, semconv.PREFIX_HTTP_RESPONSE_HEADER, attempt.responseHeaders, redaction);
  return attributes;
}

/** Scheme, authority, path and query; behind a forward proxy the path is an absolute URL already. */
function urlOf({ origin, path }: Attempt): string {
  return path.startsWith('/') ? origin + path : path;
}

function pathOf(redactedUrl: string): string | undefined {
  return URL.canParse(redactedUrl) ? new URL(redactedUrl).pathname : undefined;
}

function durationOf(attempt: Attempt): number | undefined {
  return attempt.endedAt === undefined ? undefined : Math.round(attempt.endedAt - attempt.startedAt);
}

/**
 * Values as lists, as the conventions want them; a header that came more than once has several. Put in place,
 * since there are some forty of them: copies of such an object cost more than all the rest of an attempt.
 */
function addHeaders(attributes: Attributes, prefix: string, headers: HeaderList, redaction: Redaction): void {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const header = String(headers[i]);
    const name = prefix + header;
    const value = redaction.limit(redaction.header(header, String(headers[i + 1]), name), name) ?? '';
    const earlier = attributes[name];
    if (Array.isArray(earlier)) (earlier as string[]).push(value);
    else attributes[name] = [value];
  }
}

function addBodies(attributes: Attributes, attempt: Attempt, redaction: Redaction): void {
  const { requestBytes, requestHeaders, responseBytes, responseHeaders } = attempt;
  const add = (
    [name, sizeName]: readonly [name: string, sizeName: string],
    body: BodyText | undefined,
    size: number,
    headers: HeaderList,
    /** It may be a beginning only, of which nobody cut anything off. */
    broken: boolean,
  ) => {
    if (body === undefined) return;
    const contentType = headerValue(headers, 'content-type');
    attributes[sizeName] = size;
    if (!redaction.content) return;
    const text = redaction.limit(redactedBody(body, contentType, broken, redaction, name), name);
    if (text !== undefined) attributes[name] = text;
  };
  add(
    [semconv.ATTR_CHATDEBUG_ATTEMPT_REQUEST_BODY, semconv.ATTR_CHATDEBUG_ATTEMPT_REQUEST_BODY_SIZE],
    requestText(attempt),
    requestBytes,
    requestHeaders,
    !attempt.requestIsWhole,
  );
  add(
    [semconv.ATTR_CHATDEBUG_ATTEMPT_RESPONSE_BODY, semconv.ATTR_CHATDEBUG_ATTEMPT_RESPONSE_BODY_SIZE],
    responseText(attempt),
    responseBytes,
    responseHeaders,
    attempt.ending !== 'clean' || attempt.error instanceof IncompleteBodyError,
  );
}
