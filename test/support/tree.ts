import * as names from '../../src/semconv.js';
import type { TokenUsage } from '../../src/types.js';
import { flag, number, text } from './attributes.js';
import type { ReceivedEvent, ReceivedSpan } from './otlp-receiver.js';

export interface RunTree {
  id: string;
  /** Undefined, like status and capture, if only steps of the run arrived. */
  span: ReceivedSpan | undefined;
  kind: string | undefined;
  status: string | undefined;
  capture: string | undefined;
  traceId: string;
  chatId: string | undefined;
  firstMessage: string | undefined;
  provider: string | undefined;
  model: string | undefined;
  endpoint: string | undefined;
  durationMillis: number | undefined;
  stepCount: number | undefined;
  hasError: boolean | undefined;
  usage: TokenUsage;
  error: ErrorTree | undefined;
  /** By number. */
  steps: StepTree[];
  /** Runs whose span is below this one's or one of its steps. */
  children: RunTree[];
}

export interface StepTree {
  span: ReceivedSpan;
  number: number | undefined;
  operation: string | undefined;
  status: string | undefined;
  provider: string | undefined;
  model: string | undefined;
  statusCode: number | undefined;
  durationMillis: number;
  attemptCount: number | undefined;
  usage: TokenUsage;
  error: ErrorTree | undefined;
  /** In order of arrival, from events or from spans. */
  attempts: AttemptTree[];
}

export interface AttemptTree {
  /** For an attempt as a span: its name, start and attributes. */
  event: ReceivedEvent;
  /** Present if it was written as a span. */
  span: ReceivedSpan | undefined;
  number: number | undefined;
  status: string | undefined;
  method: string | undefined;
  path: string | undefined;
  statusCode: number | undefined;
  durationMillis: number | undefined;
  retryAfterMillis: number | undefined;
  requestId: string | undefined;
  errorType: string | undefined;
  errorMessage: string | undefined;
  requestBody: string | undefined;
  responseBody: string | undefined;
}

/** The error of a run or step with an `error.type` or a kind. The kind comes with the classification. */
export interface ErrorTree {
  type: string | undefined;
  kind: string | undefined;
  message: string | undefined;
  detail: string | undefined;
  retryable: boolean | undefined;
  retryAfterMillis: number | undefined;
  providerStatus: number | undefined;
  requestId: string | undefined;
  /** The description of the span's status. */
  description: string | undefined;
}

/** The runs of these spans, by start. Other spans than runs and steps are omitted. */
export function buildTree(spans: readonly ReceivedSpan[]): RunTree[] {
  const ours = spans.filter((span) => text(span, names.ATTR_CHATDEBUG_RUN_ID) !== undefined);
  const ids = [...new Set(ours.map((span) => text(span, names.ATTR_CHATDEBUG_RUN_ID) ?? ''))];
  const runs = ids.map((id) =>
    runTree(
      id,
      ours.filter((span) => text(span, names.ATTR_CHATDEBUG_RUN_ID) === id),
    ),
  );
  const owners = new Map<string, RunTree>();
  for (const run of runs) {
    if (run.span !== undefined) owners.set(run.span.spanId, run);
    for (const step of run.steps) owners.set(step.span.spanId, run);
  }
  const top = runs.filter((run) => {
    const parent = owners.get(run.span?.parentSpanId ?? '');
    parent?.children.push(run);
    return parent === undefined;
  });
  for (const run of runs) run.children.sort(byStart);
  return top.sort(byStart);
}

function runTree(id: string, spans: readonly ReceivedSpan[]): RunTree {
  const span = spans.find((candidate) => !isStep(candidate) && !isAttempt(candidate));
  const attempts = spans.filter(isAttempt);
  const steps = spans.filter(isStep).map((step) => stepTree(step, attempts));
  const any = span ?? spans[0];
  return {
    id,
    span,
    kind: any && text(any, names.ATTR_CHATDEBUG_RUN_KIND),
    status: span && text(span, names.ATTR_CHATDEBUG_RUN_STATUS),
    capture: span && text(span, names.ATTR_CHATDEBUG_CAPTURE),
    traceId: any?.traceId ?? '',
    chatId: any && text(any, names.ATTR_GEN_AI_CONVERSATION_ID),
    firstMessage: span && text(span, names.ATTR_CHATDEBUG_RUN_FIRST_MESSAGE),
    provider: span && text(span, names.ATTR_GEN_AI_PROVIDER_NAME),
    model: span && text(span, names.ATTR_GEN_AI_REQUEST_MODEL),
    endpoint: span && text(span, names.ATTR_CHATDEBUG_RUN_ENDPOINT),
    durationMillis: span && duration(span),
    stepCount: span && number(span, names.ATTR_CHATDEBUG_RUN_STEP_COUNT),
    hasError: span && flag(span, names.ATTR_CHATDEBUG_RUN_HAS_ERROR),
    usage: usageOf(span),
    error: span && errorOf(span),
    steps: steps.sort((a, b) => (a.number ?? 0) - (b.number ?? 0)),
    children: [],
  };
}

