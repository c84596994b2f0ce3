import type { Attributes } from '@opentelemetry/api';
import type { Attempt } from '../attempt/attempt.js';
import { serverAttributes } from '../attempt/request-line.js';
import type { Timeline } from '../clock.js';
import type { Conventions } from '../conventions.js';
import { fingerprintOf } from '../error/index.js';
import type { RunRecord } from '../run/run-record.js';
import { warn } from '../self-diagnostics.js';
import * as semconv from '../semconv.js';
import { operation, operationName, secondsToFirstChunk } from '../step/operation.js';
import type { Failure } from '../step/outcome.js';
import { shapeOfLast } from '../step/request-shape.js';
import type { StepRecord } from '../step/step-record.js';
import type { TokenUsage } from '../types.js';
import { cut } from '../wire/content.js';
import { errorAttributes } from './exceptions.js';
import { RedactedAttributes, type Redaction, redacted } from './redaction.js';
import { addWire, OPENAI } from './wire-attributes.js';

/** Written for an attempt without a response, since a list attribute cannot have gaps. */
const NO_RESPONSE = 0;

export function stepAttributes(run: RunRecord, step: StepRecord, redaction: Redaction): Attributes {
  const { options, attempts } = step;
  const { last } = attempts;
  const stepOperation = operation(step);
  const written = new RedactedAttributes(redaction);
  written.add(semconv.ATTR_CHATDEBUG_STEP_NUMBER, step.number);
  written.add(semconv.ATTR_CHATDEBUG_STEP_STATUS, step.status);
  written.add(semconv.ATTR_CHATDEBUG_STEP_RECOVERY, step.recovery);
  written.add(semconv.ATTR_CHATDEBUG_STEP_OPERATION, stepOperation);
  written.add(semconv.ATTR_CHATDEBUG_STEP_ATTEMPT_COUNT, attempts.began);
  written.add(
    semconv.ATTR_CHATDEBUG_STEP_ATTEMPTS_LEFT_OUT,
    attempts.began - attempts.kept.length || undefined,
  );
  if (last !== undefined)
    written.add(
      semconv.ATTR_CHATDEBUG_STEP_ATTEMPT_STATUS_CODES,
      attempts.kept.map(({ httpStatusCode }) => httpStatusCode ?? NO_RESPONSE),
    );
  written.add(semconv.ATTR_GEN_AI_OPERATION_NAME, operationName(step.attempts.last));
  written.add(semconv.ATTR_GEN_AI_PROVIDER_NAME, step.provider ?? semconv.PROVIDER_UNKNOWN);
  if (step.provider === OPENAI) written.add(semconv.ATTR_OPENAI_API_TYPE, apiType(last));
  written.add(semconv.ATTR_GEN_AI_REQUEST_MODEL, step.model);
  if (last !== undefined) written.addAll(serverAttributes(last.origin));
  written.add(semconv.ATTR_HTTP_RESPONSE_STATUS_CODE, last?.httpStatusCode);
  if (step.capture === 'full') written.addAll(tokenAttributes(step.tokens, redaction.conventions));
  written.add(semconv.ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK, secondsToFirstChunk(step, stepOperation));
  if (last !== undefined && last.unobservedBody !== 'response' && stepOperation === 'stream')
    addStream(written, step, last);
  if (step.status === 'error') written.add(semconv.ATTR_CHATDEBUG_REQUEST_SHAPE, shapeOfLast(attempts.kept));
  if (step.wire !== undefined) addWire(written, step, step.wire, redaction);
  // Lets a query find the steps of a run that never ended.
  written.add(semconv.ATTR_CHATDEBUG_RUN_ID, run.id);
  written.add(semconv.ATTR_CHATDEBUG_RUN_KIND, run.kind);
  written.add(semconv.ATTR_CHATDEBUG_CAPTURE, step.capture);
  written.add(semconv.ATTR_GEN_AI_CONVERSATION_ID, options.chatId ?? run.options.chatId);
  written.add(semconv.ATTR_USER_ID, options.ownerId);
  written.add(
    semconv.ATTR_CHATDEBUG_HISTORY_TIP_MESSAGE_ID,
    options.historyTipMessageId ?? run.options.historyTipMessageId,
  );
  written.add(semconv.ATTR_ERROR_TYPE, step.errorType);
  if (step.failure !== undefined)
    written.addAll(errorAttributes(step.failure.classification, redaction.errorText(step.capture)));
  written.add(semconv.ATTR_CHATDEBUG_KEPT_REPRESENTS, step.represents);
  return written.all;
}

/** Returns the `openai.api.type` of a request, if the conventions define one. */
function apiType(last: Attempt | undefined): string | undefined {
  const format = last?.call?.format;
  return API_TYPES.get(format?.like ?? format?.name);
}

const API_TYPES: ReadonlyMap<string | undefined, string> = new Map([
  ['openai-chat', 'chat_completions'],
  ['openai-responses', 'responses'],
]);

