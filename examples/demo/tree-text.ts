import { styleText } from 'node:util';
import type { AttemptTree, ErrorTree, RunTree, StepTree } from '../../test/support/tree.js';

export type Paint = (style: 'bold' | 'dim' | 'green' | 'yellow' | 'red', text: string) => string;

export const plain: Paint = (_style, text) => text;
export const coloured: Paint = (style, text) => styleText(style, text);

interface Branch {
  /** The first line is at the branch, the others below it. */
  lines: readonly string[];
  branches: readonly Branch[];
}

/** Formats runs as trees with a line for each run, step and attempt. */
export function treeText(runs: readonly RunTree[], paint: Paint): string {
  return runs.map((run) => draw(runBranch(run, paint), '', '').join('\n')).join('\n\n');
}

function draw({ lines: [head = '', ...more], branches }: Branch, first: string, rest: string): string[] {
  const margin = rest + (branches.length > 0 ? '│  ' : '   ');
  const below = branches.flatMap((branch, index) =>
    index === branches.length - 1
      ? draw(branch, `${rest}└─ `, `${rest}   `)
      : draw(branch, `${rest}├─ `, `${rest}│  `),
  );
  return [first + head, ...more.map((line) => margin + line), ...below];
}

function runBranch(run: RunTree, paint: Paint): Branch {
  const label = run.firstMessage === undefined ? '' : ` "${run.firstMessage}"`;
  return {
    lines: [
      line(
        paint('bold', run.kind ?? 'run'),
        status(run.status, paint),
        millis(run.durationMillis),
        tokens(run),
      ),
      paint('dim', `chat ${run.chatId ?? '(none)'}${label}, trace ${run.traceId}`),
      ...errorLines(run.error, paint),
    ],
    branches: [
      ...run.steps.map((step) => stepBranch(step, paint)),
      ...run.children.map((child) => runBranch(child, paint)),
    ],
  };
}

function stepBranch(step: StepTree, paint: Paint): Branch {
  const title = paint('bold', `step ${step.number}`);
  const what = `${step.operation} ${step.provider ?? ''} ${step.model ?? ''}`.trimEnd();
  return {
    lines: [
      line(title, what, status(step.status, paint), millis(step.durationMillis), tokens(step)),
      ...errorLines(step.error, paint),
    ],
    branches: step.attempts.map((attempt, index) => attemptBranch(attempt, step.attempts[index - 1], paint)),
  };
}

function attemptBranch(attempt: AttemptTree, before: AttemptTree | undefined, paint: Paint): Branch {
  const { number, method, path, statusCode, durationMillis, retryAfterMillis, requestId } = attempt;
  const error = [...new Set([attempt.errorType, attempt.errorMessage])].filter(Boolean).join(': ');
  return {
    lines: [
      line(
        `attempt ${number}`,
        waited(attempt, before),
        `${method} ${path}`,
        statusCode,
        status(attempt.status, paint),
        millis(durationMillis),
        requestId,
        retryAfterMillis === undefined ? '' : paint('yellow', `retry after ${millis(retryAfterMillis)}`),
      ),
      ...(error === '' ? [] : [paint('dim', error)]),
    ],
    branches: [],
  };
}

/** The pause of the client since the previous attempt. */
function waited(attempt: AttemptTree, before: AttemptTree | undefined): string {
  if (before?.durationMillis === undefined) return '';
  const between =
    Number(attempt.event.timeUnixNano - before.event.timeUnixNano) / 1e6 - before.durationMillis;
  return `${millis(between)} later`;
}

function errorLines(error: ErrorTree | undefined, paint: Paint): string[] {
  if (error === undefined) return [];
  return [paint('red', error.description ?? error.message ?? error.type ?? 'error')];
}

function status(status: string | undefined, paint: Paint): string {
  if (status === undefined) return paint('yellow', 'not ended');
  if (status === 'completed') return paint('green', status);
  return paint(status === 'interrupted' ? 'yellow' : 'red', status);
}

function tokens({ usage: { inputTokens, outputTokens } }: RunTree | StepTree): string {
  if (inputTokens === undefined && outputTokens === undefined) return '';
  return `${inputTokens ?? '?'} tokens in, ${outputTokens ?? '?'} out`;
}

function millis(duration: number | undefined): string {
  if (duration === undefined) return '';
  return duration < 1000 ? `${Math.round(duration)} ms` : `${(duration / 1000).toFixed(2)} s`;
}

function line(...parts: readonly (string | number | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('  ');
}
