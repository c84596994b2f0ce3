import * as names from '../../src/semconv.js';
import { text } from '../support/attributes.js';
import type { RunTree, StepTree } from '../support/tree.js';
import { USAGE } from './dialect.js';
import type { Exchange } from './provider.js';
import { answerOf, type Call, type Expected, promptOf, SCRIPTS } from './scenarios.js';
import type { SetUp } from './set-ups/index.mjs';
import type { Trial } from './trial.js';

/** The problems in the recording of one call, empty for none. */
export function problemsOf(call: Call, trial: Trial): string[] {
  const exchanges = trial.exchanges.get(call.marker) ?? [];
  const outcome = trial.outcomes.get(call.marker);
  if (exchanges.length === 0) return [`the client sent nothing: ${outcome?.error ?? outcome?.answer}`];
  const expected = SCRIPTS[call.scenario].expected(postsOf(exchanges));
  const problems: string[] = [];
  // Otherwise the provider of this survey differs from the real one.
  if (expected.status === 'completed' && !outcome?.answer?.includes(call.marker)) {
    problems.push(`the client did not get its answer: ${outcome?.error ?? outcome?.answer}`);
  }
  const runs = runsOf(call, trial);
  const kept = trial.capture === 'full' || expected.kept;
  if (!kept)
    return runs.length === 0 ? problems : [...problems, `${runs.length} runs are kept instead of none`];
  const [run, ...otherRuns] = runs;
  const [step, ...otherSteps] = run?.steps ?? [];
  if (run === undefined || step === undefined) return [...problems, 'no step is recorded'];
  if (otherRuns.length > 0) problems.push(`${runs.length} runs instead of one`);
  if (otherSteps.length > 0) problems.push(`${run.steps.length} steps instead of one`);
  problems.push(
    ...outcomeProblems(run, step, expected, trial.setUp.inRun && outcome?.error === undefined),
    ...attemptProblems(step, exchanges),
  );
  problems.push(...identityProblems(step, exchanges, trial));
  if (trial.capture === 'full')
    problems.push(...contentProblems(trial.setUp, call, step, exchanges, expected));
  return problems;
}

/** The problems of spans that belong to no call, and of content that must not be exported. */
export function problemsOfTrial(trial: Trial): string[] {
  const problems: string[] = [];
  const strays = trial.runs.filter((run) => !trial.calls.some((call) => belongsTo(run, call)));
  if (strays.length > 0) {
    const paths = strays.flatMap(({ steps }) =>
      steps.flatMap(({ attempts }) => attempts.map(({ path }) => path)),
    );
    problems.push(`${strays.length} runs belong to no call: ${paths.join(', ')}`);
  }
  if (trial.capture === 'errors' && /foxes hunt|They pounce/.test(trial.exported)) {
    problems.push('content leaves the process in errors capture');
  }
  return problems;
}

/** Polls, and streams with a request of their own, are not retries. */
const postsOf = (exchanges: readonly Exchange[]): number =>
  exchanges.filter(({ method }) => method === 'POST').length;

function runsOf(call: Call, trial: Trial): RunTree[] {
  return trial.runs.filter((run) => belongsTo(run, call));
}

function belongsTo(run: RunTree, { marker }: Call): boolean {
  return run.steps.some(
    ({ span, attempts }) =>
      attempts.some(({ requestId }) => requestId?.startsWith(`${marker}-`)) ||
      text(span, names.ATTR_GEN_AI_INPUT_MESSAGES)?.includes(marker),
  );
}

/** @param hasReturned the function of `withRun` did not throw, so its run is complete */
function outcomeProblems(
  run: RunTree,
  step: StepTree,
  expected: Expected,
  hasReturned: boolean | undefined,
): string[] {
  return [
    ...differs('the status of the step', step.status, expected.status),
    ...differs('the status of the run', run.status, hasReturned ? 'completed' : expected.status),
    ...differs('the kind of error', step.error?.kind, expected.kind),
  ];
}

function attemptProblems({ attempts }: StepTree, exchanges: readonly Exchange[]): string[] {
  const list = <T>(items: readonly T[], show: (item: T) => unknown): string => items.map(show).join(', ');
  return [
    ...differs(
      'the attempts',
      list(attempts, ({ method, path, statusCode }) => `${method} ${path} ${statusCode}`),
      list(exchanges, ({ method, path, status }) => `${method} ${path} ${status}`),
    ),
    ...differs(
      'the request ids',
      list(attempts, ({ requestId }) => requestId),
      list(exchanges, ({ requestId }) => requestId),
    ),
    ...differs(
      'the numbers of the attempts',
      list(attempts, ({ number }) => number),
      list(exchanges, (exchange) => exchanges.indexOf(exchange) + 1),
    ),
  ];
}

function identityProblems(step: StepTree, exchanges: readonly Exchange[], { setUp }: Trial): string[] {
  // Some clients stream responses that they return in one piece.
  const last = exchanges.at(-1)?.streams;
  const operation = last === undefined ? step.operation : last ? 'stream' : 'generate';
  return [
    ...differs('the provider', step.provider, setUp.provider),
    ...differs('the model', step.model, setUp.model),
    ...differs('the operation', step.operation, operation),
  ];
}

function contentProblems(
  setUp: SetUp,
  call: Call,
  step: StepTree,
  exchanges: readonly Exchange[],
  { status }: Expected,
): string[] {
  const problems: string[] = [];
  const input = text(step.span, names.ATTR_GEN_AI_INPUT_MESSAGES) ?? '';
  for (const [index, { requestBody, status: answered }] of exchanges.entries()) {
    const { requestBody: recorded, responseBody = '' } = step.attempts[index] ?? {};
    if ((recorded ?? '') !== requestBody) problems.push(`the body of request ${index + 1}: ${recorded}`);
    if (responseBody === '') problems.push(`no body of response ${index + 1}, ${answered}`);
  }
  if (!input.includes(promptOf(call))) problems.push('the prompt is not in the input messages');
  if (status !== 'completed') return problems;
  const output = text(step.span, names.ATTR_GEN_AI_OUTPUT_MESSAGES) ?? '';
  if (!output.includes(answerOf(call))) problems.push('the answer is not in the output messages');
  if (setUp.noStreamUsage && call.mode === 'stream') return problems;
  const { inputTokens, outputTokens } = step.usage;
  return [
    ...problems,
    ...differs('the usage', `${inputTokens}, ${outputTokens}`, `${USAGE.inputTokens}, ${USAGE.outputTokens}`),
  ];
}

function differs(what: string, actual: unknown, expected: unknown): string[] {
  return actual === expected ? [] : [`${what}: ${actual} instead of ${expected}`];
}
