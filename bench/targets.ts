import { type CallsFigures, type CallsRow, noiseOf } from './calls-case.js';
import type { CallsCaseName } from './calls-cases.js';
import type { Figures } from './figures.js';
import { MANY } from './in-flight.js';
import { figure } from './table.js';
import {
  AI_TELEMETRY,
  ERRORS,
  ERRORS_MODEL,
  ERRORS_RUN,
  FLOOR,
  FULL,
  FULL_FAILED,
  FULL_MODEL,
  SUBSCRIBER,
  UNDICI,
  type Variant,
} from './variants.js';

/** One measured figure beside what it may be. */
interface Check {
  readonly value: number;
  readonly limit: number;
  /** A value beyond the limit by no more than this may be noise. */
  readonly noise?: number;
  /** What is printed of it. */
  readonly text: string;
  /** Bare processes differ from each other by too much for any verdict. */
  readonly isTooNoisy?: boolean;
}

export interface Target {
  readonly what: string;
  readonly target: string;
  /** None where nothing was measured. */
  checks(figures: Figures): readonly Check[];
}

const NO_CODE_AND_RUN = [ERRORS, ERRORS_RUN];

/** What this package should cost, by subject. A target with several checks is met if all of them are. */
export const TARGETS: readonly Target[] = [
  {
    what: 'errors capture, JSON, fresh and warm, no code and `withRun`',
    target: 'at most ¼ of what instrumentation-undici adds',
    checks: (figures) => eachCase(figures, ['json', 'warm'], (calls) => quarterOfUndici(calls)),
  },
  {
    what: 'the same',
    target: 'the floor, within the noise',
    checks: (figures) =>
      eachCase(figures, ['json', 'warm'], (calls) => withinNoise(calls, NO_CODE_AND_RUN, FLOOR)),
  },
  {
    what: 'errors capture, stream of 500 chunks',
    target: 'bare with one channel subscriber, within the noise',
    checks: (figures) =>
      eachCase(figures, ['stream'], (calls) => withinNoise(calls, NO_CODE_AND_RUN, SUBSCRIBER)),
  },
  {
    what: 'errors capture, stream of 100,000 chunks',
    target: 'the same',
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
    target: 'at most 1.5 times that',
    checks: (figures) =>
      eachCase(figures, ['json', 'warm', 'stream'], (calls) => cheapestWithContent(calls, FULL, 1.5)),
  },
  {
    what: 'AI SDK `generateText`, both captures',
    target: "the AI SDK's own telemetry",
    checks: (figures) => eachCase(figures, ['ai-json'], aiTelemetry),
  },
  {
    what: 'AI SDK `streamText`, both captures',
    target: "the AI SDK's own telemetry",
    checks: (figures) => eachCase(figures, ['ai-stream'], aiTelemetry),
  },
  {
    what: '16 calls in parallel, errors capture',
    target: 'at most ¼ of what instrumentation-undici adds',
    checks: (figures) => eachCase(figures, ['parallel'], (calls) => quarterOfUndici(calls)),
  },
  {
    what: '16 calls in parallel, errors capture: p99 of the latency',
    target: 'bare, within the noise',
    checks: (figures) =>
      eachCase(figures, ['parallel'], (calls) =>
        NO_CODE_AND_RUN.flatMap((variant) =>
          rowsOf(calls, variant).map(({ p99Ratio }) => {
            const noise = noiseOf(calls, 'p99Ratio');
            const text = `${figure(p99Ratio.median, 2)} × bare, noise ${figure(noise, 2)}`;
            return { value: p99Ratio.median, limit: 1 + noise, text };
          }),
        ),
      ),
  },
  {
    what: "16 calls in parallel, full capture, `rawBodies: 'failed'`",
    target: 'the cheapest alternative with content',
    checks: (figures) =>
      eachCase(figures, ['parallel'], (calls) => cheapestWithContent(calls, FULL_FAILED, 1)),
  },
  {
    what: 'a streaming call in flight, errors capture: heap',
    target: 'at most 600 bytes',
    checks: ({ flight }) =>
      inFlight(flight, (row) => row.calls < MANY).map(({ heapBytes: { median } }) => ({
        value: median,
        limit: 600,
        text: `${figure(median, 0)} bytes`,
      })),
  },
  {
    what: 'the same: memory outside of the heap',
    target: 'at most what the call has received',
    checks: ({ flight }) =>
      inFlight(flight, (row) => row.calls < MANY).map(({ externalBytes: { median } }) => ({
        value: median,
        limit: flight?.chunkBytes ?? 0,
        text: `${figure(median, 0)} of ${figure(flight?.chunkBytes ?? 0, 0)} bytes`,
      })),
  },
  {
    what: `${MANY.toLocaleString('en-US')} streaming calls in flight, errors capture: heap of each`,
    target: 'at most 600 bytes',
    checks: ({ flight }) =>
      inFlight(flight, (row) => row.calls === MANY).map(({ heapBytes: { median } }) => ({
        value: median,
        limit: 600,
        text: `${figure(median, 0)} bytes`,
      })),
  },
  {
    what: 'start-up, `--import …/register`, beyond `@opentelemetry/api`: CPU',
    target: 'at most 15 ms (Node 20: 25 ms)',
    checks: (figures) =>
      startUp(figures).map(({ cpuMillis: { median } }) => ({
        value: median,
        limit: /^2[01]\./.test(figures.node) ? 25 : 15,
        text: `${figure(median, 1)} ms`,
      })),
  },
  {
    what: 'the same: memory',
    target: 'at most 3 MB',
    checks: (figures) =>
      startUp(figures).map(({ residentBytes: { median } }) => ({
        value: median,
        limit: 3 * 2 ** 20,
        text: `${figure(median / 2 ** 20, 1)} MB`,
      })),
  },
  {
    what: 'the same: modules of this package',
    target: 'at most 12',
    checks: (figures) =>
      startUp(figures).map(({ ownModules }) => ({ value: ownModules, limit: 12, text: `${ownModules}` })),
  },
  {
    what: 'first failure of a server under load: longest block of the event loop',
    target: 'at most 25 ms',
    checks: ({ failure }) =>
      (failure?.rows ?? [])
        .filter(({ hasArrived }) => hasArrived !== undefined)
        .map(({ delay: { median }, hasArrived }) => ({
          value: hasArrived ? median : Number.POSITIVE_INFINITY,
          limit: 25,
          text: hasArrived ? `${figure(median, 0)} ms` : 'the recording did not arrive',
        })),
  },
  {
    what: 'redaction of ordinary bodies',
    target: 'at most twice `JSON.parse` and `JSON.stringify`',
    checks: (figures) => redaction(figures, 'ordinary'),
  },
  {
    what: String.raw`redaction of bad bodies: a secret in every string, \u escapes, short pieces`,
    target: 'the same',
    checks: (figures) => redaction(figures, 'bad'),
  },
];

