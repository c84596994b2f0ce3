import type { Attributes } from '@opentelemetry/api';
import { MAX_DETAIL } from '../error/detail.js';
import { type Classification, type ErrorText, fingerprintOf, templateOf } from '../error/index.js';
import { withoutTail } from '../redact/cut.js';
import * as semconv from '../semconv.js';

/** A detail as long as one may be was cut, in front of half a surrogate pair perhaps. */
const CUT_LENGTH = MAX_DETAIL - 1;

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
  const read = detail.length < CUT_LENGTH ? detail : withoutTail(detail);
  return words === 'full' ? read : templateOf(read);
}

/** The description of a span's error status: kind and detail, uncut. */
export function statusDescription(error: Classification, words: ErrorText): string {
  const detail = detailOf(error, words);
  return detail === undefined || detail === '' ? error.kind : `${error.kind}: ${detail}`;
}
