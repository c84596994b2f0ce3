import type { Attributes } from '@opentelemetry/api';
import type { RunRecord } from '../run/run-record.js';
import * as semconv from '../semconv.js';
import type { Failure } from '../step/outcome.js';
import { errorAttributes } from './error-attributes.js';
import { type Redaction, redacted } from './redaction.js';
import { tokenAttributes } from './token-attributes.js';

const FIRST_MESSAGE_LENGTH = 200;

/**
 * What is known of a run when its span is started: what a sampler is asked with. Outside full capture that is
 * at the first evidence, and the error which decided is part of it.
 */
export function runStartAttributes(run: RunRecord, redaction: Redaction): Attributes {
  const { options, evidence } = run;
  const kind = runKind(run);
  return redacted(redaction, {
    [semconv.ATTR_CHATDEBUG_RUN_KIND]: kind,
    [semconv.ATTR_CHATDEBUG_RUN_ID]: run.id,
    [semconv.ATTR_CHATDEBUG_RUN_PARENT_ID]: run.parent?.id,
    [semconv.ATTR_CHATDEBUG_CAPTURE]: run.capture,
    [semconv.ATTR_GEN_AI_OPERATION_NAME]: semconv.OPERATION_INVOKE_WORKFLOW,
    [semconv.ATTR_GEN_AI_WORKFLOW_NAME]: kind,
    [semconv.ATTR_GEN_AI_CONVERSATION_ID]: options.chatId,
    [semconv.ATTR_CHATDEBUG_CHAT_ROOT_ID]: options.rootChatId,
    [semconv.ATTR_CHATDEBUG_CHAT_PARENT_ID]: options.parentChatId,
    [semconv.ATTR_USER_ID]: options.ownerId,
    [semconv.ATTR_GEN_AI_PROVIDER_NAME]: options.provider,
    [semconv.ATTR_GEN_AI_REQUEST_MODEL]: options.model,
    [semconv.ATTR_CHATDEBUG_MODEL_CONFIG_ID]: options.modelConfigId,
    [semconv.ATTR_CHATDEBUG_TRIGGER_MESSAGE_ID]: options.triggerMessageId,
    [semconv.ATTR_CHATDEBUG_HISTORY_TIP_MESSAGE_ID]: options.historyTipMessageId,
    [semconv.ATTR_CHATDEBUG_RUN_FIRST_MESSAGE]: firstMessage(run),
    [semconv.ATTR_CHATDEBUG_PARENT_SPAN_ID]: run.position.unsampledParent?.spanId,
    ...options.attributes,
    ...(evidence && keptFor(evidence)),
  });
}

/** What is known of a run at its end. */
export function runEndAttributes(run: RunRecord, redaction: Redaction): Attributes {
  const { summary } = run;
  return redacted(redaction, {
    [semconv.ATTR_CHATDEBUG_RUN_STATUS]: run.status,
    [semconv.ATTR_CHATDEBUG_RUN_STEP_COUNT]: summary.stepCount,
    [semconv.ATTR_CHATDEBUG_RUN_HAS_ERROR]: summary.hasError || run.status === 'error',
    [semconv.ATTR_CHATDEBUG_RUN_ENDPOINT]: summary.endpoint,
    ...(run.capture === 'full' && tokenAttributes(summary.tokens)),
    ...(run.failure ? errorAttributes(run.failure.classification) : run.evidence && keptFor(run.evidence)),
  });
}

/** The run's kind, which is its span's name. */
export function runKind(run: RunRecord): string {
  return run.options.kind ?? 'chat_turn';
}

/** The error for which a run is kept; `error.type` is for a run that failed itself. */
function keptFor({ classification }: Failure): Attributes {
  return { ...errorAttributes(classification), [semconv.ATTR_ERROR_TYPE]: undefined };
}

/** The label of a chat: in full capture only, since somebody wrote it. */
function firstMessage({ options, capture }: RunRecord): string | undefined {
  if (options.firstMessage === undefined || capture !== 'full') return undefined;
  const folded = options.firstMessage
    .slice(0, 10 * FIRST_MESSAGE_LENGTH)
    .replace(/\s+/g, ' ')
    .trim();
  return Array.from(folded).slice(0, FIRST_MESSAGE_LENGTH).join('');
}