/** Describes a later call without a span, which may have been a retry of the failed one. */
export function recoveryAttributes(timeline: Timeline, later: StepRecord): Attributes {
  const startedAt = new Date(timeline.epochMillis(later.startedAt)).toISOString();
  return { [semconv.ATTR_CHATDEBUG_STEP_RECOVERY_STARTED_AT]: startedAt };
}

/** Returns `{gen_ai.operation.name} {gen_ai.request.model}` (GenAI conventions). */
export function stepName(step: StepRecord, redaction: Redaction): string {
  const { model } = step;
  return model === undefined
    ? operationName(step.attempts.last)
    : `${operationName(step.attempts.last)} ${redaction.text(model, 'span.name')}`;
}

function addStream(written: RedactedAttributes, step: StepRecord, last: Attempt): void {
  const silence = last.received.lastAt === undefined ? undefined : (step.endedAt ?? 0) - last.received.lastAt;
  written.add(semconv.ATTR_CHATDEBUG_STREAM_CHUNKS, last.received.count);
  written.add(semconv.ATTR_CHATDEBUG_STREAM_BYTES, last.received.bytes);
  written.add(semconv.ATTR_CHATDEBUG_STREAM_SILENCE_MS, silence && Math.max(0, Math.round(silence)));
  written.add(
    semconv.ATTR_CHATDEBUG_STREAM_LONGEST_GAP_MS,
    Math.round(last.received.longestGapMillis) || undefined,
  );
  written.add(semconv.ATTR_CHATDEBUG_STREAM_LAST_EVENT, last.lastEvent);
}

const FIRST_MESSAGE_LENGTH = 200;
const ENDPOINT_LENGTH = 1_000;
const MAX_RUN_ATTRIBUTES = 128;

/**
 * Returns the attributes of a run when its span starts: those that the sampler sees. In errors capture the span
 * starts at the first evidence and has the attributes of that error.
 */
export function runStartAttributes(run: RunRecord, redaction: Redaction): Attributes {
  const { options, evidence, totals } = run;
  const attributes = redacted(redaction, {
    [semconv.ATTR_CHATDEBUG_RUN_KIND]: run.kind,
    [semconv.ATTR_CHATDEBUG_RUN_ID]: run.id,
    [semconv.ATTR_CHATDEBUG_RUN_PARENT_ID]: run.parent?.id,
    [semconv.ATTR_CHATDEBUG_RUN_CONTEXT]: run.origin === 'unknown caller' ? 'unknown' : undefined,
    [semconv.ATTR_CHATDEBUG_CAPTURE]: run.capture,
    [semconv.ATTR_GEN_AI_OPERATION_NAME]: semconv.OPERATION_INVOKE_WORKFLOW,
    [redaction.conventions.workflowName]: options.kind,
    [semconv.ATTR_GEN_AI_CONVERSATION_ID]: options.chatId,
    [semconv.ATTR_CHATDEBUG_CHAT_ROOT_ID]: options.rootChatId,
    [semconv.ATTR_CHATDEBUG_CHAT_PARENT_ID]: options.parentChatId,
    [semconv.ATTR_USER_ID]: options.ownerId,
    [semconv.ATTR_GEN_AI_PROVIDER_NAME]: options.provider ?? totals.provider,
    [semconv.ATTR_GEN_AI_REQUEST_MODEL]: options.model ?? totals.model,
    [semconv.ATTR_CHATDEBUG_MODEL_CONFIG_ID]: options.modelConfigId,
    [semconv.ATTR_CHATDEBUG_TRIGGER_MESSAGE_ID]: options.triggerMessageId,
    [semconv.ATTR_CHATDEBUG_HISTORY_TIP_MESSAGE_ID]: options.historyTipMessageId,
    [semconv.ATTR_CHATDEBUG_PARENT_SPAN_ID]: run.position.unsampledParent?.spanId,
    ...limitedAttributes(options.attributes),
    ...(evidence && errorAttributes(evidence.classification, redaction.errorText(run.capture))),
    [semconv.ATTR_CHATDEBUG_KEPT_REPRESENTS]: run.represents,
  });
  const label = redaction.content ? firstMessage(run, redaction) : undefined;
  if (label !== undefined) attributes[semconv.ATTR_CHATDEBUG_RUN_FIRST_MESSAGE] = label;
  return attributes;
}

export function runEndAttributes(run: RunRecord, redaction: Redaction): Attributes {
  const { totals } = run;
  const words = redaction.errorText(run.capture);
  // A run that did not fail itself has the error for which it is kept.
  const reason = run.failure ?? run.evidence;
  return redacted(redaction, {
    [semconv.ATTR_CHATDEBUG_RUN_STATUS]: run.status,
    [semconv.ATTR_CHATDEBUG_RUN_STEP_COUNT]: totals.stepCount,
    [semconv.ATTR_CHATDEBUG_RUN_HAS_ERROR]: totals.hasError || run.status === 'error',
    [semconv.ATTR_CHATDEBUG_RUN_ENDPOINT]: totals.endpoint && endpoint(totals.endpoint, redaction),
    ...(run.capture === 'full' && tokenAttributes(totals.tokens, redaction.conventions)),
    [semconv.ATTR_ERROR_TYPE]: run.errorType,
    [semconv.ATTR_GEN_AI_CONVERSATION_COMPACTED]:
      redaction.conventions.isDevelopment && isCompaction(run) ? true : undefined,
    ...(reason && errorAttributes(reason.classification, words)),
    ...(run.evidence && fingerprint(run.evidence)),
  });
}

