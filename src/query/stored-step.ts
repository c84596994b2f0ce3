import * as names from '../semconv.js';
import type { Status, TokenUsage } from '../types.js';
import { type Fields, flagOf, numberOf, textOf } from './fields.js';
import type { StoredEvent, StoredSpan } from './stored-span.js';
import type { StoredAttempt, StoredError, StoredStep } from './types.js';

const STATUSES: readonly Status[] = ['in_progress', 'interrupted', 'error', 'completed'];

export function storedStep({ attributes, events, startedAt, durationMillis }: StoredSpan): StoredStep {
  const operation = attributes[names.ATTR_CHATDEBUG_STEP_OPERATION];
  return {
    number: numberOf(attributes[names.ATTR_CHATDEBUG_STEP_NUMBER]) ?? 0,
    operation: operation === 'generate' || operation === 'stream' ? operation : undefined,
    status: statusOf(attributes[names.ATTR_CHATDEBUG_STEP_STATUS]) ?? 'in_progress',
    provider: textOf(attributes[names.ATTR_GEN_AI_PROVIDER_NAME]),
    model: textOf(attributes[names.ATTR_GEN_AI_REQUEST_MODEL]),
    error: storedError(attributes),
    attemptCount: numberOf(attributes[names.ATTR_CHATDEBUG_STEP_ATTEMPT_COUNT]),
    usage: usageOf(attributes),
    startedAt: new Date(startedAt),
    durationMillis,
    attempts: events
      .filter(({ name }) => name === names.EVENT_ATTEMPT)
      .map(storedAttempt)
      .sort((a, b) => (a.number ?? 0) - (b.number ?? 0)),
  };
}

function storedAttempt({ attributes, at }: StoredEvent): StoredAttempt {
  const status = attributes[names.ATTR_CHATDEBUG_ATTEMPT_STATUS];
  return {
    number: numberOf(attributes[names.ATTR_CHATDEBUG_ATTEMPT_NUMBER]),
    status: status === 'failed' ? status : statusOf(status),
    method: textOf(attributes[names.ATTR_HTTP_REQUEST_METHOD]),
    path: textOf(attributes[names.ATTR_URL_PATH]),
    statusCode: numberOf(attributes[names.ATTR_HTTP_RESPONSE_STATUS_CODE]),
    errorType: textOf(attributes[names.ATTR_ERROR_TYPE]),
    errorMessage: textOf(attributes[names.ATTR_CHATDEBUG_ATTEMPT_ERROR_MESSAGE]),
    requestId: textOf(attributes[names.ATTR_CHATDEBUG_ATTEMPT_REQUEST_ID]),
    retryAfterMillis: numberOf(attributes[names.ATTR_CHATDEBUG_ATTEMPT_RETRY_AFTER_MS]),
    requestBody: textOf(attributes[names.ATTR_CHATDEBUG_ATTEMPT_REQUEST_BODY]),
    responseBody: textOf(attributes[names.ATTR_CHATDEBUG_ATTEMPT_RESPONSE_BODY]),
    startedAt: new Date(at),
    durationMillis: numberOf(attributes[names.ATTR_CHATDEBUG_ATTEMPT_DURATION_MS]),
  };
}

/** The normalised error of a run or a step (reference row R18). */
export function storedError(attributes: Fields): StoredError | undefined {
  const kind = textOf(attributes[names.ATTR_CHATDEBUG_ERROR_KIND]);
  if (kind === undefined) return undefined;
  return {
    kind,
    message: textOf(attributes[names.ATTR_CHATDEBUG_ERROR_MESSAGE]),
    detail: textOf(attributes[names.ATTR_CHATDEBUG_ERROR_DETAIL]),
    type: textOf(attributes[names.ATTR_ERROR_TYPE]),
    retryable: flagOf(attributes[names.ATTR_CHATDEBUG_ERROR_RETRYABLE]),
    providerStatus: numberOf(attributes[names.ATTR_CHATDEBUG_ERROR_PROVIDER_STATUS]),
    requestId: textOf(attributes[names.ATTR_CHATDEBUG_ERROR_REQUEST_ID]),
  };
}

export function usageOf(attributes: Fields): TokenUsage {
  return {
    inputTokens: numberOf(attributes[names.ATTR_GEN_AI_USAGE_INPUT_TOKENS]),
    outputTokens: numberOf(attributes[names.ATTR_GEN_AI_USAGE_OUTPUT_TOKENS]),
    reasoningTokens: numberOf(attributes[names.ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS]),
    cacheReadTokens: numberOf(attributes[names.ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS]),
    cacheCreationTokens: numberOf(attributes[names.ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS]),
  };
}

export function statusOf(value: unknown): Status | undefined {
  return STATUSES.find((status) => status === value);
}
