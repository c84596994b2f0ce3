import { type Fields, numberOf, type StoredEvent, type StoredSpan, textOf } from '../query/stored-span.js';
import * as names from '../semconv.js';

/** The parts of a stored run that a case needs. */
export interface RecordedRun {
  readonly id: string;
  /** The fingerprint of the error for which it was kept. */
  readonly fingerprint: string | undefined;
  readonly steps: readonly RecordedStep[];
}

export interface RecordedStep {
  readonly number: number;
  readonly status: string | undefined;
  readonly isStream: boolean;
  readonly provider: string | undefined;
  readonly model: string | undefined;
  readonly kind: string | undefined;
  readonly errorType: string | undefined;
  readonly detail: string | undefined;
  readonly fingerprint: string | undefined;
  readonly exceptionType: string | undefined;
  readonly errorStatusCode: number | undefined;
  /** `chatdebug.request.shape`: of a failed request in errors capture. */
  readonly shape: string | undefined;
  /** The number of attempts in the middle that were not written. */
  readonly attemptsLeftOut: number;
  /** From the start of the step to the first chunk of the last response. */
  readonly firstChunkMs: number | undefined;
  /** Of the last response, if it is a stream. */
  readonly chunkCount: number | undefined;
  readonly silenceMs: number | undefined;
  readonly startedAt: number;
  readonly attempts: readonly RecordedAttempt[];
}

export interface RecordedAttempt {
  readonly number: number;
  readonly status: string;
  readonly method: string;
  /** In full capture with the query. */
  readonly path: string;
  readonly statusCode: number | undefined;
  readonly errorType: string | undefined;
  readonly errorMessage: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly durationMs: number | undefined;
  /** `chatdebug.attempt.chunk_timing`, as JSON. */
  readonly chunkTiming: string | undefined;
  readonly startedAt: number;
  readonly isWebSocket: boolean;
  readonly request: RecordedMessage;
  readonly response: RecordedMessage;
}

/** The recorded headers and body of a request or a response; empty in errors capture. */
export interface RecordedMessage {
  readonly isUnseen: boolean;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string | undefined;
  readonly size: number | undefined;
}

/** Groups spans by run, in the order of the first span of each. Spans without a run are ignored. */
export function keptRuns(spans: readonly StoredSpan[]): readonly RecordedRun[] {
  const byId = new Map<string, Map<string, StoredSpan>>();
  for (const span of spans) {
    const id = textOf(span.attributes[names.ATTR_CHATDEBUG_RUN_ID]);
    if (id === undefined) continue;
    const own = byId.get(id) ?? new Map<string, StoredSpan>();
    // Delivery is at least once.
    byId.set(id, own.set(span.spanId, span));
  }
  return [...byId].map(([id, own]) => {
    const all = [...own.values()];
    const run = all.find((span) => !isStep(span) && !isAttempt(span));
    return {
      id,
      fingerprint: textOf(run?.attributes[names.ATTR_CHATDEBUG_ERROR_FINGERPRINT]),
      steps: all
        .filter(isStep)
        .map((step) =>
          keptStep(
            step,
            all.filter((span) => isAttempt(span) && span.parentSpanId === step.spanId),
          ),
        )
        .sort((a, b) => a.number - b.number),
    };
  });
}

function isStep({ attributes }: StoredSpan): boolean {
  return attributes[names.ATTR_CHATDEBUG_STEP_NUMBER] !== undefined;
}

function isAttempt({ attributes }: StoredSpan): boolean {
  return attributes[names.ATTR_CHATDEBUG_ATTEMPT_NUMBER] !== undefined;
}

function keptStep(
  { attributes, events, startedAt }: StoredSpan,
  attemptSpans: readonly StoredSpan[],
): RecordedStep {
  const text = (name: string) => textOf(attributes[name]);
  const number = (name: string) => numberOf(attributes[name]);
  const seconds = number(names.ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK);
  return {
    number: number(names.ATTR_CHATDEBUG_STEP_NUMBER) ?? 0,
    status: text(names.ATTR_CHATDEBUG_STEP_STATUS),
    isStream: text(names.ATTR_CHATDEBUG_STEP_OPERATION) === 'stream',
    provider: text(names.ATTR_GEN_AI_PROVIDER_NAME),
    model: text(names.ATTR_GEN_AI_REQUEST_MODEL),
    kind: text(names.ATTR_CHATDEBUG_ERROR_KIND),
    errorType: text(names.ATTR_ERROR_TYPE),
    detail: text(names.ATTR_CHATDEBUG_ERROR_DETAIL),
    fingerprint: text(names.ATTR_CHATDEBUG_ERROR_FINGERPRINT),
    exceptionType: text(names.ATTR_CHATDEBUG_ERROR_EXCEPTION_TYPE),
    errorStatusCode: number(names.ATTR_CHATDEBUG_ERROR_PROVIDER_STATUS),
    shape: text(names.ATTR_CHATDEBUG_REQUEST_SHAPE),
    attemptsLeftOut: number(names.ATTR_CHATDEBUG_STEP_ATTEMPTS_LEFT_OUT) ?? 0,
    firstChunkMs: seconds === undefined ? undefined : seconds * 1_000,
    chunkCount: number(names.ATTR_CHATDEBUG_STREAM_CHUNKS),
    silenceMs: number(names.ATTR_CHATDEBUG_STREAM_SILENCE_MS),
    startedAt,
    attempts: keptAttempts(events, attemptSpans),
  };
}