/** As a ratio of two bare processes. */
const MOST_NOISE = 0.1;

export type Verdict = 'met' | 'met within noise' | 'not met' | 'too noisy to say';

export interface Outcome {
  readonly verdict: Verdict;
  /** Of the check that is the furthest from being met. */
  readonly text: string;
}

/** @returns `undefined` where nothing was measured */
export function outcomeOf(target: Target, figures: Figures): Outcome | undefined {
  const [worst] = target.checks(figures).toSorted((a, b) => excess(b) - excess(a));
  if (worst === undefined) return undefined;
  const { value, limit, noise = 0, text, isTooNoisy } = worst;
  if (isTooNoisy) return { verdict: 'too noisy to say', text };
  const verdict = value <= limit ? 'met' : value <= limit + noise ? 'met within noise' : 'not met';
  return { verdict, text };
}

/** How far the value is beyond its limit, for values of the same target. */
function excess({ value, limit }: Check): number {
  return (value - limit) / Math.max(Math.abs(limit), Number.EPSILON);
}

const CASE_NAMES: Readonly<Record<CallsCaseName, string>> = {
  json: 'fresh',
  warm: 'warm',
  stream: 'stream',
  long: 'stream',
  parallel: 'parallel',
  'ai-json': '',
  'ai-stream': '',
};

