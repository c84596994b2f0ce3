import { isDeepStrictEqual } from 'node:util';
import { type Context, trace } from '@opentelemetry/api';
import type { Attempt, RequestTarget } from '../attempt/attempt.js';
import { retryAfterMillis } from '../attempt/failure.js';
import { headerValue, isHeader, readHeaders } from '../attempt/request-line.js';
import type { StepRecord } from '../step/step-record.js';
import type { RunOptions } from '../types.js';
import type { JoinedStep } from './undecided-attempt.js';

/** Identifies the caller of a request outside any run. */
export interface Identity {
  readonly options: RunOptions;
  /** The application's own OpenTelemetry context. */
  readonly active: Context;
  /** The initial headers of the request, in one of the shapes that `readHeaders` reads. */
  readonly headers: unknown;
}

const CREDENTIALS = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key'];

/** The clients of AWS and Azure give all attempts of one call the same id. */
const CALL_IDS = ['amz-sdk-invocation-id', 'x-ms-client-request-id'];
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** The header in which the SDKs of OpenAI and Anthropic number the attempts of one call, from 0. */
const RETRY_COUNT = 'x-stainless-retry-count';

/** The longest pause of these SDKs without a `Retry-After`. */
const NUMBERED_PAUSE_MILLIS = 8_000;

/** Tolerance of `isRetryDue`: timers fire late on a busy machine. */
const EARLY_MILLIS = 50;
const LATE_MILLIS = 1_500;

const callIds = new WeakMap<StepRecord, string>();
/** The retry count of the last request of each step. */
const lastCounts = new WeakMap<StepRecord, number | undefined>();
const laterCalls = new WeakMap<StepRecord, StepRecord>();

/** Calls of different identities are never attempts of one call. */
export function isSameIdentity(a: Identity, b: Identity): boolean {
  // The trace rather than the span: the AI SDK's own telemetry has a span for each try.
  const traceOf = ({ active }: Identity) => trace.getSpanContext(active)?.traceId;
  const credentialsOf = ({ headers }: Identity) => {
    const list = readHeaders(headers);
    return CREDENTIALS.map((name) => credential(headerValue(list, name)));
  };
  return (
    isDeepStrictEqual(a.options, b.options) &&
    traceOf(a) === traceOf(b) &&
    isDeepStrictEqual(credentialsOf(a), credentialsOf(b))
  );
}

/** An AWS signature differs for each try; the key id in it does not. */
function credential(value: string | undefined): string | undefined {
  return /^AWS4-[\w-]{1,40} {1,4}Credential=([^/,]{1,200})/.exec(value ?? '')?.[1] ?? value;
}

type CallAndHeaders = Pick<RequestTarget, 'call' | 'headers'>;

/** Stores call id and retry count of a request, by which its retries are found. */
export function rememberAttempt(step: StepRecord, request: CallAndHeaders): void {
  const id = callId(request);
  if (id !== undefined) callIds.set(step, id);
  const count = retryCount(request.headers);
  lastCounts.set(step, count);
  step.maxPauseMillis = count ? NUMBERED_PAUSE_MILLIS : undefined;
}

/**
 * Finds the failed call of a run that a request retries: by its headers, else by its body.
 *
 * @param failed steps of the same run that wait for a retry of a call to the same URL
 * @param count the retry count that the request began with
 */
export function findRetriedInRun(
  failed: readonly StepRecord[],
  request: RequestTarget,
  attempt: Attempt,
  count: number | undefined,
): JoinedStep | undefined {
  const identified = failed.find((step) => isIdentifiedRetry(step, request, attempt, count));
  if (identified !== undefined) return { step: identified, why: BY_HEADERS };
  const same = failed.find((step) => mayRetry(step, attempt) && hasBodyOfLast(step, attempt, true));
  return same && { step: same, why: 'it has the body of the failed attempt' };
}

/**
 * The same outside any run, where the evidence must match only one step, and a body counts only when the retry is due:
 * another user may make an equal call.
 *
 * @param failed steps of the same identity that wait for a retry of a call to the same URL
 * @returns the step, or those of which the request may be a retry without proof
 */
export function findRetriedOutside(
  failed: readonly StepRecord[],
  request: RequestTarget,
  attempt: Attempt,
  count: number | undefined,
): JoinedStep | { readonly possible: readonly StepRecord[] } {
  const identified = onlyOne(failed.filter((step) => isIdentifiedRetry(step, request, attempt, count)));
  if (identified !== undefined) return { step: identified, why: BY_HEADERS };
  const same = failed.filter((step) => mayRetry(step, attempt) && hasBodyOfLast(step, attempt, false));
  const due = onlyOne(same.filter((step) => isRetryDue(step, attempt, request.headers)));
  if (due !== undefined)
    return { step: due, why: 'it has the body of the failed attempt, whose retry is due' };
  return { possible: same };
}

const BY_HEADERS = 'its headers identify it as a retry';

function onlyOne<T>(found: readonly T[]): T | undefined {
  return found.length === 1 ? found[0] : undefined;
}

export function retryCount(headers: unknown): number | undefined {
  const text = headerValue(readHeaders(headers, retryCountName), RETRY_COUNT);
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}

