import type { RequestTarget } from '../attempt/attempt.js';
import { explainError } from '../error/index.js';
import { lazy } from '../loading.js';
import { debug, explains } from '../self-diagnostics.js';
import type { Recorded } from '../step/outcome.js';
import type { StepRecord } from '../step/step-record.js';
import type { Capture, RunOptions } from '../types.js';

/*
 * The debug lines about runs (`OTEL_LOG_LEVEL=debug`): each decision and its reason. They contain ids, kinds, statuses
 * and redacted URLs without their query, never content. Each function does nothing at any other level.
 */

/** The facts about a run in a debug line. `toString()` names the run. */
export interface DescribedRun extends Recorded {
  readonly kind: string;
  readonly options: RunOptions;
  readonly capture: Capture;
  readonly implicit: boolean;
  readonly parent: DescribedRun | undefined;
  readonly predecessor: DescribedRun | undefined;
  readonly totals: { readonly stepCount: number };
}

const OTLP = /\/v1\/(traces|metrics|logs)$/;
const MAX_HOSTS = 1_000;
const reportedHosts = new Set<string>();

const loadRedaction = lazy(() => require('../redact/text.js') as typeof import('../redact/text.js'));

type DescribedRequest = Pick<RequestTarget, 'method' | 'origin' | 'path' | 'call'>;

export function runOpened(run: DescribedRun): void {
  if (!explains()) return;
  const { options, parent, predecessor, implicit, capture } = run;
  const facts = [
    options.chatId === undefined ? run.kind : `${run.kind} of chat ${options.chatId}`,
    implicit && 'by a request outside every run',
    parent !== undefined && `inside ${parent}`,
    predecessor !== undefined && `continues ${predecessor}, which has ended`,
    `capture ${capture}`,
  ];
  debug(`${run} opens: ${facts.filter((fact) => fact !== false).join(', ')}`);
}

export function runJoined(run: DescribedRun): void {
  if (explains()) debug(`${run} is joined by another start with the same id`);
}

export function runEvicted(run: DescribedRun): void {
  if (explains()) debug(`${run} is evicted: maxRuns exceeded`);
}

export function runNotOpened(): undefined {
  if (explains()) debug('a run is not recorded: its capture is off');
}

export function captureChosen(run: DescribedRun): void {
  if (explains()) debug(`${run}: captureFor sets capture to ${run.capture}`);
}

export function stepOpened(step: StepRecord): void {
  if (explains()) debug(`${step} opens${step.options.operation ? `: ${step.options.operation}` : ''}`);
}

/** Logged once for each attempt, although the step waits from the head of a failed response on. */
export function stepWaits(step: StepRecord): void {
  if (!explains() || step.attempts.last?.endedAt === undefined) return;
  debug(`${step} waits for a retry`);
}

export function stepNotOpened(run: DescribedRun): void {
  if (explains()) debug(`${run}: a step is not recorded: capture is off`);
}

export function requestJoined(step: StepRecord, request: DescribedRequest, why: string): void {
  if (explains()) debug(`${step}: ${describeRequest(request)} is attempt ${step.attempts.began}: ${why}`);
}

export function requestNotRecorded(request: DescribedRequest, why: string): undefined {
  if (explains()) debug(`${describeRequest(request)} is not recorded: ${why}`);
}

/** Logged once for each host. The application's logger may make such requests itself. */
export function requestNotRecognised(request: DescribedRequest): void {
  if (!explains() || OTLP.test(request.path)) return;
  if (reportedHosts.has(request.origin) || reportedHosts.size === MAX_HOSTS) return;
  reportedHosts.add(request.origin);
  requestNotRecorded(request, 'it is outside every step and in no known format (reported once per host)');
}

/** Expected for an in-process model; for any other it explains why nothing was recorded. */
const NO_ATTEMPT =
  'no request was observed: an in-process model, a mocked or cached response, or a client that cannot be observed';

export function stepEnded(step: StepRecord): void {
  if (!explains()) return;
  const { began } = step.attempts;
  debug(`${step} ends: ${describeOutcome(step)}, ${began === 0 ? NO_ATTEMPT : `${began} attempts`}`);
}

/** Logged for failures only: nothing else is a reason to keep a run. */
export function failureJudged(failed: Recorded, isEvidence: boolean): void {
  if (!explains() || failed.status !== 'error') return;
  const kind = failed.failure?.classification.kind;
  debug(`${failed} ${isEvidence ? 'is evidence to keep its run' : 'is no evidence'}: kind ${kind}`);
}

/** @param represents how many runs with this fingerprint the run represents; `undefined` if it is not kept */
export function budgetDecided(run: DescribedRun, fingerprint: string, represents: number | undefined): void {
  if (!explains()) return;
  const answer = represents === undefined ? 'drops it' : 'keeps it';
  const others = represents !== undefined && represents > 1 ? `, representing ${represents} runs` : '';
  debug(`${run}: the budget for fingerprint ${fingerprint} ${answer}${others}`);
}

export function runDecided(run: DescribedRun, decision: string, why: string | undefined): void {
  if (!explains()) return;
  const reason = why === undefined ? '' : `: ${why}`;
  debug(`${run} is ${decision}${reason} (${describeOutcome(run)}, ${run.totals.stepCount} steps)`);
}

export function spanNotRecorded(run: DescribedRun): void {
  if (explains())
    debug(`${run}: its span is not recorded: a sampler drops it, or there is no tracer provider`);
}

export function runsNeverEnded(count: number): void {
  if (explains()) debug(`${count} evicted runs are lost: they have not ended`);
}

function describeOutcome({ status, failure }: Recorded): string {
  if (status !== 'error' || failure === undefined) return status;
  const { kind, provider } = failure.classification;
  const {
    rule,
    evidence = 'nothing else matched',
    classification,
  } = explainError(failure.error, { provider });
  if (classification.kind !== kind) return `${status}, kind ${kind} as a step or run inside it`;
  // The text that matched may be content.
  return `${status}, kind ${kind} by rule "${rule}" (${evidence.replace(/text ".*"/s, 'its text')})`;
}

function describeRequest({ method, origin, path, call }: DescribedRequest): string {
  const url = path.startsWith('/') ? origin + path : path;
  const format = call === undefined ? '' : ` (${call.format.name})`;
  return `${method} ${loadRedaction().redactText(url.replace(/[?#].*$/s, ''))}${format}`;
}
