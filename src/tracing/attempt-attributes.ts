import type { Attributes } from '@opentelemetry/api';
import type { Attempt } from '../attempt/attempt.js';
import { failureOf } from '../attempt/failure.js';
import type { HeaderList } from '../attempt/raw-headers.js';
import { requestId } from '../attempt/request-id.js';
import { requestText, responseText } from '../attempt/text.js';
import { classifyError } from '../error/index.js';
import * as semconv from '../semconv.js';
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
  const failure = attempt.status === 'failed' ? classifyError(failureOf(attempt), { provider }) : undefined;
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
  });
  if (attempt.capture !== 'full') return metadata;
  const content = redacted(redaction, {
    [semconv.ATTR_CHATDEBUG_ATTEMPT_ERROR_MESSAGE]: failure?.detail,
    [semconv.ATTR_URL_FULL]: url,
    ...bodyAttributes(attempt),
  });
  const attributes = Object.assign(metadata, content);
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
    const name = String(headers[i]);
    const value = redaction.header(name, String(headers[i + 1]));
    const earlier = attributes[prefix + name];
    if (Array.isArray(earlier)) (earlier as string[]).push(value);
    else attributes[prefix + name] = [value];
  }
}

function bodyAttributes(attempt: Attempt): Attributes {
  const request = requestText(attempt);
  const response = responseText(attempt);
  return {
    [semconv.ATTR_CHATDEBUG_ATTEMPT_REQUEST_BODY]: request?.text,
    [semconv.ATTR_CHATDEBUG_ATTEMPT_REQUEST_BODY_SIZE]: request && attempt.requestBody.size,
    [semconv.ATTR_CHATDEBUG_ATTEMPT_RESPONSE_BODY]: response?.text,
    [semconv.ATTR_CHATDEBUG_ATTEMPT_RESPONSE_BODY_SIZE]: response && attempt.responseBody.size,
  };
}