/** Returns `invoke_workflow {name}` (GenAI conventions). The name is the run kind that the application has set. */
export function runName({ options: { kind } }: RunRecord, redaction: Redaction): string {
  const operation = semconv.OPERATION_INVOKE_WORKFLOW;
  return kind === undefined ? operation : `${operation} ${redaction.text(kind, 'span.name')}`;
}

/** Later calls of a compacted conversation carry a summary in place of the messages. */
function isCompaction({ options: { kind }, status }: RunRecord): boolean {
  return kind === 'compaction' && status === 'completed';
}

/** Limits the application's attributes, so that those of the run's end still fit into the span. */
function limitedAttributes(attributes: Attributes = {}): Attributes {
  const entries = Object.entries(attributes);
  if (entries.length <= MAX_RUN_ATTRIBUTES) return attributes;
  warn(`a run has more than ${MAX_RUN_ATTRIBUTES} attributes: the rest is omitted`);
  return Object.fromEntries(entries.slice(0, MAX_RUN_ATTRIBUTES));
}

/**
 * Returns the fingerprint of the error for which the run is kept. It is the same on the failed step, even if the run
 * failed with another error.
 */
function fingerprint({ classification }: Failure): Attributes {
  return { [semconv.ATTR_CHATDEBUG_ERROR_FINGERPRINT]: fingerprintOf(classification) };
}

/** `POST /v1/messages`. */
function endpoint(methodAndPath: string, redaction: Redaction): string {
  return firstCharacters(methodAndPath.replace(/(?<= ).*/s, redaction.url), ENDPOINT_LENGTH);
}

/** Returns the label of a chat, redacted before it is truncated. Content: full capture only. */
function firstMessage({ options, capture, totals }: RunRecord, redaction: Redaction): string | undefined {
  const text = options.firstMessage ?? totals.firstMessage;
  if (text === undefined || capture !== 'full') return undefined;
  const name = semconv.ATTR_CHATDEBUG_RUN_FIRST_MESSAGE;
  const folded = cut(text, 10 * FIRST_MESSAGE_LENGTH)
    .replace(/\s+/g, ' ')
    .trim();
  return redaction.limit(firstCharacters(redaction.text(folded, name), FIRST_MESSAGE_LENGTH), name);
}

/** Names of the development version. Version 1.41.0 has no token counts by modality. */
const BY_MODALITY = [
  ['textInputTokens', semconv.ATTR_GEN_AI_USAGE_TEXT_INPUT_TOKENS],
  ['audioInputTokens', semconv.ATTR_GEN_AI_USAGE_AUDIO_INPUT_TOKENS],
  ['imageInputTokens', semconv.ATTR_GEN_AI_USAGE_IMAGE_INPUT_TOKENS],
  ['textOutputTokens', semconv.ATTR_GEN_AI_USAGE_TEXT_OUTPUT_TOKENS],
  ['audioOutputTokens', semconv.ATTR_GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS],
  ['imageOutputTokens', semconv.ATTR_GEN_AI_USAGE_IMAGE_OUTPUT_TOKENS],
  ['textCacheReadTokens', semconv.ATTR_GEN_AI_USAGE_TEXT_CACHE_READ_INPUT_TOKENS],
  ['audioCacheReadTokens', semconv.ATTR_GEN_AI_USAGE_AUDIO_CACHE_READ_INPUT_TOKENS],
  ['imageCacheReadTokens', semconv.ATTR_GEN_AI_USAGE_IMAGE_CACHE_READ_INPUT_TOKENS],
] as const;

/** Returns the token counts of a step or the totals of a run. */
function tokenAttributes(tokens: TokenUsage, { cacheWriteTokens, isDevelopment }: Conventions): Attributes {
  const counts: Attributes = {
    [semconv.ATTR_GEN_AI_USAGE_INPUT_TOKENS]: tokens.inputTokens,
    [semconv.ATTR_GEN_AI_USAGE_OUTPUT_TOKENS]: tokens.outputTokens,
    [semconv.ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS]: tokens.reasoningTokens,
    [semconv.ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS]: tokens.cacheReadTokens,
    [cacheWriteTokens]: tokens.cacheCreationTokens,
  };
  if (isDevelopment) for (const [member, name] of BY_MODALITY) counts[name] = tokens[member];
  return counts;
}

/** A surrogate code unit. */
const PAIRED = /[\uD800-\uDFFF]/;

/** Returns the first `max` characters of a redacted text. */
export function firstCharacters(text: string, max: number): string {
  if (text.length <= max) return text;
  if (!PAIRED.test(text)) return text.slice(0, max);
  return Array.from(text.slice(0, 2 * max))
    .slice(0, max)
    .join('');
}