function retryCountName(name: unknown): string | undefined {
  return isHeader(name, RETRY_COUNT) ? RETRY_COUNT : undefined;
}

function callId({ call, headers }: CallAndHeaders): string | undefined {
  if (call === undefined || !/^a(?:ws|zure)\./.test(call.provider)) return undefined;
  const list = readHeaders(headers);
  return CALL_IDS.map((name) => headerValue(list, name)).find((id) => id !== undefined && UUID.test(id));
}

/** By its retry count or its call id. A known body must be the same: an application may choose the id itself. */
function isIdentifiedRetry(
  step: StepRecord,
  request: CallAndHeaders,
  attempt: Attempt,
  count: number | undefined,
): boolean {
  if (!mayRetry(step, attempt)) return false;
  const id = callId(request);
  const isIdentified =
    (Boolean(count) && step.attempts.began === count) || (id !== undefined && callIds.get(step) === id);
  return isIdentified && mayHaveBodyOfLast(step, attempt);
}

function mayRetry({ awaitsRetry, capture }: StepRecord, attempt: Attempt): boolean {
  return awaitsRetry && capture === attempt.capture;
}

function mayHaveBodyOfLast(step: StepRecord, attempt: Attempt): boolean {
  const { last } = step.attempts;
  const isKnown = (last?.fingerprint?.size ?? 0) > 0 && (attempt.fingerprint?.size ?? 0) > 0;
  return !isKnown || hasBodyOfLast(step, attempt, true);
}

/**
 * Whether a request has the same body as the last attempt of a step. If that failed before its body was sent, only the
 * announced length is known, which is enough within one run.
 */
function hasBodyOfLast({ attempts: { last } }: StepRecord, next: Attempt, isSameRun: boolean): boolean {
  const [before, now] = [last?.fingerprint, next.fingerprint];
  // A provider may answer before undici reports that the body has been sent.
  const isSent = next.requestIsWhole || next.statusCode !== undefined;
  if (before === undefined || now === undefined || !isSent) return false;
  if (before.size > 0) return before.equals(now);
  return isSameRun && now.size > 0 && last?.announcedBytes === now.size;
}

export function markPossibleRecovery(failed: StepRecord, later: StepRecord | undefined): void {
  failed.recovery = 'possible';
  if (later !== undefined && !laterCalls.has(failed)) laterCalls.set(failed, later);
}

export function possibleRecovery(failed: StepRecord): StepRecord | undefined {
  return laterCalls.get(failed);
}

/** The pause of a client before a retry, in milliseconds. Each pause is twice as long as the last. */
interface RetrySchedule {
  /** The request header that identifies the client. Default: `user-agent`. */
  readonly header?: string;
  readonly value: RegExp;
  readonly min: number;
  readonly max: number;
}

/** LangChain uses p-retry, which multiplies a pause by a random factor of up to 2. */
const LANGCHAIN = { min: 1_000, max: 2_000 };

const SCHEDULES: readonly RetrySchedule[] = [
  { value: /(^| )ai(?:\/|-sdk[-/])/, min: 2_000, max: 2_000 },
  // Mastra retries the calls of the AI SDK's models by p-retry.
  { value: /(^| )ai-sdk\//, min: 1_000, max: 1_000 },
  { value: /google-genai-sdk/, min: 0, max: 1_000 },
  { value: /langchain|^mistral-client-typescript\//i, ...LANGCHAIN },
  { header: 'x-goog-api-client', value: /^genai-js\//, ...LANGCHAIN },
  // LangChain turns off the retries of SDKs that number them.
  { header: RETRY_COUNT, value: /^0$/, ...LANGCHAIN },
  // Random by ±10 %.
  { value: /^cohere-ai\//, min: 900, max: 1_100 },
  // axios-retry has no delay, or one with a random factor of up to 1.2.
  { value: /^axios\//, min: 0, max: 240 },
  // With up to 100 ms of random noise.
  { value: /^got \(/, min: 1_000, max: 1_100 },
];

/** Whether `next` begins when the client of a failed call or the provider's Retry-After makes a retry due. */
function isRetryDue(step: StepRecord, next: Attempt, headers: unknown): boolean {
  const { last, began } = step.attempts;
  // No client retries after the application's abort.
  if (last === undefined || last.status === 'interrupted') return false;
  const pause = next.startedAt - (last.endedAt ?? last.received.lastAt ?? next.startedAt);
  const after = retryAfterMillis(last);
  const windows = schedulesOf(step, headers).map(({ min, max }) => {
    const doubled = 2 ** (began - 1);
    return [min * doubled, max * doubled] as const;
  });
  if (after !== undefined) windows.push([after, after]);
  return windows.some(([min, max]) => pause >= min - EARLY_MILLIS && pause <= max + LATE_MILLIS);
}

function schedulesOf(step: StepRecord, headers: unknown): readonly RetrySchedule[] {
  const list = readHeaders(headers);
  return SCHEDULES.filter(({ header = 'user-agent', value }) => {
    // After an attempt with another number the SDK itself repeats the call, and numbers this attempt as well.
    if (header === RETRY_COUNT && lastCounts.get(step) !== 0) return false;
    return value.test(headerValue(list, header) ?? '');
  });
}
