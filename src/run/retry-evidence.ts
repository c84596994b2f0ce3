import { isDeepStrictEqual } from 'node:util';
import { type Context, trace } from '@opentelemetry/api';
import type { Attempt, RequestTarget } from '../attempt/attempt.js';
import { retryAfterMillis } from '../attempt/failure.js';
import { headerValue, readHeaders } from '../attempt/raw-headers.js';
import type { StepRecord } from '../step/step-record.js';
import type { RunOptions } from '../types.js';

/** Who makes a call outside of every run, as far as the call itself tells. */
export interface Identity {
  /** What `runFor` says of it. */
  readonly options: RunOptions;
  /** The application's own OpenTelemetry context. */
  readonly active: Context;
  /** The headers that the request begins with, in one of the shapes that `readHeaders` reads. */
  readonly headers: unknown;
}

const CREDENTIALS = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key'];

/** Two calls of different identities are never tries of one call. */
export function isSameIdentity(a: Identity, b: Identity): boolean {
  // Not the span: the AI SDK's own telemetry has one for each try.
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

/** A signature of AWS is another one for each try; the key that it is made with stays the same. */
function credential(value: string | undefined): string | undefined {
  return /^AWS4-[\w-]{1,40} {1,4}Credential=([^/,]{1,200})/.exec(value ?? '')?.[1] ?? value;
}

/** The clients of AWS and Azure give all tries of one call the same id. */
const CALL_IDS = ['amz-sdk-invocation-id', 'x-ms-client-request-id'];
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

const callIds = new WeakMap<StepRecord, string>();

/** Remembers the id that the client has given a call, for the next tries of it. */
export function rememberCallId(step: StepRecord, request: RequestTarget): void {
  const id = callId(request);
  if (id !== undefined) callIds.set(step, id);
}

/** The id that a client of AWS or Azure has given a call. */
export function callId({ call, headers }: RequestTarget): string | undefined {
  if (call === undefined || !/^a(?:ws|zure)\./.test(call.provider)) return undefined;
  const list = readHeaders(headers);
  return CALL_IDS.map((name) => headerValue(list, name)).find((id) => id !== undefined && UUID.test(id));
}

/** An application may choose the id itself, so the body must be the same too, where it is known. */
export function isSameCall(step: StepRecord, attempt: Attempt, id: string | undefined): boolean {
  return id !== undefined && callIds.get(step) === id && isTry(step, attempt) && mayBeSameBody(step, attempt);
}

/** SDKs number the tries of one call with it, from 0. */
const RETRY_COUNT = 'x-stainless-retry-count';

/** How many tries of its call came before it, by the request's own word; `undefined` where it does not say. */
export function retryCount(headers: unknown): number | undefined {
  const text = headerValue(readHeaders(headers, retryCountName), RETRY_COUNT);
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}

function retryCountName(name: unknown): string | undefined {
  return String(name).length === RETRY_COUNT.length && String(name).toLowerCase() === RETRY_COUNT
    ? RETRY_COUNT
    : undefined;
}

/**
 * Whether two requests have the same body. Of one that failed before its body was sent, only the announced length is
 * known: that tells enough where both are of the same run.
 */
export function isSameBody(failed: Attempt, next: Attempt, isSameRun: boolean): boolean {
  const [before, now] = [failed.fingerprint, next.fingerprint];
  // A provider may answer before undici reports that the body has been sent.
  const isSent = next.requestIsWhole || next.statusCode !== undefined;
  if (before === undefined || now === undefined || !isSent) return false;
  if (before.size > 0) return before.equals(now);
  return isSameRun && now.size > 0 && failed.announcedBytes === now.size;
}

/** It may be a try of the call: that still waits, and its other tries are recorded alike. */
export function isTry({ awaitsRetry, capture }: StepRecord, attempt: Attempt): boolean {
  return awaitsRetry && capture === attempt.capture;
}

/** @param count the number of tries before it, where the request says so */
export function isNextTry(step: StepRecord, attempt: Attempt, count: number | undefined): boolean {
  if (!count || !isTry(step, attempt) || step.attempts.began !== count) return false;
  return mayBeSameBody(step, attempt);
}

/** A body that is known, and another one, is that of another call. */
function mayBeSameBody(step: StepRecord, attempt: Attempt): boolean {
  const { last } = step.attempts;
  const isKnown = (last?.fingerprint?.size ?? 0) > 0 && (attempt.fingerprint?.size ?? 0) > 0;
  return !isKnown || isSameBodyAsLast(step, attempt, true);
}

export function isSameBodyAsLast(
  { attempts: { last } }: StepRecord,
  attempt: Attempt,
  isSameRun: boolean,
): boolean {
  return last !== undefined && isSameBody(last, attempt, isSameRun);
}

/** Calls that were made later, by the failed step of which each may have been another try. */
const laterCalls = new WeakMap<StepRecord, StepRecord>();

/** A later call may have been another try of a failed one, and nothing proves it. */
export function markPossibleRecovery(failed: StepRecord, later: StepRecord | undefined): void {
  failed.recovery = 'possible';
  if (later !== undefined && !laterCalls.has(failed)) laterCalls.set(failed, later);
}

/** The first call that may have been another try of this one. */
export function possibleRecovery(failed: StepRecord): StepRecord | undefined {
  return laterCalls.get(failed);
}

/** What a client waits before it tries a call again, in milliseconds. */
interface Schedule {
  readonly userAgent: RegExp;
  /** @param tries that have failed */
  readonly pause: (tries: number) => readonly [least: number, most: number];
}

const SCHEDULES: readonly Schedule[] = [
  // Its delay starts at 2 s and doubles.
  { userAgent: /(^| )ai(-sdk)?\//, pause: (tries) => [2_000 * 2 ** (tries - 1), 2_000 * 2 ** (tries - 1)] },
  // Its delay starts at 1 s and doubles, unless its retryOptions say otherwise.
  { userAgent: /google-genai-sdk/, pause: (tries) => [0, 1_000 * 2 ** (tries - 1)] },
  // p-retry's delay starts at 1 s, doubles, and is stretched at random by up to 2.
  { userAgent: /langchain/i, pause: (tries) => [1_000 * 2 ** (tries - 1), 2_000 * 2 ** (tries - 1)] },
];

/** Timers fire late on a busy machine. */
const EARLY_MILLIS = 50;
const LATE_MILLIS = 1_500;

/** Whether `next` begins when the client of a failed call, or the provider's Retry-After, says that it is due. */
export function isDue({ attempts }: StepRecord, next: Attempt, headers: unknown): boolean {
  const { last, began } = attempts;
  if (last === undefined) return false;
  const pause = next.startedAt - (last.endedAt ?? last.lastChunkAt ?? next.startedAt);
  const after = retryAfterMillis(last);
  const userAgent = headerValue(readHeaders(headers), 'user-agent') ?? '';
  const schedule = SCHEDULES.find((one) => one.userAgent.test(userAgent))?.pause(began);
  const windows = [schedule, after === undefined ? undefined : ([after, after] as const)];
  return windows.some(
    (window) => window !== undefined && pause >= window[0] - EARLY_MILLIS && pause <= window[1] + LATE_MILLIS,
  );
}
