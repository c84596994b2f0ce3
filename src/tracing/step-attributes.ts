import type { Attributes } from '@opentelemetry/api';
import type { Attempt } from '../attempt/attempt.js';
import type { RunRecord } from '../run/run-record.js';
import * as semconv from '../semconv.js';
import { shapeOfLast } from '../step/request-shape.js';
import type { StepRecord } from '../step/step-record.js';
import type { StepOperation } from '../types.js';
import { errorAttributes } from './error-attributes.js';
import { type Redaction, redacted } from './redaction.js';
import { runKind } from './run-attributes.js';
import { serverAttributes } from './server-attributes.js';
import { tokenAttributes } from './token-attributes.js';
import { wireAttributes } from './wire-attributes.js';

/** What is known of a step at its end, but its attempts. */
export function stepAttributes(run: RunRecord, step: StepRecord, redaction: Redaction): Attributes {
  const { options, attempts } = step;
  const { last } = attempts;
  return redacted(redaction, {
    [semconv.ATTR_CHATDEBUG_STEP_NUMBER]: step.number,
    [semconv.ATTR_CHATDEBUG_STEP_STATUS]: step.status,
    [semconv.ATTR_CHATDEBUG_STEP_OPERATION]: operation(step),
    [semconv.ATTR_CHATDEBUG_STEP_ATTEMPT_COUNT]: attempts.began,
    [semconv.ATTR_CHATDEBUG_STEP_ATTEMPTS_LEFT_OUT]: attempts.began - attempts.kept.length || undefined,
    [semconv.ATTR_GEN_AI_OPERATION_NAME]: operationName(step),
    [semconv.ATTR_GEN_AI_PROVIDER_NAME]: step.provider,
    [semconv.ATTR_GEN_AI_REQUEST_MODEL]: step.model,
    ...(last && serverAttributes(last.origin)),
    [semconv.ATTR_HTTP_RESPONSE_STATUS_CODE]: last?.statusCode,
    ...(step.capture === 'full' && tokenAttributes(step.tokens)),
    [semconv.ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK]: secondsTo(step, step.firstPartAt),
    ...(last?.bodiesOutOfReach === false && operation(step) === 'stream' && streamAttributes(step, last)),
    [semconv.ATTR_CHATDEBUG_REQUEST_SHAPE]: step.status === 'error' ? shapeOfLast(attempts.kept) : undefined,
    ...(step.wire && wireAttributes(step.wire, redaction.content)),
    // A step says whose it is, so that it can be found even where its run never ended.
    [semconv.ATTR_CHATDEBUG_RUN_ID]: run.id,
    [semconv.ATTR_CHATDEBUG_RUN_KIND]: runKind(run),
    [semconv.ATTR_CHATDEBUG_CAPTURE]: step.capture,
    [semconv.ATTR_GEN_AI_CONVERSATION_ID]: options.chatId ?? run.options.chatId,
    [semconv.ATTR_USER_ID]: options.ownerId,
    [semconv.ATTR_CHATDEBUG_HISTORY_TIP_MESSAGE_ID]:
      options.historyTipMessageId ?? run.options.historyTipMessageId,
    ...(step.failure && errorAttributes(step.failure.classification, redaction.errorText(step.capture))),
    [semconv.ATTR_CHATDEBUG_KEPT_REPRESENTS]: step.represents,
  });
}

/** `{gen_ai.operation.name} {gen_ai.request.model}`, as the GenAI conventions name a model call. */
export function stepName(step: StepRecord, redaction: Redaction): string {
  const { model } = step;
  return model === undefined
    ? operationName(step)
    : `${operationName(step)} ${redaction.text(model, 'span.name')}`;
}

/** `gen_ai.operation.name`, off the wire where that tells. */
export function operationName({ attempts }: StepRecord): string {
  return attempts.last?.call?.operationName ?? semconv.OPERATION_CHAT;
}

/** As the application says, else as the exchange does. */
export function operation({ options, attempts, wire }: StepRecord): StepOperation | undefined {
  const { last } = attempts;
  const streams = last?.streamEnd === undefined ? undefined : 'stream';
  return options.operation ?? streams ?? wire?.request?.operation ?? last?.call?.operation;
}

function streamAttributes(step: StepRecord, last: Attempt): Attributes {
  const silence = last.lastChunkAt === undefined ? undefined : (step.endedAt ?? 0) - last.lastChunkAt;
  return {
    [semconv.ATTR_CHATDEBUG_STREAM_CHUNKS]: last.chunks,
    [semconv.ATTR_CHATDEBUG_STREAM_BYTES]: last.responseBytes,
    [semconv.ATTR_CHATDEBUG_STREAM_SILENCE_MS]: silence && Math.max(0, Math.round(silence)),
    [semconv.ATTR_CHATDEBUG_STREAM_LAST_EVENT]: last.streamEnd?.lastEvent,
    [semconv.ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK]: secondsTo(step, last.firstChunkAt),
  };
}

/** Of a stream, from the beginning of the call to the first piece of the answer; `undefined` where none came. */
export function timeToFirstChunk(step: StepRecord): number | undefined {
  const { attempts, firstPartAt } = step;
  if (operation(step) !== 'stream') return undefined;
  return secondsTo(step, attempts.last?.firstChunkAt ?? firstPartAt);
}

function secondsTo({ startedAt }: StepRecord, at: number | undefined): number | undefined {
  return at === undefined ? undefined : (at - startedAt) / 1_000;
}
