import type { Attributes } from '@opentelemetry/api';
import { type Classification, type ErrorText, fingerprintOf, templateOf } from '../error/index.js';
import * as semconv from '../semconv.js';

const DESCRIPTION_LENGTH = 200;

/** The normalised error of a run or step (reference row R18), its words as `words` says. */
export function errorAttributes(error: Classification, words: ErrorText): Attributes {
  return {
    [semconv.ATTR_ERROR_TYPE]: error.errorType,
    [semconv.ATTR_CHATDEBUG_ERROR_KIND]: error.kind,
    [semconv.ATTR_CHATDEBUG_ERROR_FINGERPRINT]: fingerprintOf(error),
    [semconv.ATTR_CHATDEBUG_ERROR_MESSAGE]: error.message,
    [semconv.ATTR_CHATDEBUG_ERROR_DETAIL]: detailOf(error, words),
    [semconv.ATTR_CHATDEBUG_ERROR_RETRYABLE]: error.retryable,
    [semconv.ATTR_CHATDEBUG_ERROR_RETRY_AFTER_MS]: error.retryAfterMillis,
    [semconv.ATTR_CHATDEBUG_ERROR_PROVIDER_STATUS]: error.statusCode,
    [semconv.ATTR_CHATDEBUG_ERROR_EXCEPTION_TYPE]: error.exceptionType,
    [semconv.ATTR_CHATDEBUG_ERROR_REQUEST_ID]: error.requestId,
  };
}

/** What the provider or the transport said, as far as it may be written; `undefined` where it may not be. */
export function detailOf({ detail }: Classification, words: ErrorText): string | undefined {
  if (detail === undefined || words === 'none') return undefined;
  return words === 'full' ? detail : templateOf(detail);
}

/** The description of a span's error status: kind and detail, 200 characters. */
export function statusDescription(error: Classification, words: ErrorText): string {
  const detail = detailOf(error, words);
  const text = detail === undefined || detail === '' ? error.kind : `${error.kind}: ${detail}`;
  return Array.from(text.slice(0, 2 * DESCRIPTION_LENGTH))
    .slice(0, DESCRIPTION_LENGTH)
    .join('');
}
