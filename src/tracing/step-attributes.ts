import type { Attributes } from '@opentelemetry/api';
import type { Attempt } from '../attempt/attempt.js';
import type { RunRecord } from '../run/run-record.js';
import * as semconv from '../semconv.js';
import type { StepRecord } from '../step/step-record.js';
import { errorAttributes } from './error-attributes.js';
import { type Redaction, redacted } from './redaction.js';
import { runKind } from './run-attributes.js';
import { serverAttributes } from './server-attributes.js';
import { tokenAttributes } from './token-attributes.js';

/** What is known of a step at its end, but its attempts. */
export function stepAttributes(run: RunRecord, step: StepRecord, redaction: Redaction): Attributes {
  const { details, attempts } = step;
  const { last } = attempts;
  return redacted(redaction, {
    [semconv.ATTR_CHATDEBUG_STEP_NUMBER]: step.number,
    [semconv.ATTR_CHATDEBUG_STEP_STATUS]: step.status,
    [semconv.ATTR_CHATDEBUG_STEP_OPERATION]: details.operation,
    [semconv.ATTR_CHATDEBUG_STEP_ATTEMPT_COUNT]: attempts.began,
    [semconv.ATTR_CHATDEBUG_STEP_ATTEMPTS_LEFT_OUT]: attempts.began - attempts.kept.length || undefined,
    [semconv.ATTR_GEN_AI_OPERATION_NAME]: semconv.OPERATION_CHAT,
    [semconv.ATTR_GEN_AI_PROVIDER_NAME]: details.provider,
    [semconv.ATTR_GEN_AI_REQUEST_MODEL]: details.model,
    ...(last && serverAttributes(last.origin)),
    [semconv.ATTR_HTTP_RESPONSE_STATUS_CODE]: last?.statusCode,
    ...(step.capture === 'full' && tokenAttributes(step.tokens)),
    ...(last && details.operation === 'stream' && streamAttributes(step, last)),
    // A step says whose it is, so that it can be found even where its run never ended.
    [semconv.ATTR_CHATDEBUG_RUN_ID]: run.id,
    [semconv.ATTR_CHATDEBUG_RUN_KIND]: runKind(run),
    [semconv.ATTR_CHATDEBUG_CAPTURE]: step.capture,
    [semconv.ATTR_GEN_AI_CONVERSATION_ID]: run.options.chatId,
    [semconv.ATTR_CHATDEBUG_HISTORY_TIP_MESSAGE_ID]: details.historyTipMessageId,
    ...(step.failure && errorAttributes(step.failure.classification)),
  });
}

/** `{gen_ai.operation.name} {gen_ai.request.model}`, as the GenAI conventions name a model call. */
export function stepName(step: StepRecord, redaction: Redaction): string {
  const { model } = step.details;
  return model === undefined ? semconv.OPERATION_CHAT : `${semconv.OPERATION_CHAT} ${redaction.text(model)}`;
}

function streamAttributes(step: StepRecord, last: Attempt): Attributes {
  const silence = last.lastChunkAt === undefined ? undefined : (step.endedAt ?? 0) - last.lastChunkAt;
  return {
    [semconv.ATTR_CHATDEBUG_STREAM_CHUNKS]: last.chunks,
    [semconv.ATTR_CHATDEBUG_STREAM_BYTES]: last.responseBody.size,
    [semconv.ATTR_CHATDEBUG_STREAM_SILENCE_MS]: silence && Math.max(0, Math.round(silence)),
  };
}
