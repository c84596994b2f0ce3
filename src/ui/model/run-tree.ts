import type { Fields, RunDetail, Span, Status } from '../../debug-tab/contract.js';
import * as names from '../../semconv.js';
import { number, text } from './attributes.js';

export interface Attempt {
  readonly number: number;
  readonly startedAt: number;
  readonly durationMillis: number;
  readonly status: string;
  readonly statusCode: number | undefined;
  readonly attributes: Fields;
}

export interface Step {
  readonly span: Span;
  readonly number: number;
  readonly status: Status;
  readonly attempts: readonly Attempt[];
}

/** The type of a span. `other` is a span of another instrumentation. */
export type Role = 'run' | 'step' | 'attempt' | 'other';

export interface RunTree {
  /** Undefined while the run is in progress, or if its process has crashed. */
  readonly runSpan: Span | undefined;
  readonly steps: readonly Step[];
}

export function roleOf(span: Span): Role {
  if (!span.isOwn) return 'other';
  if (number(span.attributes, names.ATTR_CHATDEBUG_ATTEMPT_NUMBER) !== undefined) return 'attempt';
  if (number(span.attributes, names.ATTR_CHATDEBUG_STEP_NUMBER) !== undefined) return 'step';
  return text(span.attributes, names.ATTR_CHATDEBUG_RUN_ID) === undefined ? 'other' : 'run';
}

export function runTree({ run, spans }: RunDetail): RunTree {
  const byParent = spansByParent(spans);
  const isOfRun = ({ attributes }: Span) => text(attributes, names.ATTR_CHATDEBUG_RUN_ID) === run.id;
  const steps = spans
    .filter((span) => roleOf(span) === 'step' && isOfRun(span))
    .map((span) => stepOf(span, byParent.get(span.spanId) ?? []))
    .sort((a, b) => a.number - b.number);
  return {
    runSpan: spans.find((span) => roleOf(span) === 'run' && isOfRun(span)),
    steps,
  };
}

/** Returns the child spans of each span, ordered by start. The key of root spans is `''`. */
export function spansByParent(spans: readonly Span[]): ReadonlyMap<string, readonly Span[]> {
  const groups = new Map<string, Span[]>();
  for (const span of [...spans].sort((a, b) => a.startedAt - b.startedAt)) {
    const parent = span.parentSpanId ?? '';
    const group = groups.get(parent);
    if (group === undefined) groups.set(parent, [span]);
    else group.push(span);
  }
  return groups;
}

/** Returns the step of a span, with attempts from its events or child spans. */
export function stepOf(span: Span, below: readonly Span[]): Step {
  const status = text(span.attributes, names.ATTR_CHATDEBUG_STEP_STATUS);
  const attempts = new Map<number, Attempt>();
  for (const { startedAt, attributes } of attemptsIn(span, below)) {
    const attempt = attemptOf(startedAt, attributes);
    attempts.set(attempt.number, attempt);
  }
  return {
    span,
    number: number(span.attributes, names.ATTR_CHATDEBUG_STEP_NUMBER) ?? 0,
    status: (status as Status | undefined) ?? 'in_progress',
    attempts: [...attempts.values()].sort((a, b) => a.number - b.number),
  };
}

interface Exchange {
  readonly startedAt: number;
  readonly attributes: Fields;
}

function attemptsIn(span: Span, below: readonly Span[]): readonly Exchange[] {
  const events = span.events.filter(({ name }) => name === names.EVENT_ATTEMPT);
  return [
    ...below.filter((child) => roleOf(child) === 'attempt'),
    ...events.map(({ at, attributes }) => ({ startedAt: at, attributes })),
  ];
}

function attemptOf(startedAt: number, attributes: Fields): Attempt {
  return {
    number: number(attributes, names.ATTR_CHATDEBUG_ATTEMPT_NUMBER) ?? 0,
    startedAt,
    durationMillis: number(attributes, names.ATTR_CHATDEBUG_ATTEMPT_DURATION_MS) ?? 0,
    status: text(attributes, names.ATTR_CHATDEBUG_ATTEMPT_STATUS) ?? 'unknown',
    statusCode: number(attributes, names.ATTR_HTTP_RESPONSE_STATUS_CODE),
    attributes,
  };
}
