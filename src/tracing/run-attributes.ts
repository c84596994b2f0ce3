import type { Attributes } from '@opentelemetry/api';
import { type ErrorText, fingerprintOf } from '../error/index.js';
import type { RunRecord } from '../run/run-record.js';
import { warn } from '../self-diagnostics.js';
import * as semconv from '../semconv.js';
import type { Failure } from '../step/outcome.js';
import { cut } from '../wire/content.js';
import { errorAttributes } from './error-attributes.js';
import { firstCharacters } from './first-characters.js';
import { type Redaction, redacted } from './redaction.js';
import { tokenAttributes } from './token-attributes.js';

const FIRST_MESSAGE_LENGTH = 200;
const ENDPOINT_LENGTH = 1_000;
const MAX_OWN = 128;

/**
 * What is known of a run when its span is started: what a sampler is asked with. Outside full capture that is
 * at the first evidence, and the error which decided is part of it.
 */
export function runStartAttributes(run: RunRecord, redaction: Redaction): Attributes {
  const { options, evidence, summary } = run;
  const kind = runKind(run);
  const attributes = redacted(redaction, {
    [semconv.ATTR_CHATDEBUG_RUN_KIND]: kind,
    [semconv.ATTR_CHATDEBUG_RUN_ID]: run.id,
    [semconv.ATTR_CHATDEBUG_RUN_PARENT_ID]: run.parent?.id,
    [semconv.ATTR_CHATDEBUG_RUN_CONTEXT]: run.origin === 'unknown caller' ? 'unknown' : undefined,
    [semconv.ATTR_CHATDEBUG_CAPTURE]: run.capture,
    [semconv.ATTR_GEN_AI_OPERATION_NAME]: semconv.OPERATION_INVOKE_WORKFLOW,
    [semconv.ATTR_GEN_AI_WORKFLOW_NAME]: kind,
    [semconv.ATTR_GEN_AI_CONVERSATION_ID]: options.chatId,
    [semconv.ATTR_CHATDEBUG_CHAT_ROOT_ID]: options.rootChatId,
    [semconv.ATTR_CHATDEBUG_CHAT_PARENT_ID]: options.parentChatId,
    [semconv.ATTR_USER_ID]: options.ownerId,
    [semconv.ATTR_GEN_AI_PROVIDER_NAME]: options.provider ?? summary.provider,
    [semconv.ATTR_GEN_AI_REQUEST_MODEL]: options.model ?? summary.model,
    [semconv.ATTR_CHATDEBUG_MODEL_CONFIG_ID]: options.modelConfigId,
    [semconv.ATTR_CHATDEBUG_TRIGGER_MESSAGE_ID]: options.triggerMessageId,
    [semconv.ATTR_CHATDEBUG_HISTORY_TIP_MESSAGE_ID]: options.historyTipMessageId,
    [semconv.ATTR_CHATDEBUG_PARENT_SPAN_ID]: run.position.unsampledParent?.spanId,
    ...someOf(options.attributes),
    ...(evidence && keptFor(evidence, redaction.errorText(run.capture))),
    [semconv.ATTR_CHATDEBUG_KEPT_REPRESENTS]: run.represents,
  });
  const label = redaction.content ? firstMessage(run, redaction) : undefined;
  if (label !== undefined) attributes[semconv.ATTR_CHATDEBUG_RUN_FIRST_MESSAGE] = label;
  return attributes;
}

/** What is known of a run at its end. */
export function runEndAttributes(run: RunRecord, redaction: Redaction): Attributes {
  const { summary } = run;
  const words = redaction.errorText(run.capture);
  return redacted(redaction, {
    [semconv.ATTR_CHATDEBUG_RUN_STATUS]: run.status,
    [semconv.ATTR_CHATDEBUG_RUN_STEP_COUNT]: summary.stepCount,
    [semconv.ATTR_CHATDEBUG_RUN_HAS_ERROR]: summary.hasError || run.status === 'error',
    [semconv.ATTR_CHATDEBUG_RUN_ENDPOINT]: summary.endpoint && endpoint(summary.endpoint, redaction),
    ...(run.capture === 'full' && tokenAttributes(summary.tokens)),
    ...(run.failure
      ? errorAttributes(run.failure.classification, words)
      : run.evidence && keptFor(run.evidence, words)),
    ...(run.evidence && fingerprint(run.evidence)),
  });
}

/** The run's kind, which is its span's name. */
export function runKind(run: RunRecord): string {
  return run.kind;
}

/** The application's own: of more than these, those that tell a run's end would not fit into its span. */
function someOf(attributes: Attributes = {}): Attributes {
  const entries = Object.entries(attributes);
  if (entries.length <= MAX_OWN) return attributes;
  warn(`a run has more than ${MAX_OWN} attributes of its own: the others are left out`);
  return Object.fromEntries(entries.slice(0, MAX_OWN));
}

/** That of the error for which it is kept, which its step has as well, whatever the run then failed with itself. */
function fingerprint({ classification }: Failure): Attributes {
  return { [semconv.ATTR_CHATDEBUG_ERROR_FINGERPRINT]: fingerprintOf(classification) };
}

/** The error for which a run is kept; `error.type` is for a run that failed itself. */
function keptFor({ classification }: Failure, words: ErrorText): Attributes {
  return { ...errorAttributes(classification, words), [semconv.ATTR_ERROR_TYPE]: undefined };
}

/** `POST /v1/messages`. */
function endpoint(methodAndPath: string, redaction: Redaction): string {
  return firstCharacters(methodAndPath.replace(/(?<= ).*/s, redaction.url), ENDPOINT_LENGTH);
}

/** The label of a chat, redacted before it is cut: in full capture only, since somebody wrote it. */
function firstMessage({ options, capture, summary }: RunRecord, redaction: Redaction): string | undefined {
  const text = options.firstMessage ?? summary.firstMessage;
  if (text === undefined || capture !== 'full') return undefined;
  const name = semconv.ATTR_CHATDEBUG_RUN_FIRST_MESSAGE;
  const folded = cut(text, 10 * FIRST_MESSAGE_LENGTH)
    .replace(/\s+/g, ' ')
    .trim();
  return redaction.limit(firstCharacters(redaction.text(folded, name), FIRST_MESSAGE_LENGTH), name);
}