function stepTree(span: ReceivedSpan, attempts: readonly ReceivedSpan[]): StepTree {
  return {
    span,
    number: number(span, names.ATTR_CHATDEBUG_STEP_NUMBER),
    operation: text(span, names.ATTR_CHATDEBUG_STEP_OPERATION),
    status: text(span, names.ATTR_CHATDEBUG_STEP_STATUS),
    provider: text(span, names.ATTR_GEN_AI_PROVIDER_NAME),
    model: text(span, names.ATTR_GEN_AI_REQUEST_MODEL),
    statusCode: number(span, names.ATTR_HTTP_RESPONSE_STATUS_CODE),
    durationMillis: duration(span),
    attemptCount: number(span, names.ATTR_CHATDEBUG_STEP_ATTEMPT_COUNT),
    usage: usageOf(span),
    error: errorOf(span),
    attempts: [
      ...span.events.filter((event) => event.name === names.EVENT_ATTEMPT).map((event) => attemptTree(event)),
      ...attempts.filter(({ parentSpanId }) => parentSpanId === span.spanId).map(attemptOfSpan),
    ],
  };
}

function attemptOfSpan(span: ReceivedSpan): AttemptTree {
  const { name, startTimeUnixNano: timeUnixNano, attributes } = span;
  return attemptTree({ name, timeUnixNano, attributes }, span);
}

function attemptTree(event: ReceivedEvent, span?: ReceivedSpan): AttemptTree {
  return {
    event,
    span,
    number: number(event, names.ATTR_CHATDEBUG_ATTEMPT_NUMBER),
    status: text(event, names.ATTR_CHATDEBUG_ATTEMPT_STATUS),
    method: text(event, names.ATTR_HTTP_REQUEST_METHOD),
    path: text(event, names.ATTR_URL_PATH),
    statusCode: number(event, names.ATTR_HTTP_RESPONSE_STATUS_CODE),
    durationMillis: number(event, names.ATTR_CHATDEBUG_ATTEMPT_DURATION_MS),
    retryAfterMillis: number(event, names.ATTR_CHATDEBUG_ATTEMPT_RETRY_AFTER_MS),
    requestId: text(event, names.ATTR_CHATDEBUG_ATTEMPT_REQUEST_ID),
    errorType: text(event, names.ATTR_ERROR_TYPE),
    errorMessage: text(event, names.ATTR_CHATDEBUG_ATTEMPT_ERROR_MESSAGE),
    requestBody: text(event, names.ATTR_CHATDEBUG_ATTEMPT_REQUEST_BODY),
    responseBody: text(event, names.ATTR_CHATDEBUG_ATTEMPT_RESPONSE_BODY),
  };
}

function usageOf(span: ReceivedSpan | undefined): TokenUsage {
  const tokens = (name: string) => span && number(span, name);
  return {
    inputTokens: tokens(names.ATTR_GEN_AI_USAGE_INPUT_TOKENS),
    outputTokens: tokens(names.ATTR_GEN_AI_USAGE_OUTPUT_TOKENS),
    reasoningTokens: tokens(names.ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS),
    cacheReadTokens: tokens(names.ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS),
    cacheCreationTokens: tokens(names.ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS),
  };
}

function errorOf(span: ReceivedSpan): ErrorTree | undefined {
  const type = text(span, names.ATTR_ERROR_TYPE);
  const kind = text(span, names.ATTR_CHATDEBUG_ERROR_KIND);
  if (type === undefined && kind === undefined) return undefined;
  return {
    type,
    kind,
    message: text(span, names.ATTR_CHATDEBUG_ERROR_MESSAGE),
    detail: text(span, names.ATTR_CHATDEBUG_ERROR_DETAIL),
    retryable: flag(span, names.ATTR_CHATDEBUG_ERROR_RETRYABLE),
    retryAfterMillis: number(span, names.ATTR_CHATDEBUG_ERROR_RETRY_AFTER_MS),
    providerStatus: number(span, names.ATTR_CHATDEBUG_ERROR_PROVIDER_STATUS),
    requestId: text(span, names.ATTR_CHATDEBUG_ERROR_REQUEST_ID),
    description: span.status.message,
  };
}

const isAttempt = (span: ReceivedSpan): boolean =>
  number(span, names.ATTR_CHATDEBUG_ATTEMPT_NUMBER) !== undefined;

const isStep = (span: ReceivedSpan): boolean => number(span, names.ATTR_CHATDEBUG_STEP_NUMBER) !== undefined;

const byStart = (a: RunTree, b: RunTree): number => {
  const start = (run: RunTree) => (run.span ?? run.steps[0]?.span)?.startTimeUnixNano ?? 0n;
  return Number(start(a) - start(b));
};

const duration = (span: ReceivedSpan): number =>
  Number(span.endTimeUnixNano - span.startTimeUnixNano) / 1_000_000;
