import * as names from '../semconv.js';
import type { Status, TokenUsage } from '../types.js';
import { type Fields, flagOf, numberOf, type StoredEvent, type StoredSpan, textOf } from './stored-span.js';
import type { RunSummary, RunTrace, StoredAttempt, StoredError, StoredRun, StoredStep } from './types.js';

type TraceUrl = ((traceId: string) => string) | undefined;

/** Longer than `idleMillis`, after which a run without activity is ended as interrupted, and than most calls. */
const STALE_MILLIS = 10 * 60_000;

/** The spans of one run in one trace. A resumed run has the same id in another trace. */
interface Group {
  readonly id: string;
  readonly spans: readonly StoredSpan[];
}

/**
 * Returns the runs of these spans, newest first. Ignores spans of other instrumentations and duplicates (delivery is at
 * least once). A run without a span of its own is derived from its steps.
 *
 * @param traceUrl returns the URL of a page that shows a trace
 */
export function runSummaries(spans: readonly StoredSpan[], traceUrl: TraceUrl): RunSummary[] {
  return newestFirst(groupsOf(spans).map((group) => summaryOf(group, traceUrl)));
}

/** Returns the run with this id, its steps and its child runs. If it was resumed, returns the newest. */
export function findRun(spans: readonly StoredSpan[], id: string, traceUrl: TraceUrl): StoredRun | undefined {
  const groups = groupsOf(spans);
  const runs = groups.filter((group) => group.id === id).map((group) => treeOf(group, groups, traceUrl));
  return newestFirst(runs)[0];
}

/** Returns the same, with all spans of its trace, ordered by start. */
export function findTrace(
  spans: readonly StoredSpan[],
  id: string,
  traceUrl: TraceUrl,
): RunTrace | undefined {
  const run = findRun(spans, id, traceUrl);
  if (run === undefined) return undefined;
  const byId = new Map(
    spans.filter(({ traceId }) => traceId === run.traceId).map((span) => [span.spanId, span]),
  );
  return { run, spans: [...byId.values()].sort((a, b) => a.startedAt - b.startedAt) };
}

function groupsOf(spans: readonly StoredSpan[]): Group[] {
  const groups = new Map<string, { id: string; spans: Map<string, StoredSpan> }>();
  for (const span of spans) {
    const id = textOf(span.attributes[names.ATTR_CHATDEBUG_RUN_ID]);
    if (id === undefined) continue;
    const key = `${span.traceId} ${id}`;
    const group = groups.get(key) ?? { id, spans: new Map() };
    groups.set(key, group);
    group.spans.set(span.spanId, span);
  }
  return [...groups.values()].map((group) => ({ id: group.id, spans: [...group.spans.values()] }));
}

/** Removes each run from the candidates, so that two runs that name each other as parent terminate. */
function treeOf(group: Group, others: readonly Group[], traceUrl: TraceUrl): StoredRun {
  const rest = others.filter((other) => other !== group);
  const { traceId } = anyOf(group);
  const attempts = attemptsByStep(group.spans);
  const children = rest.filter((other) => anyOf(other).traceId === traceId && parentId(other) === group.id);
  return {
    ...summaryOf(group, traceUrl),
    steps: group.spans
      .filter(isStep)
      .map((step) => storedStep(step, attempts.get(step.spanId) ?? []))
      .sort((a, b) => a.number - b.number),
    children: newestFirst(children.map((child) => treeOf(child, rest, traceUrl))).reverse(),
  };
}

function summaryOf(group: Group, traceUrl: TraceUrl): RunSummary {
  const { id, spans } = group;
  const span = runSpan(group);
  const any = anyOf(group);
  const failed = spans.find(({ attributes }) => storedError(attributes) !== undefined);
  const { attributes } = any;
  return {
    id,
    traceId: any.traceId,
    chatId: textOf(attributes[names.ATTR_GEN_AI_CONVERSATION_ID]),
    ownerId: textOf(attributes[names.ATTR_USER_ID]),
    kind: textOf(attributes[names.ATTR_CHATDEBUG_RUN_KIND]) ?? 'chat_turn',
    status:
      (span && statusOf(span.attributes[names.ATTR_CHATDEBUG_RUN_STATUS])) ?? unendedStatus(lastEnd(spans)),
    capture: attributes[names.ATTR_CHATDEBUG_CAPTURE] === 'full' ? 'full' : 'errors',
    firstMessage: textOf(attributes[names.ATTR_CHATDEBUG_RUN_FIRST_MESSAGE]),
    provider: textOf(attributes[names.ATTR_GEN_AI_PROVIDER_NAME]),
    model: textOf(attributes[names.ATTR_GEN_AI_REQUEST_MODEL]),
    error: storedError((span ?? failed ?? any).attributes),
    stepCount: numberOf(span?.attributes[names.ATTR_CHATDEBUG_RUN_STEP_COUNT]),
    usage: usageOf(span?.attributes ?? {}),
    startedAt: new Date(span?.startedAt ?? firstStart(spans)),
    durationMillis: span?.durationMillis,
    url: traceUrl?.(any.traceId),
  };
}

