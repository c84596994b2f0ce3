import { TRUNCATED } from '../attempt/body/text.js';
import { templateOf } from '../error/index.js';
import { withoutContent } from './filler.js';
import {
  CASE_VERSION,
  type CaseAttempt,
  CaseError,
  type CaseRequest,
  type CaseResponse,
  type Expectation,
  type FieldCase,
} from './format.js';
import type { RecordedAttempt, RecordedMessage, RecordedRun, RecordedStep } from './kept-run.js';
import { endingOf, recordedResponse } from './recorded-response.js';
import { synthesisedBody } from './synthesise-request.js';
import { synthesisedResponse } from './synthesise-response.js';

export interface CaseOptions {
  /** The number of the step. Default: the one for whose error the run was kept, else the last failed one. */
  readonly step?: number | undefined;
  readonly noContent?: boolean | undefined;
}

/**
 * Converts one model call of a run into a case.
 *
 * @throws CaseError if the run has no steps or not this one, or the step has no HTTP attempts
 */
export function caseOfRun(
  run: RecordedRun,
  { step: wanted, noContent = false }: CaseOptions = {},
): FieldCase {
  const step = stepOf(run, wanted);
  if (step.attempts.length === 0)
    throw new CaseError(`Step ${step.number} of run ${run.id} has no HTTP attempt to replay`);
  if (step.attempts.some(({ isWebSocket }) => isWebSocket))
    throw new CaseError(`Step ${step.number} of run ${run.id} used a WebSocket, which cannot be replayed`);
  const converted = step.attempts.map((attempt, index) =>
    convertAttempt(attempt, step, index === step.attempts.length - 1, noContent),
  );
  const [first, ...next] = converted;
  if (first === undefined) throw new CaseError(`Run ${run.id} has no attempts`);
  const notes = new Set(converted.flatMap((one) => one.notes));
  if (step.attemptsLeftOut > 0)
    notes.add(
      `${step.attemptsLeftOut} attempts in the middle were not recorded (maxAttempts). The replay omits them.`,
    );
  const synthesised = (['request', 'response'] as const).filter((part) =>
    converted.some((one) => one.synthesised.has(part)),
  );
  let last = first.request;
  return {
    version: CASE_VERSION,
    id: run.id,
    title: titleOf(step),
    evidence: `run ${run.id}, step ${step.number}`,
    ...(synthesised.length > 0 && { synthesised }),
    ...(notes.size > 0 && { notes: [...notes] }),
    ...(step.provider !== undefined && { provider: step.provider }),
    request: first.request,
    response: first.response,
    ...(next.length > 0 && {
      next: next.map(({ request, response }): CaseAttempt => {
        const changed = changesOf(last, request);
        last = request;
        return { ...(changed !== undefined && { request: changed }), response };
      }),
    }),
    expect: expectationOf(step, noContent),
  };
}

function stepOf({ id, fingerprint, steps }: RecordedRun, wanted: number | undefined): RecordedStep {
  if (wanted !== undefined) {
    const step = steps.find(({ number }) => number === wanted);
    if (step !== undefined) return step;
    const numbers = steps.map(({ number }) => number).join(', ') || 'none';
    throw new CaseError(`Run ${id} has no step ${wanted}: expected ${numbers}`);
  }
  const failed = steps.filter(({ status }) => status === 'error');
  const step = failed.find((one) => one.fingerprint === fingerprint) ?? failed.at(-1) ?? steps.at(-1);
  if (step === undefined)
    throw new CaseError(`Run ${id} has no steps to replay: it failed outside a model call`);
  return step;
}

interface ConvertedAttempt {
  readonly request: CaseRequest;
  readonly response: CaseResponse;
  readonly synthesised: ReadonlySet<'request' | 'response'>;
  readonly notes: readonly string[];
}

function convertAttempt(
  attempt: RecordedAttempt,
  step: RecordedStep,
  isLast: boolean,
  noContent: boolean,
): ConvertedAttempt {
  const synthesised = new Set<'request' | 'response'>();
  const notes: string[] = [];
  const label = `Attempt ${attempt.number}`;
  const { body } = attempt.response;
  const { end, note } = endingOf(attempt, body ?? '');
  if (note !== undefined) notes.push(note);
  const isBodyKnown = body !== undefined ? !isNote(body) : isKnownEmpty(attempt.response);
  let response: CaseResponse;
  if (attempt.statusCode === undefined || isBodyKnown) {
    response = recordedResponse(attempt, step, isLast, end, noContent);
  } else {
    synthesised.add('response');
    response = synthesisedResponse(attempt, step, isLast, end);
    if (body !== undefined)
      notes.push(`${label}: the body of the response was not recorded as text (${body}).`);
  }
  if (response.truncated !== undefined)
    notes.push(
      `${label}: only the first ${response.truncated.known} of ${response.truncated.size} bytes of the response were recorded (maxBodyBytes); the replay ends there.`,
    );
  const omitted = /^: (\d+) bytes left out$/m.exec(body ?? '')?.[1];
  if (omitted !== undefined)
    notes.push(
      `${label}: ${omitted} bytes in the middle of the response were not recorded (failureContentBytes).`,
    );
  const request = requestOf(attempt, step, noContent, synthesised);
  if (request.truncated !== undefined)
    notes.push(
      `${label}: only the first ${request.truncated.known} of ${request.truncated.size} bytes of the request were recorded (maxBodyBytes).`,
    );
  return { request, response, synthesised, notes };
}

