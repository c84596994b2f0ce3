import type { RequestTarget } from '../attempt/attempt.js';
import { explainError } from '../error/index.js';
import { lazily } from '../loading.js';
import { debug, explains } from '../self-diagnostics.js';
import type { Recorded } from '../step/recorded.js';
import type { StepRecord } from '../step/step-record.js';
import type { Capture, RunOptions } from '../types.js';

/**
 * What `OTEL_LOG_LEVEL=debug` tells of runs: each decision, and why. Ids, kinds, statuses and redacted URLs
 * without their query; never what people and models wrote. Each function does nothing at any other level.
 */

/** A run, as far as it is told of. As a text it says which one it is. */
interface ToldRun extends Recorded {
  readonly kind: string;
  readonly options: RunOptions;
  readonly capture: Capture;
  readonly implicit: boolean;
  readonly parent: ToldRun | undefined;
  readonly predecessor: ToldRun | undefined;
  readonly summary: { readonly stepCount: number };
}

/** Loaded with the first line that has a URL in it. */
const loadRedaction = lazily(() => require('../redact/text.js') as typeof import('../redact/text.js'));

type Asked = Pick<RequestTarget, 'method' | 'origin' | 'path' | 'call'>;

export function runOpened(run: ToldRun): void {
  if (!explains()) return;
  const { options, parent, predecessor, implicit, capture } = run;
  const facts = [
    options.chatId === undefined ? run.kind : `${run.kind} of chat ${options.chatId}`,
    implicit && 'by a request outside every run',
    parent !== undefined && `inside ${parent}`,
    predecessor !== undefined && `goes on from ${predecessor}, which has ended`,
    `capture ${capture}`,
  ];
  debug(`${run} opens: ${facts.filter((fact) => fact !== false).join(', ')}`);
}

export function runJoined(run: ToldRun): void {
  if (explains()) debug(`${run} is joined by another start with its id`);
}

export function runGivenUp(run: ToldRun): void {
  if (explains()) debug(`${run} is given up: more than maxRuns are under way`);
}

export function runNotOpened(): undefined {
  if (explains()) debug('a run is not recorded: its capture is off');
}

export function captureChosen(run: ToldRun): void {
  if (explains()) debug(`${run}: captureFor says ${run.capture}`);
}

export function stepOpened(step: StepRecord): void {
  if (explains()) debug(`${step} opens${step.options.operation ? `: ${step.options.operation}` : ''}`);
}

/** Once for each try: a step waits from the head of a failed answer on, and again from its end. */
export function stepWaits(step: StepRecord): void {
  if (!explains() || step.attempts.last?.endedAt === undefined) return;
  debug(`${step} waits: its call may be tried again`);
}

export function stepNotOpened(run: ToldRun): void {
  if (explains()) debug(`${run}: a step is not recorded: capture is off`);
}

/** @param why it belongs there */
export function requestJoined(step: StepRecord, request: Asked, why: string): void {
  if (explains()) debug(`${step}: ${lineOf(request)} is attempt ${step.attempts.began}: ${why}`);
}

export function requestNotRecorded(request: Asked, why: string): undefined {
  if (explains()) debug(`${lineOf(request)} is not recorded: ${why}`);
}

/** Once for each host: the application asks many things of many, and its logger may be one of those who ask. */
export function requestNotKnown(request: Asked): void {
  if (!explains() || OTLP.test(request.path)) return;
  if (hostsTold.has(request.origin) || hostsTold.size === MAX_HOSTS) return;
  hostsTold.add(request.origin);
  requestNotRecorded(request, 'it is outside every step and in no known format (told once for each host)');
}

/** What exporters send, ours among them. */
const OTLP = /\/v1\/(traces|metrics|logs)$/;
const hostsTold = new Set<string>();
const MAX_HOSTS = 1_000;

/** As it should be for a model in this process; for any other it is the answer to why nothing is seen. */
const NO_ATTEMPT =
  'no attempt was seen: a model in this process, a mocked or cached answer, or a client that is not watched';

export function stepEnded(step: StepRecord): void {
  if (!explains()) return;
  const { began } = step.attempts;
  debug(`${step} ends: ${outcomeOf(step)}, ${began === 0 ? NO_ATTEMPT : `${began} attempts`}`);
}

/** Of a failure alone: what else ends is never a reason to keep a run. */
export function failureJudged(failed: Recorded, isEvidence: boolean): void {
  if (!explains() || failed.status !== 'error') return;
  const kind = failed.failure?.classification.kind;
  debug(`${failed} ${isEvidence ? 'is evidence to keep its run' : 'is no evidence'}: kind ${kind}`);
}

/** @param represents how many runs that failed alike it stands for; `undefined` where others stand for it */
export function budgetAsked(run: ToldRun, fingerprint: string, represents: number | undefined): void {
  if (!explains()) return;
  const answer = represents === undefined ? 'leaves it out' : 'keeps it';
  const others = represents !== undefined && represents > 1 ? `, for ${represents} that failed alike` : '';
  debug(`${run}: the budget for fingerprint ${fingerprint} ${answer}${others}`);
}

export function runDecided(run: ToldRun, decision: string, why: string | undefined): void {
  if (!explains()) return;
  const reason = why === undefined ? '' : `: ${why}`;
  debug(`${run} is ${decision}${reason} (${outcomeOf(run)}, ${run.summary.stepCount} steps)`);
}

/** The application's own tracing, with `pipeline: 'app'`, may want none. */
export function spanNotRecorded(run: ToldRun): void {
  if (explains())
    debug(`${run}: its span is not recorded: a sampler drops it, or there is no tracer provider`);
}

export function runsNeverEnded(count: number): void {
  if (explains()) debug(`${count} runs that were given up are lost: they have not ended`);
}

function outcomeOf({ status, failure }: Recorded): string {
  if (status !== 'error' || failure === undefined) return status;
  const { kind, provider } = failure.classification;
  const {
    rule,
    evidence = 'nothing else matched',
    classification,
  } = explainError(failure.error, { provider });
  if (classification.kind !== kind) return `${status}, kind ${kind} as a step or run inside it`;
  // Words that matched may be a model's.
  return `${status}, kind ${kind} by rule "${rule}" (${evidence.replace(/text ".*"/s, 'its text')})`;
}

function lineOf({ method, origin, path, call }: Asked): string {
  const url = path.startsWith('/') ? origin + path : path;
  const format = call === undefined ? '' : ` (${call.format.name})`;
  return `${method} ${loadRedaction().redactText(url.replace(/[?#].*$/s, ''))}${format}`;
}