/** Not `Math.min(...)`: there may be more spans than a call takes arguments. */
function firstStart(spans: readonly StoredSpan[]): number {
  return spans.reduce((earliest, { startedAt }) => Math.min(earliest, startedAt), Number.POSITIVE_INFINITY);
}

export function lastEnd(spans: readonly StoredSpan[]): number {
  return spans.reduce((last, span) => Math.max(last, span.startedAt + span.durationMillis), 0);
}

/**
 * A run writes its span when it ends. Without a span and without new steps, its process has probably died.
 *
 * @param lastEndedAt when the last span of the run ended, in milliseconds since the epoch
 */
export function unendedStatus(lastEndedAt: number): Status {
  return Date.now() - lastEndedAt > STALE_MILLIS ? 'interrupted' : 'in_progress';
}

function runSpan({ spans }: Group): StoredSpan | undefined {
  return spans.find((span) => !isStep(span) && !isAttempt(span));
}

/** The span that identifies the run: its own, else a step, else an attempt. A group is never empty. */
function anyOf(group: Group): StoredSpan {
  const any = runSpan(group) ?? group.spans.find(isStep) ?? group.spans[0];
  if (any === undefined) throw new Error('a run without spans');
  return any;
}

function parentId(group: Group): string | undefined {
  return textOf(runSpan(group)?.attributes[names.ATTR_CHATDEBUG_RUN_PARENT_ID]);
}

function isStep({ attributes }: StoredSpan): boolean {
  return attributes[names.ATTR_CHATDEBUG_STEP_NUMBER] !== undefined;
}

function isAttempt({ attributes }: StoredSpan): boolean {
  return attributes[names.ATTR_CHATDEBUG_ATTEMPT_NUMBER] !== undefined;
}

function attemptsByStep(spans: readonly StoredSpan[]): ReadonlyMap<string, readonly StoredSpan[]> {
  const attempts = new Map<string, StoredSpan[]>();
  for (const span of spans) {
    if (span.parentSpanId === undefined || !isAttempt(span)) continue;
    const group = attempts.get(span.parentSpanId) ?? [];
    group.push(span);
    attempts.set(span.parentSpanId, group);
  }
  return attempts;
}

function newestFirst<Run extends RunSummary>(runs: Run[]): Run[] {
  return runs.sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
}

const STATUSES: readonly Status[] = ['in_progress', 'interrupted', 'error', 'completed'];

/** @param attemptSpans attempts that were written as spans */
function storedStep(
  { attributes, events, startedAt, durationMillis }: StoredSpan,
  attemptSpans: readonly StoredSpan[],
): StoredStep {
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
    attempts: storedAttempts(events, attemptSpans),
  };
}

/** Each attempt once, by number: it may have been written as a span, an event or both. */
function storedAttempts(events: readonly StoredEvent[], spans: readonly StoredSpan[]): StoredAttempt[] {
  const attempts = [
    ...events.filter(({ name }) => name === names.EVENT_ATTEMPT).map(storedAttempt),
    ...spans.map(({ attributes, startedAt }) => storedAttempt({ attributes, at: startedAt })),
  ];
  const byNumber = new Map(attempts.map((attempt) => [attempt.number ?? attempt, attempt]));
  return [...byNumber.values()].sort((a, b) => (a.number ?? 0) - (b.number ?? 0));
}

function storedAttempt({ attributes, at }: Pick<StoredEvent, 'attributes' | 'at'>): StoredAttempt {
  const status = attributes[names.ATTR_CHATDEBUG_ATTEMPT_STATUS];
  return {
    number: numberOf(attributes[names.ATTR_CHATDEBUG_ATTEMPT_NUMBER]),
    status: status === 'failed' ? status : statusOf(status),
    method: textOf(
      attributes[names.ATTR_HTTP_REQUEST_METHOD_ORIGINAL] ?? attributes[names.ATTR_HTTP_REQUEST_METHOD],
    ),
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

/** Returns the normalized error of a run or step. */
function storedError(attributes: Fields): StoredError | undefined {
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

function usageOf(attributes: Fields): TokenUsage {
  return {
    inputTokens: numberOf(attributes[names.ATTR_GEN_AI_USAGE_INPUT_TOKENS]),
    outputTokens: numberOf(attributes[names.ATTR_GEN_AI_USAGE_OUTPUT_TOKENS]),
    reasoningTokens: numberOf(attributes[names.ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS]),
    cacheReadTokens: numberOf(attributes[names.ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS]),
    cacheCreationTokens: numberOf(
      attributes[names.ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS] ??
        attributes[names.ATTR_GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS],
    ),
  };
}

function statusOf(value: unknown): Status | undefined {
  return STATUSES.find((status) => status === value);
}
