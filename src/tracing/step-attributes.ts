import type { Attributes } from '@opentelemetry/api';
import type { Attempt } from '../attempt/attempt.js';
import type { Timeline } from '../clock.js';
import type { RunRecord } from '../run/run-record.js';
import * as semconv from '../semconv.js';
import { operation, operationName, secondsToFirstChunk } from '../step/operation.js';
import { shapeOfLast } from '../step/request-shape.js';
import type { StepRecord } from '../step/step-record.js';
import { errorAttributes } from './error-attributes.js';
import { RedactedAttributes, type Redaction } from './redaction.js';
import { runKind } from './run-attributes.js';
import { serverAttributes } from './server-attributes.js';
import { tokenAttributes } from './token-attributes.js';
import { addWire } from './wire-attributes.js';

/** What is known of a step at its end, but its attempts. */
export function stepAttributes(run: RunRecord, step: StepRecord, redaction: Redaction): Attributes {
  const { options, attempts } = step;
  const { last } = attempts;
  const asks = operation(step);
  const written = new RedactedAttributes(redaction);
  written.add(semconv.ATTR_CHATDEBUG_STEP_NUMBER, step.number);
  written.add(semconv.ATTR_CHATDEBUG_STEP_STATUS, step.status);
  written.add(semconv.ATTR_CHATDEBUG_STEP_RECOVERY, step.recovery);
  written.add(semconv.ATTR_CHATDEBUG_STEP_OPERATION, asks);
  written.add(semconv.ATTR_CHATDEBUG_STEP_ATTEMPT_COUNT, attempts.began);
  written.add(
    semconv.ATTR_CHATDEBUG_STEP_ATTEMPTS_LEFT_OUT,
    attempts.began - attempts.kept.length || undefined,
  );
  written.add(semconv.ATTR_GEN_AI_OPERATION_NAME, operationName(step));
  written.add(semconv.ATTR_GEN_AI_PROVIDER_NAME, step.provider);
  written.add(semconv.ATTR_GEN_AI_REQUEST_MODEL, step.model);
  if (last !== undefined) written.addAll(serverAttributes(last.origin));
  written.add(semconv.ATTR_HTTP_RESPONSE_STATUS_CODE, last?.statusCode);
  if (step.capture === 'full') written.addAll(tokenAttributes(step.tokens));
  written.add(semconv.ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK, secondsToFirstChunk(step, asks));
  if (last?.bodiesOutOfReach === false && asks === 'stream') addStream(written, step, last);
  if (step.status === 'error') written.add(semconv.ATTR_CHATDEBUG_REQUEST_SHAPE, shapeOfLast(attempts.kept));
  if (step.wire !== undefined) addWire(written, step.wire, redaction.content);
  // A step says whose it is, so that it can be found even where its run never ended.
  written.add(semconv.ATTR_CHATDEBUG_RUN_ID, run.id);
  written.add(semconv.ATTR_CHATDEBUG_RUN_KIND, runKind(run));
  written.add(semconv.ATTR_CHATDEBUG_CAPTURE, step.capture);
  written.add(semconv.ATTR_GEN_AI_CONVERSATION_ID, options.chatId ?? run.options.chatId);
  written.add(semconv.ATTR_USER_ID, options.ownerId);
  written.add(
    semconv.ATTR_CHATDEBUG_HISTORY_TIP_MESSAGE_ID,
    options.historyTipMessageId ?? run.options.historyTipMessageId,
  );
  if (step.failure !== undefined)
    written.addAll(errorAttributes(step.failure.classification, redaction.errorText(step.capture)));
  written.add(semconv.ATTR_CHATDEBUG_KEPT_REPRESENTS, step.represents);
  return written.all;
}

/** Of a later call that has no span: it may have been another try of the failed one. */
export function recoveryAttributes(timeline: Timeline, later: StepRecord): Attributes {
  const startedAt = new Date(timeline.epochMillis(later.startedAt)).toISOString();
  return { [semconv.ATTR_CHATDEBUG_STEP_RECOVERY_STARTED_AT]: startedAt };
}

/** `{gen_ai.operation.name} {gen_ai.request.model}`, as the GenAI conventions name a model call. */
export function stepName(step: StepRecord, redaction: Redaction): string {
  const { model } = step;
  return model === undefined
    ? operationName(step)
    : `${operationName(step)} ${redaction.text(model, 'span.name')}`;
}

function addStream(written: RedactedAttributes, step: StepRecord, last: Attempt): void {
  const silence = last.lastChunkAt === undefined ? undefined : (step.endedAt ?? 0) - last.lastChunkAt;
  written.add(semconv.ATTR_CHATDEBUG_STREAM_CHUNKS, last.chunks);
  written.add(semconv.ATTR_CHATDEBUG_STREAM_BYTES, last.responseBytes);
  written.add(semconv.ATTR_CHATDEBUG_STREAM_SILENCE_MS, silence && Math.max(0, Math.round(silence)));
  written.add(semconv.ATTR_CHATDEBUG_STREAM_LONGEST_GAP_MS, Math.round(last.longestGapMillis) || undefined);
  written.add(semconv.ATTR_CHATDEBUG_STREAM_LAST_EVENT, last.lastEvent);
}
