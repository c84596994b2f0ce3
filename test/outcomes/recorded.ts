import { SpanStatusCode } from '@opentelemetry/api';
import {
  ATTR_CHATDEBUG_CAPTURE,
  ATTR_ERROR_TYPE,
  ATTR_SERVER_PORT,
  EVENT_EXCEPTION,
} from '../../src/semconv.js';
import type { TokenUsage } from '../../src/types.js';
import { number, text } from '../support/attributes.js';
import type { ReceivedSpan } from '../support/otlp-receiver.js';
import type { RunTree, StepTree } from '../support/tree.js';
import { type ClientName, MODEL } from './clients.js';
import type { Operation } from './scenario.js';

/** The result of one call. */
export interface Recorded {
  /** In words. `nothing` if it left nothing. */
  readonly outcome: string;
  readonly usage: TokenUsage;
  /** The kind of the step's error, if any. */
  readonly error: readonly [type: string | undefined, detail: string | undefined];
  /** Problems besides the outcome. */
  readonly complaints: readonly string[];
}

const PROVIDERS: Readonly<Record<ClientName, string>> = {
  'openai, chat': 'openai',
  'openai, responses': 'openai',
  '@anthropic-ai/sdk': 'anthropic',
  '@google/genai': 'gcp.gemini',
  "fetch (Node's own)": 'openai',
  'fetch (npm undici)': 'openai',
};

/** The recording of the call to this provider. */
export function recordedAt(
  url: string,
  runs: readonly RunTree[],
  client: ClientName,
  operation: Operation,
): Recorded {
  const own = runs.filter(({ steps }) =>
    steps.some(({ span }) => number(span, ATTR_SERVER_PORT) === Number(new URL(url).port)),
  );
  return {
    outcome: own.length === 0 ? 'nothing' : own.map(outcomeOf).join('; and another run, '),
    usage: own[0]?.usage ?? {},
    error: [
      own[0]?.steps[0]?.error?.type,
      own[0]?.steps[0]?.error?.detail?.replaceAll(new URL(url).port, 'PORT'),
    ],
    complaints: own.flatMap((run) => [
      ...run.steps.flatMap((step) => complaintsAboutFacts(step, client, operation)),
      ...run.steps.flatMap((step) => complaintsAboutTimes(run, step)),
      ...complaintsAboutError(run.status, run.span),
      ...run.steps.flatMap(({ status, span }) => complaintsAboutError(status, span)),
    ]),
  };
}

function outcomeOf({ status, error, steps }: RunTree): string {
  const run = [status, error?.kind].filter((word) => word !== undefined).join(' ');
  const differ = steps.filter((step) => step.status !== status || step.error?.kind !== error?.kind);
  const itsSteps = differ.map((step) => `, its step ${step.status} ${step.error?.kind}`);
  return `${run}${itsSteps.join('')}: ${steps.map(attemptsOf).join(' / ')}`;
}

function attemptsOf({ attempts }: StepTree): string {
  const words = attempts.map(({ status, statusCode }) => {
    if (statusCode === undefined) return `no answer, ${status}`;
    return status === 'completed' ? String(statusCode) : `${statusCode} ${status}`;
  });
  return words.join('; ');
}

function complaintsAboutFacts(step: StepTree, client: ClientName, operation: Operation): string[] {
  const { attempts, span } = step;
  const facts: Record<string, readonly [found: unknown, expected: unknown]> = {
    provider: [step.provider, PROVIDERS[client]],
    'attempt count': [step.attemptCount, attempts.length],
    'attempt numbers': [attempts.map((one) => one.number), attempts.map((_, index) => index + 1)],
  };
  // The request must be sent before it is known.
  if (attempts.some(({ statusCode }) => statusCode !== undefined)) {
    facts['model'] = [step.model, MODEL];
    if (text(span, ATTR_CHATDEBUG_CAPTURE) === 'full') facts['operation'] = [step.operation, operation];
  }
  return Object.entries(facts)
    .filter(([, [found, expected]]) => String(found) !== String(expected))
    .map(([name, [found, expected]]) => `${name}: ${found} instead of ${expected}`);
}

/** `recording-errors` of the general conventions: only failed operations have an error type, status and event. */
function complaintsAboutError(status: string | undefined, span: ReceivedSpan | undefined): string[] {
  if (span === undefined) return [];
  const isError = status === 'error';
  const exceptions = span.events.filter(({ name }) => name === EVENT_EXCEPTION).length;
  const rules: [complaint: string, isKept: boolean][] = [
    ['error.type', (text(span, ATTR_ERROR_TYPE) !== undefined) === isError],
    ['the status', span.status.code === (isError ? SpanStatusCode.ERROR : SpanStatusCode.UNSET)],
    ['an exception', isError || exceptions === 0],
  ];
  return rules.filter(([, isKept]) => !isKept).map(([complaint]) => `${complaint} of ${status}`);
}

/** Durations of attempts are in whole milliseconds. */
const ROUNDING_MILLIS = 1;

function complaintsAboutTimes(run: RunTree, { span, attempts }: StepTree): string[] {
  const [runStart, runEnd] = run.span ? millisOf(run.span) : [0, 0];
  const [start, end] = millisOf(span);
  const began = attempts.map(({ event }) => millis(event.timeUnixNano));
  const lastEnd = (began.at(-1) ?? 0) + (attempts.at(-1)?.durationMillis ?? 0);
  const rules: [complaint: string, isKept: boolean][] = [
    ['the run does not cover its step', runStart <= start && runEnd >= end],
    ['the attempts do not follow each other', began.every((at, index) => at >= (began[index - 1] ?? start))],
    ['the end is not that of the last attempt', Math.abs(end - lastEnd) <= ROUNDING_MILLIS],
  ];
  return rules.filter(([, isKept]) => !isKept).map(([complaint]) => complaint);
}

function millisOf(span: RunTree['steps'][number]['span']): [start: number, end: number] {
  return [millis(span.startTimeUnixNano), millis(span.endTimeUnixNano)];
}

function millis(nanos: bigint): number {
  return Number(nanos) / 1_000_000;
}