function eachCase(
  figures: Figures,
  names: readonly CallsCaseName[],
  checks: (calls: CallsFigures) => readonly Check[],
): Check[] {
  return names.flatMap((name) => {
    const calls = figures[name];
    if (calls === undefined) return [];
    const where = names.length > 1 ? `${CASE_NAMES[name]}: ` : '';
    const isTooNoisy = noiseOf(calls, 'ratio') > MOST_NOISE;
    return checks(calls).map((check) => ({ ...check, isTooNoisy, text: `${where}${check.text}` }));
  });
}

function rowsOf({ rows }: CallsFigures, { name }: Variant): CallsRow[] {
  return rows.filter(({ variant }) => variant === name);
}

const micros = ({ addedMicros }: CallsRow): string => `${figure(addedMicros.median, 0)} µs`;

/** In microseconds of CPU time. */
function noiseMicros(calls: CallsFigures): number {
  return noiseOf(calls, 'ratio') * (calls.rows[0]?.cpuMicros.median ?? 0);
}

function quarterOfUndici(calls: CallsFigures): Check[] {
  return rowsOf(calls, UNDICI).flatMap((undici) =>
    NO_CODE_AND_RUN.flatMap((variant) => rowsOf(calls, variant)).map((row) => ({
      value: row.addedMicros.median,
      limit: undici.addedMicros.median / 4,
      noise: noiseMicros(calls),
      text: `${micros(row)} of ${micros(undici)}`,
    })),
  );
}

function withinNoise(calls: CallsFigures, variants: readonly Variant[], beside: Variant): Check[] {
  const noise = noiseOf(calls, 'ratio');
  return rowsOf(calls, beside).flatMap((other) =>
    variants
      .flatMap((variant) => rowsOf(calls, variant))
      .map((row) => ({
        value: row.ratio.median,
        limit: other.ratio.median + noise,
        text: `${figure(row.ratio.median, 2)} beside ${figure(other.ratio.median, 2)}, noise ${figure(noise, 2)}`,
      })),
  );
}

function cheapestWithContent(calls: CallsFigures, variant: Variant, times: number): Check[] {
  const [cheapest] = calls.rows
    .filter(({ loaded, sends }) => loaded === 'rival' && sends === 'content')
    .toSorted((a, b) => a.addedMicros.median - b.addedMicros.median);
  if (cheapest === undefined) return [];
  return rowsOf(calls, variant).map((row) => ({
    value: row.addedMicros.median,
    limit: times * cheapest.addedMicros.median,
    noise: noiseMicros(calls),
    text: `${micros(row)}, ${cheapest.label} ${micros(cheapest)}`,
  }));
}

function aiTelemetry(calls: CallsFigures): Check[] {
  return rowsOf(calls, AI_TELEMETRY).flatMap((telemetry) =>
    [ERRORS, ERRORS_MODEL, FULL_FAILED, FULL, FULL_MODEL]
      .flatMap((variant) => rowsOf(calls, variant))
      .map((row) => ({
        value: row.addedMicros.median,
        limit: telemetry.addedMicros.median,
        noise: noiseMicros(calls),
        text: `${micros(row)} beside ${micros(telemetry)}`,
      })),
  );
}

function inFlight<Row extends { readonly variant: string; readonly calls: number }>(
  flight: { readonly rows: readonly Row[] } | undefined,
  isMeant: (row: Row) => boolean,
): Row[] {
  const names = NO_CODE_AND_RUN.map(({ name }) => name);
  return (flight?.rows ?? []).filter((row) => names.includes(row.variant) && isMeant(row));
}

function startUp({ startup }: Figures) {
  return (startup?.rows ?? []).filter(({ name }) => name === 'import');
}

function redaction({ parts }: Figures, group: 'ordinary' | 'bad'): Check[] {
  return (parts?.redacted ?? [])
    .filter((row) => row.group === group)
    .map(({ name, ratio }) => ({
      value: ratio.median,
      limit: 2,
      text: `${figure(ratio.median, 2)} × (${name})`,
    }));
}
