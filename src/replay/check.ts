import { withRun } from '../api/run.js';
import { withStep } from '../api/step.js';
import {
  attemptsOf,
  type CaseRequest,
  type CaseResponse,
  chunkBytes,
  type Expectation,
  type FieldCase,
  requestBytes,
} from '../case/format.js';
import { keptRuns, type RecordedStep } from '../case/kept-run.js';
import { chatDebug } from '../chat-debug.js';
import type { SpanExporter } from '../delivery/options.js';
import { type Classification, ERROR_KINDS, fingerprintOf } from '../error/index.js';
import { type StoredSpan, storedSpan } from '../query/stored-span.js';
import { startChatDebug } from '../start.js';
import { type ReplayedAttempt, startReplay } from './server.js';

export interface Difference {
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}

/**
 * Compares the recorded step with the case: status, kind, `error.type`, fingerprint, and the status of each attempt.
 *
 * @param found the recorded step, if there is one
 */
export function differencesOf(expected: Expectation, found: RecordedStep | undefined): readonly Difference[] {
  if (found === undefined) {
    if (expected.seen === false) return [];
    return [{ what: 'step', expected: expected.status ?? 'recorded', found: 'nothing' }];
  }
  if (expected.seen === false)
    return [{ what: 'step', expected: 'nothing', found: found.status ?? 'recorded' }];
  const { status, kind, errorType, detail, fingerprint, attempts } = expected;
  return [
    ...difference('status', status, found.status),
    ...difference('kind', kind, found.kind),
    ...difference('error.type', errorType, found.errorType),
    ...(isSameFingerprint(expected, found) ? [] : difference('fingerprint', fingerprint, found.fingerprint)),
    // The fingerprint covers the fixed words of the detail.
    ...(fingerprint !== undefined || found.detail?.includes(detail ?? '') === true
      ? []
      : difference('detail', detail, found.detail)),
    ...(attempts === undefined ? [] : differencesOfAttempts(attempts, found)),
  ];
}

function differencesOfAttempts(
  expected: NonNullable<Expectation['attempts']>,
  { attempts }: RecordedStep,
): readonly Difference[] {
  const words = (list: readonly { statusCode?: number | undefined; status: string }[]) =>
    list.map(({ statusCode, status }) => `${statusCode ?? 'no response'} ${status}`).join(', ');
  return difference('attempts', words(expected), words(attempts));
}

function difference(
  what: string,
  expected: string | undefined,
  found: string | undefined,
): readonly Difference[] {
  if (expected === undefined || expected === found) return [];
  return [{ what, expected, found: found ?? 'none' }];
}

/**
 * The fingerprint includes the exception of an SDK, which a replay does not have. Then everything else must match.
 */
function isSameFingerprint({ fingerprint, exceptionType }: Expectation, found: RecordedStep): boolean {
  if (fingerprint === undefined || fingerprint === found.fingerprint) return true;
  if (found.exceptionType !== undefined || exceptionType === undefined) return false;
  const { kind, provider, detail, errorStatusCode } = found;
  const classification = { kind, provider, statusCode: errorStatusCode, exceptionType, detail };
  return fingerprintOf(classification as Classification) === fingerprint;
}

export function differencesText(differences: readonly Difference[]): string {
  const width = Math.max(...differences.map(({ what }) => what.length));
  const lines = differences.map(
    ({ what, expected, found }) =>
      `  ${what.padEnd(width)}  expected ${expected}\n  ${' '.repeat(width)}  recorded ${found}`,
  );
  return ['The replay was not recorded as expected:', ...lines].join('\n');
}

/** The timeout of the request, for a client that timed out. Its header has whole seconds. */
const TIMEOUT_MILLIS = 1_000;
/** `stallMillis` for a case of a silent provider, to keep the check short. */
const STALL_MILLIS = 50;

/**
 * Replays a case with `fetch` while recording is started.
 *
 * @returns the recorded step, if there is one
 */
export async function recordReplay(fieldCase: FieldCase, port: number): Promise<RecordedStep | undefined> {
  const spans: StoredSpan[] = [];
  // This process may have started recording.
  await chatDebug().shutdown();
  for (const name of Object.keys(process.env))
    if (/^(?:CHATDEBUG|OTEL)_/.test(name)) delete process.env[name];
  const handle = startChatDebug({
    capture: 'full',
    keepKinds: ERROR_KINDS,
    exporter: exporterTo(spans),
    ...(fieldCase.expect.kind === 'stream_silence_timeout' && { stallMillis: STALL_MILLIS }),
  });
  try {
    await play(fieldCase, port);
  } finally {
    await handle.shutdown();
  }
  return keptRuns(spans).flatMap(({ steps }) => steps)[0];
}