/** Each attempt once: it may have been written as a span, as an event, or as both. */
function keptAttempts(
  events: readonly StoredEvent[],
  spans: readonly StoredSpan[],
): readonly RecordedAttempt[] {
  const attempts = [
    ...events.filter(({ name }) => name === names.EVENT_ATTEMPT),
    ...spans.map(({ attributes, startedAt }) => ({ attributes, at: startedAt })),
  ].map(keptAttempt);
  const byNumber = new Map(attempts.map((attempt) => [attempt.number, attempt]));
  return [...byNumber.values()].sort((a, b) => a.number - b.number);
}

function keptAttempt({ attributes, at }: Pick<StoredEvent, 'attributes' | 'at'>): RecordedAttempt {
  const text = (name: string) => textOf(attributes[name]);
  const number = (name: string) => numberOf(attributes[name]);
  const path = text(names.ATTR_URL_PATH) ?? '/';
  const unseen = text(names.ATTR_CHATDEBUG_ATTEMPT_BODIES);
  return {
    number: number(names.ATTR_CHATDEBUG_ATTEMPT_NUMBER) ?? 0,
    status: text(names.ATTR_CHATDEBUG_ATTEMPT_STATUS) ?? 'failed',
    method: text(names.ATTR_HTTP_REQUEST_METHOD_ORIGINAL) ?? text(names.ATTR_HTTP_REQUEST_METHOD) ?? 'POST',
    path: pathWithQuery(text(names.ATTR_URL_FULL)) ?? path,
    statusCode: number(names.ATTR_HTTP_RESPONSE_STATUS_CODE),
    errorType: text(names.ATTR_ERROR_TYPE),
    errorMessage: text(names.ATTR_CHATDEBUG_ATTEMPT_ERROR_MESSAGE),
    requestId: text(names.ATTR_CHATDEBUG_ATTEMPT_REQUEST_ID),
    retryAfterMs: number(names.ATTR_CHATDEBUG_ATTEMPT_RETRY_AFTER_MS),
    durationMs: number(names.ATTR_CHATDEBUG_ATTEMPT_DURATION_MS),
    chunkTiming: text(names.ATTR_CHATDEBUG_ATTEMPT_CHUNK_TIMING),
    startedAt: at,
    isWebSocket: text(names.ATTR_NETWORK_PROTOCOL_NAME) === 'websocket',
    request: {
      isUnseen: unseen === 'request_out_of_reach',
      headers: headersOf(attributes, names.PREFIX_HTTP_REQUEST_HEADER),
      body: text(names.ATTR_CHATDEBUG_ATTEMPT_REQUEST_BODY),
      size: number(names.ATTR_CHATDEBUG_ATTEMPT_REQUEST_BODY_SIZE),
    },
    response: {
      isUnseen: unseen === 'response_out_of_reach',
      headers: headersOf(attributes, names.PREFIX_HTTP_RESPONSE_HEADER),
      body: text(names.ATTR_CHATDEBUG_ATTEMPT_RESPONSE_BODY),
      size: number(names.ATTR_CHATDEBUG_ATTEMPT_RESPONSE_BODY_SIZE),
    },
  };
}

function pathWithQuery(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { pathname, search } = new URL(url);
  return pathname + search;
}

function headersOf(attributes: Fields, prefix: string): ReadonlyMap<string, readonly string[]> {
  const headers = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(attributes))
    if (name.startsWith(prefix)) headers.set(name.slice(prefix.length), listOf(value));
  return headers;
}

/** Jaeger stores a list as JSON text. */
function listOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(String);
  const text = String(value);
  if (!text.startsWith('[')) return [text];
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.map(String) : [text];
  } catch {
    return [text];
  }
}
