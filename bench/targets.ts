import {
  aiTelemetry,
  type Check,
  cheapestWithContent,
  eachCase,
  firstFailure,
  held,
  latencyWithinNoise,
  NO_CODE_AND_RUN,
  quarterOfUndici,
  redaction,
  startUp,
  withinNoise,
} from './checks.js';
import { type Figures, figure } from './figures.js';
import { MANY } from './in-flight.js';
import { BARE, ERRORS, FLOOR, FULL, FULL_FAILED, SUBSCRIBER } from './variants.js';

export interface Target {
  readonly what: string;
  readonly target: string;
  /** Empty if nothing was measured. */
  checks(figures: Figures): readonly Check[];
}

/** A maximum cost. A target with several checks is met if all of them are met. */
export const TARGETS: readonly Target[] = [
  {
    what: 'errors mode, JSON, fresh and warm, no code and `withRun`',
    target: 'at most ¼ of what instrumentation-undici adds',
    checks: (figures) => eachCase(figures, ['json', 'warm'], (calls) => quarterOfUndici(calls)),
  },
  {
    what: 'errors mode, JSON, fresh and warm, no code and `withRun`',
    target: 'the floor, within noise',
    checks: (figures) =>
      eachCase(figures, ['json', 'warm'], (calls) => withinNoise(calls, NO_CODE_AND_RUN, FLOOR)),
  },
  {
    what: 'errors mode, stream of 500 chunks',
    target: 'the baseline with one channel subscriber, within noise',
    checks: (figures) =>
      eachCase(figures, ['stream'], (calls) => withinNoise(calls, NO_CODE_AND_RUN, SUBSCRIBER)),
  },
  {
    what: 'errors mode, stream of 100,000 chunks',
    target: 'the baseline with one channel subscriber, within noise',
    checks: (figures) =>
      eachCase(figures, ['long'], (calls) => withinNoise(calls, NO_CODE_AND_RUN, SUBSCRIBER)),
  },
  {
    what: "full capture, `rawBodies: 'failed'`, JSON and stream",
    target: 'the cheapest alternative with content',
    checks: (figures) =>
      eachCase(figures, ['json', 'warm', 'stream'], (calls) => cheapestWithContent(calls, FULL_FAILED, 1)),
  },
  {
    what: 'full capture, JSON and stream',
    target: 'at most 1.5 times the cheapest alternative with content',
    checks: (figures) =>
      eachCase(figures, ['json', 'warm', 'stream'], (calls) => cheapestWithContent(calls, FULL, 1.5)),
  },
  {
    what: 'AI SDK `generateText`, both modes',
    target: 'AI SDK telemetry',
    checks: (figures) => eachCase(figures, ['ai-json'], aiTelemetry),
  },
  {
    what: 'AI SDK `streamText`, both modes',
    target: 'AI SDK telemetry',
    checks: (figures) => eachCase(figures, ['ai-stream'], aiTelemetry),
  },
  {
    what: '16 calls in parallel, errors mode',
    target: 'at most ¼ of what instrumentation-undici adds',
    checks: (figures) => eachCase(figures, ['parallel'], (calls) => quarterOfUndici(calls)),
  },
  {
    what: '16 calls in parallel, errors mode: p99 latency',
    target: 'the baseline, within noise',
    checks: (figures) => eachCase(figures, ['parallel'], latencyWithinNoise),
  },
  {
    what: "16 calls in parallel, full capture, `rawBodies: 'failed'`",
    target: 'the cheapest alternative with content',
    checks: (figures) =>
      eachCase(figures, ['parallel'], (calls) => cheapestWithContent(calls, FULL_FAILED, 1)),
  },
  {
    what: '`node:http` requests that are not model calls',
    target: 'the baseline, within noise',
    checks: (figures) => eachCase(figures, ['http-other'], (calls) => withinNoise(calls, [ERRORS], BARE)),
  },
  {
    what: 'streaming call in flight, errors mode: heap',
    target: 'at most 600 bytes',
    checks: ({ flight }) => held(flight, 'heapBytes', 600, (row) => row.calls < MANY),
  },
  {
    what: 'streaming call in flight, errors mode: memory outside the heap',
    target: 'at most the bytes received',
    checks: ({ flight }) =>
      held(flight, 'externalBytes', flight?.receivedBytes ?? 0, (row) => row.calls < MANY),
  },
  {
    what: `${MANY.toLocaleString('en-US')} streaming calls in flight, errors mode: heap per call`,
    target: 'at most 600 bytes',
    checks: ({ flight }) => held(flight, 'heapBytes', 600, (row) => row.calls === MANY),
  },
  {
    what: 'start-up with `--import …/register` beyond `@opentelemetry/api`: CPU',
    target: 'at most 15 ms (Node 20: 25 ms)',
    checks: (figures) =>
      startUp(figures).map(({ cpuMillis: { median } }) => ({
        value: median,
        limit: /^2[01]\./.test(figures.node) ? 25 : 15,
        text: `${figure(median, 1)} ms`,
      })),
  },
  {
    what: 'start-up: memory',
    target: 'at most 3 MB',
    checks: (figures) =>
      startUp(figures).map(({ residentBytes: { median } }) => ({
        value: median,
        limit: 3 * 2 ** 20,
        text: `${figure(median / 2 ** 20, 1)} MB`,
      })),
  },
  {
    what: 'start-up: modules of this package',
    target: 'at most 12',
    checks: (figures) =>
      startUp(figures).map(({ ownModules }) => ({ value: ownModules, limit: 12, text: `${ownModules}` })),
  },
  {
    what: 'first failure of a server under load: longest event loop block',
    target: 'at most 25 ms',
    checks: ({ failure }) => firstFailure(failure),
  },
  {
    what: 'redaction of ordinary bodies',
    target: 'at most twice `JSON.parse` and `JSON.stringify`',
    checks: (figures) => redaction(figures, 'ordinary'),
  },
  {
    what: String.raw`redaction of difficult bodies: a secret in every string, \u escapes, short chunks`,
    target: 'at most twice `JSON.parse` and `JSON.stringify`',
    checks: (figures) => redaction(figures, 'bad'),
  },
];

export type Verdict = 'met' | 'met within noise' | 'not met' | 'too noisy';

export interface Outcome {
  readonly verdict: Verdict;
  /** The text of the check that exceeds its limit most. */
  readonly text: string;
}

/** @returns `undefined` if nothing was measured */
export function outcomeOf(target: Target, figures: Figures): Outcome | undefined {
  const [worst] = target.checks(figures).toSorted((a, b) => excess(b) - excess(a));
  if (worst === undefined) return undefined;
  const { value, limit, noise = 0, text, isTooNoisy } = worst;
  if (isTooNoisy) return { verdict: 'too noisy', text };
  const verdict = value <= limit ? 'met' : value <= limit + noise ? 'met within noise' : 'not met';
  return { verdict, text };
}

/** How far the value is beyond its limit, for values of the same target. */
function excess({ value, limit }: Check): number {
  return (value - limit) / Math.max(Math.abs(limit), Number.EPSILON);
}