/** Whether the recorder replaced a body that is not text with a note. */
function isNote(body: string): boolean {
  return /^\[[^[\]{}"\n]{1,300} bytes\](?:\[TRUNCATED\])?$/.test(body);
}

/** Headers are recorded in full capture, where an absent body is an empty one. */
function isKnownEmpty({ headers, size, isUnseen }: RecordedMessage): boolean {
  return headers.size > 0 && (size ?? 0) === 0 && !isUnseen;
}

const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

function requestOf(
  { method, path, request }: RecordedAttempt,
  step: RecordedStep,
  noContent: boolean,
  synthesised: Set<'request' | 'response'>,
): CaseRequest {
  const line = { method, path };
  const headers: Record<string, string> = {};
  for (const [name, values] of request.headers) if (!HOP_BY_HOP.has(name)) headers[name] = values.join(', ');
  const { body: text } = request;
  if (text === undefined || isNote(text)) {
    if (method === 'GET' || (text === undefined && isKnownEmpty(request))) return { ...line, headers };
    synthesised.add('request');
    const type = { 'content-type': 'application/json' };
    return {
      ...line,
      headers: { ...timeoutHeader(path, step), ...type, ...headers },
      body: synthesisedBody(step.shape, step.model, step.isStream),
    };
  }
  const isCut = text.endsWith(TRUNCATED);
  const known = isCut ? text.slice(0, -TRUNCATED.length) : text;
  const written = noContent ? withoutContent(known, false) : known;
  const knownBytes = Buffer.byteLength(known);
  const truncated = isCut && {
    truncated: { known: knownBytes, size: Math.max(knownBytes, request.size ?? 0) },
  };
  return { ...line, headers, ...bodyOf(written), ...truncated };
}

function bodyOf(text: string): { readonly body: unknown } | { readonly text: string } {
  // A longer number loses precision as a double.
  if (/[^\d"]\d{16}/.test(text)) return { text };
  try {
    return { body: JSON.parse(text) };
  } catch {
    return { text };
  }
}

/** The header with the client's timeout, which the detail of a timeout error contains. */
function timeoutHeader(path: string, { detail = '' }: RecordedStep): Readonly<Record<string, string>> {
  const seconds = /^the client timed out after (\d+) s/.exec(detail)?.[1];
  if (seconds === undefined) return {};
  return /:(?:stream)?generateContent/i.test(path)
    ? { 'x-server-timeout': seconds }
    : { 'x-stainless-timeout': seconds };
}

function changesOf(before: CaseRequest, now: CaseRequest): Partial<CaseRequest> | undefined {
  const changed = Object.entries(now).filter(
    ([name, value]) =>
      JSON.stringify(value) !== JSON.stringify((before as unknown as Record<string, unknown>)[name]),
  );
  return changed.length === 0 ? undefined : Object.fromEntries(changed);
}

function titleOf({ status, kind, attempts }: RecordedStep): string {
  const words = attempts.map((one) => `${one.statusCode ?? 'no response'} ${one.status}`);
  return `${status ?? 'unknown'}${kind === undefined ? '' : ` (${kind})`}: ${words.join(', ')}`;
}

function expectationOf(step: RecordedStep, noContent: boolean): Expectation {
  const { status, kind, errorType, detail, fingerprint, exceptionType } = step;
  const text = detail !== undefined && noContent ? templateOf(detail) : detail;
  return {
    seen: true,
    ...(status !== undefined && { status }),
    ...(kind !== undefined && { kind }),
    ...(errorType !== undefined && { errorType }),
    ...(text !== undefined && { detail: text }),
    ...(fingerprint !== undefined && { fingerprint }),
    ...(exceptionType !== undefined && { exceptionType }),
    attempts: step.attempts.map((one) => ({
      ...(one.statusCode !== undefined && { statusCode: one.statusCode }),
      status: one.status,
      ...(one.errorType !== undefined && { errorType: one.errorType }),
    })),
  };
}
