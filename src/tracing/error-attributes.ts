import type { Attributes } from '@opentelemetry/api';
import type { Classification } from '../error/index.js';
import * as semconv from '../semconv.js';

const DESCRIPTION_LENGTH = 200;

/** The normalised error of a run or step (reference row R18). */
export function errorAttributes(error: Classification): Attributes {
  return {
    [semconv.ATTR_ERROR_TYPE]: error.errorType,
    [semconv.ATTR_CHATDEBUG_ERROR_KIND]: error.kind,
    [semconv.ATTR_CHATDEBUG_ERROR_MESSAGE]: error.message,
    [semconv.ATTR_CHATDEBUG_ERROR_DETAIL]: error.detail,
    [semconv.ATTR_CHATDEBUG_ERROR_RETRYABLE]: error.retryable,
    [semconv.ATTR_CHATDEBUG_ERROR_RETRY_AFTER_MS]: error.retryAfterMillis,
    [semconv.ATTR_CHATDEBUG_ERROR_PROVIDER_STATUS]: error.statusCode,
    [semconv.ATTR_CHATDEBUG_ERROR_EXCEPTION_TYPE]: error.exceptionType,
    [semconv.ATTR_CHATDEBUG_ERROR_REQUEST_ID]: error.requestId,
  };
}

/** The description of a span's error status: kind and detail, 200 characters. */
export function statusDescription(error: Classification): string {
  const text =
    error.detail === undefined || error.detail === '' ? error.kind : `${error.kind}: ${error.detail}`;
  return Array.from(text.slice(0, 2 * DESCRIPTION_LENGTH))
    .slice(0, DESCRIPTION_LENGTH)
    .join('');
}