async function play(fieldCase: FieldCase, port: number): Promise<void> {
  const { provider } = fieldCase;
  let arrived: (attempt: ReplayedAttempt | undefined) => void = () => {};
  const replay = await startReplay(fieldCase, {
    port,
    speed: Number.POSITIVE_INFINITY,
    onRequest: (_, attempt) => arrived(attempt),
  });
  try {
    const call = async () => {
      for (const [index, { request, response }] of attemptsOf(fieldCase).entries()) {
        const isReached = new Promise<ReplayedAttempt | undefined>((resolve) => {
          arrived = resolve;
        });
        await exchange(
          replay.url,
          request,
          response,
          fieldCase.expect.attempts?.[index]?.errorType,
          isReached,
        );
      }
    };
    // The step groups the attempts, and names the provider, which the host does not reveal on loopback.
    if (fieldCase.expect.seen === false) await call();
    else await withRun({}, () => withStep(provider === undefined ? {} : { provider }, call));
  } finally {
    await replay.close();
  }
}

/** Errors are ignored: only what is recorded matters. */
async function exchange(
  url: string,
  request: CaseRequest,
  response: CaseResponse,
  errorType: string | undefined,
  isReached: Promise<ReplayedAttempt | undefined>,
): Promise<void> {
  const { method, path } = request;
  const body = requestBytes(request);
  const controller = new AbortController();
  const isTimeout = errorType === 'TimeoutError';
  const signal = isTimeout ? AbortSignal.timeout(TIMEOUT_MILLIS / 10) : controller.signal;
  const read = bodyReader(response);
  if (response.end === 'hang' && !isTimeout)
    void isReached.then(async (attempt) => {
      await attempt?.sent;
      await Promise.race([read.isComplete, pause(TIMEOUT_MILLIS)]);
      if (errorType === 'ClientTimeoutError') await pause(TIMEOUT_MILLIS + 5);
      if (errorType === 'StreamSilenceError') await pause(STALL_MILLIS * 10);
      controller.abort();
    });
  try {
    const headers = headersOf(request, errorType);
    const answered = await fetch(url + path, {
      method,
      headers,
      signal,
      redirect: 'manual',
      ...(body && { body }),
    });
    await read.all(answered);
  } catch {
    // Ignored.
  }
}

function headersOf({ headers }: CaseRequest, errorType: string | undefined): Headers {
  const sent = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (
      /^(?:connection|content-length|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade)$/i.test(
        name,
      )
    )
      continue;
    try {
      sent.set(name, value);
    } catch {
      // Not a header.
    }
  }
  // The client's timeout, as it announces it.
  for (const name of ['x-stainless-timeout', 'x-server-timeout'])
    if (errorType === 'ClientTimeoutError' && sent.has(name)) sent.set(name, String(TIMEOUT_MILLIS / 1_000));
  return sent;
}

/** Reads a body. `isComplete` resolves when all known bytes have arrived. */
function bodyReader({ status, chunks = [] }: CaseResponse) {
  const known = chunks.reduce((sum, chunk) => sum + chunkBytes(chunk).length, 0);
  let complete: () => void = () => {};
  const isComplete = new Promise<void>((resolve) => {
    complete = resolve;
  });
  if (status === undefined) complete();
  return {
    isComplete,
    all: async (answered: Response): Promise<void> => {
      let bytes = 0;
      if (bytes >= known) complete();
      const reader = answered.body?.getReader();
      for (
        let piece = await reader?.read();
        piece !== undefined && !piece.done;
        piece = await reader?.read()
      ) {
        bytes += piece.value.length;
        if (bytes >= known) complete();
      }
    },
  };
}

function pause(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis));
}

function exporterTo(spans: StoredSpan[]): SpanExporter {
  return {
    export: (ended, done) => {
      spans.push(
        ...ended.map((span) => storedSpan(span, span.spanContext(), span.parentSpanContext?.spanId)),
      );
      done({ code: 0 });
    },
    shutdown: async () => {},
  };
}
