import type { Span } from '../../debug-tab/contract.js';
import * as names from '../../semconv.js';
import { number } from './attributes.js';
import { type Attempt, roleOf, type Step, spansByParent, stepOf } from './run-tree.js';

export type Row = SpanRow | StepRow | AttemptRow | PauseRow;

interface Place {
  readonly key: string;
  readonly depth: number;
  /** Since the start of the first span. */
  readonly offsetMillis: number;
  readonly durationMillis: number;
}

export interface SpanRow extends Place {
  readonly type: 'run' | 'other';
  readonly span: Span;
}

export interface StepRow extends Place {
  readonly type: 'step';
  readonly step: Step;
}

export interface AttemptRow extends Place {
  readonly type: 'attempt';
  readonly attempt: Attempt;
  readonly step: Step;
}

export interface PauseRow extends Place {
  readonly type: 'pause';
  readonly askedMillis: number | undefined;
}

export interface Waterfall {
  readonly rows: readonly Row[];
  /** From the first start to the last end. Never 0. */
  readonly totalMillis: number;
}

const DEEPEST = 12;

/** Returns the spans in tree order, with separate rows for attempts and the pauses between them. */
export function waterfall(spans: readonly Span[]): Waterfall {
  const begin = spans.reduce((least, { startedAt }) => Math.min(least, startedAt), Number.POSITIVE_INFINITY);
  const byParent = spansByParent(spans);
  const rows: Row[] = [];
  const seen = new Set<Span>();
  const addTree = (root: Span) => {
    const stack: [span: Span, depth: number][] = [[root, 0]];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const [span, depth] = next;
      if (seen.has(span)) continue;
      seen.add(span);
      const below = byParent.get(span.spanId) ?? [];
      const isStep = addRows(span, below, Math.min(depth, DEEPEST), begin, rows);
      const nested = isStep ? below.filter((child) => roleOf(child) !== 'attempt') : below;
      for (const child of nested.toReversed()) stack.push([child, depth + 1]);
      if (isStep) for (const child of below) if (roleOf(child) === 'attempt') seen.add(child);
    }
  };
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const ordered = [...byParent.values()].flat().sort((a, b) => a.startedAt - b.startedAt);
  for (const span of ordered) if (!ids.has(span.parentSpanId ?? '')) addTree(span);
  // A malformed trace can contain a cycle without a root.
  for (const span of ordered) if (!seen.has(span)) addTree(span);
  const total = rows.reduce((most, row) => Math.max(most, row.offsetMillis + row.durationMillis), 0);
  return { rows, totalMillis: Math.max(total, 1) };
}

/** Returns whether the span is a step. Its attempts have been added then. */
function addRows(span: Span, below: readonly Span[], depth: number, begin: number, rows: Row[]): boolean {
  const role = roleOf(span);
  const { spanId: key, durationMillis } = span;
  const place = { key, depth, offsetMillis: span.startedAt - begin, durationMillis };
  if (role === 'step') {
    const step = stepOf(span, below);
    rows.push({ ...place, type: 'step', step });
    addAttempts(step, Math.min(depth + 1, DEEPEST), begin, rows);
    return true;
  }
  // An attempt without its step is shown as an unrelated span.
  rows.push({ ...place, type: role === 'attempt' ? 'other' : role, span });
  return false;
}

function addAttempts(step: Step, depth: number, begin: number, rows: Row[]): void {
  let previous: Attempt | undefined;
  for (const attempt of step.attempts) {
    const key = `${step.span.spanId}-${attempt.number}`;
    const pause = previous && pauseBetween(previous, attempt);
    if (pause) rows.push({ key: `${key}-pause`, type: 'pause', depth, ...since(begin, pause) });
    const { durationMillis, startedAt } = attempt;
    rows.push({ key, type: 'attempt', depth, attempt, step, ...since(begin, { startedAt, durationMillis }) });
    previous = attempt;
  }
}

function pauseBetween(previous: Attempt, next: Attempt) {
  const startedAt = previous.startedAt + previous.durationMillis;
  const durationMillis = next.startedAt - startedAt;
  // Attempts were omitted in between, so the gap is not a pause.
  if (durationMillis < 1 || next.number !== previous.number + 1) return undefined;
  const askedMillis = number(previous.attributes, names.ATTR_CHATDEBUG_ATTEMPT_RETRY_AFTER_MS);
  return { startedAt, durationMillis, askedMillis };
}

function since<P extends { startedAt: number }>(begin: number, { startedAt, ...rest }: P) {
  return { offsetMillis: startedAt - begin, ...rest };
}
