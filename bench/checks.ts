import { type CallsFigures, type CallsRow, noiseOf } from './calls-case.js';
import type { CallsCaseName } from './calls-cases.js';
import { type Figures, figure } from './figures.js';
import type { FirstFailureFigures } from './first-failure.js';
import type { InFlightFigures, InFlightRow } from './in-flight.js';
import {
  AGAIN,
  AI_TELEMETRY,
  ERRORS,
  ERRORS_MODEL,
  ERRORS_RUN,
  FULL,
  FULL_FAILED,
  FULL_MODEL,
  UNDICI,
  type Variant,
} from './variants.js';

/** A measured figure and its limit. */
export interface Check {
  readonly value: number;
  readonly limit: number;
  /** A value beyond the limit by at most this much may be noise. */
  readonly noise?: number;
  /** The printed text. */
  readonly text: string;
  /** Bare processes differ too much from each other for a verdict, or too few were compared. */
  readonly isTooNoisy?: boolean;
}

export const NO_CODE_AND_RUN = [ERRORS, ERRORS_RUN];

/** As a ratio of two bare processes. */
const MOST_NOISE = 0.1;
/** Fewer pairs of bare processes may agree by chance. */
const FEWEST_ROUNDS = 3;

const CASE_NAMES: Readonly<Record<CallsCaseName, string>> = {
  json: 'fresh',
  gzip: 'gzip',
  warm: 'warm',
  stream: 'stream',
  long: 'stream',
  parallel: 'parallel',
  'ai-json': '',
  'ai-stream': '',
  http: '',
  'http-other': '',
};

export function eachCase(
  figures: Figures,
  names: readonly CallsCaseName[],
  checks: (calls: CallsFigures) => readonly Check[],
): Check[] {
  return names.flatMap((name) => {
    const calls = figures[name];
    if (calls === undefined) return [];
    const where = names.length > 1 ? `${CASE_NAMES[name]}: ` : '';
    const isTooNoisy = calls.rounds < FEWEST_ROUNDS || noiseOf(calls, 'ratio') > MOST_NOISE;
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

export function quarterOfUndici(calls: CallsFigures): Check[] {
  return rowsOf(calls, UNDICI).flatMap((undici) =>
    NO_CODE_AND_RUN.flatMap((variant) => rowsOf(calls, variant)).map((row) => ({
      value: row.addedMicros.median,
      limit: undici.addedMicros.median / 4,
      noise: noiseMicros(calls),
      text: `${micros(row)}, ${undici.label} ${micros(undici)}`,
    })),
  );
}

export function withinNoise(calls: CallsFigures, variants: readonly Variant[], beside: Variant): Check[] {
  const noise = noiseOf(calls, 'ratio');
  return rowsOf(calls, beside).flatMap((other) =>
    variants
      .flatMap((variant) => rowsOf(calls, variant))
      .map((row) => ({
        value: row.ratio.median,
        limit: other.ratio.median + noise,
        text: `${figure(row.ratio.median, 2)}, reference ${figure(other.ratio.median, 2)}, noise ${figure(noise, 2)}`,
      })),
  );
}

export function latencyWithinNoise(calls: CallsFigures): Check[] {
  const noise = noiseOf(calls, 'p99Ratio');
  return NO_CODE_AND_RUN.flatMap((variant) => rowsOf(calls, variant)).map(({ p99Ratio }) => ({
    value: p99Ratio.median,
    limit: 1 + noise,
    text: `${figure(p99Ratio.median, 2)} × baseline, noise ${figure(noise, 2)}`,
  }));
}

export function cheapestWithContent(calls: CallsFigures, variant: Variant, times: number): Check[] {
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

export function aiTelemetry(calls: CallsFigures): Check[] {
  return rowsOf(calls, AI_TELEMETRY).flatMap((telemetry) =>
    [ERRORS, ERRORS_MODEL, FULL_FAILED, FULL, FULL_MODEL]
      .flatMap((variant) => rowsOf(calls, variant))
      .map((row) => ({
        value: row.addedMicros.median,
        limit: telemetry.addedMicros.median,
        noise: noiseMicros(calls),
        text: `${micros(row)}, ${telemetry.label} ${micros(telemetry)}`,
      })),
  );
}

export function held(
  flight: InFlightFigures | undefined,
  figureName: 'heapBytes' | 'externalBytes',
  limit: number,
  isMeant: (row: InFlightRow) => boolean,
): Check[] {
  const names = NO_CODE_AND_RUN.map(({ name }) => name);
  const again = flight?.rows.find(({ variant }) => variant === AGAIN.name);
  return (flight?.rows ?? [])
    .filter((row) => names.includes(row.variant) && isMeant(row))
    .map((row) => ({
      value: row[figureName].median,
      limit,
      noise: Math.abs(again?.[figureName].median ?? 0),
      text: `${figure(row[figureName].median, 0)} bytes, limit ${figure(limit, 0)} bytes`,
    }));
}

const LONGEST_BLOCK_MILLIS = 25;

export function firstFailure(failure: FirstFailureFigures | undefined): Check[] {
  const rows = failure?.rows ?? [];
  const isTooNoisy = rows.some(
    ({ hasArrived, delay }) => hasArrived === undefined && delay.median > LONGEST_BLOCK_MILLIS,
  );
  return rows
    .filter(({ hasArrived }) => hasArrived !== undefined)
    .map(({ delay: { median }, hasArrived }) => ({
      isTooNoisy,
      value: hasArrived ? median : Number.POSITIVE_INFINITY,
      limit: LONGEST_BLOCK_MILLIS,
      text: hasArrived ? `${figure(median, 0)} ms` : 'the recording was not received',
    }));
}

export function startUp({ startup }: Figures) {
  return (startup?.rows ?? []).filter(({ name }) => name === 'import');
}

export function redaction({ parts }: Figures, group: 'ordinary' | 'bad'): Check[] {
  return (parts?.redacted ?? [])
    .filter((row) => row.group === group)
    .map(({ name, ratio }) => ({
      value: ratio.median,
      limit: 2,
      text: `${figure(ratio.median, 2)} × (${name})`,
    }));
}
