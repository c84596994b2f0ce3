import OpenAI from 'openai';
import { attachClassification, classifyError } from '../src/error/index.js';

/** What one call costs, and what it may. */
export interface ClassifyRow {
  readonly name: string;
  readonly microseconds: number;
  /** `undefined` where none is set. */
  readonly target: number | undefined;
}

const ROUNDS = 15;
const CALLS = 2_000;

const BODY = {
  error: {
    message: 'Rate limit reached for gpt-test in organization org-0123 on tokens per min (TPM): Limit 30000.',
    type: 'tokens',
    param: null,
    code: 'rate_limit_exceeded',
  },
};

const HEADERS = { 'x-request-id': 'req_0123456789abcdef', 'retry-after': '2', 'openai-processing-ms': '12' };

const CASES: readonly (readonly [name: string, target: number | undefined, make: () => unknown])[] = [
  [
    'an SDK error (openai, 429)',
    20,
    () => OpenAI.APIError.generate(429, BODY, undefined, new Headers(HEADERS)),
  ],
  ['a bare error', 5, () => new Error('boom')],
  [
    'a failed response',
    20,
    () => ({ status: 429, headers: Object.entries(HEADERS), body: JSON.stringify(BODY) }),
  ],
  [
    'a connection that failed (three causes)',
    20,
    () =>
      new Error('Connection error.', {
        cause: new TypeError('fetch failed', {
          cause: Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' }),
        }),
      }),
  ],
  ['an abort', 20, () => AbortSignal.abort().reason],
  ['an attached kind', undefined, () => attachClassification(new Error('boom'), { kind: 'config' })],
];

/** Median CPU time of one `classifyError` for each sort of error, each call with an error of its own. */
export async function benchClassify(): Promise<readonly ClassifyRow[]> {
  return CASES.map(([name, target, make]) => ({ name, target, microseconds: median(times(make)) }));
}

/** CPU time: on a busy machine the time of day measures the neighbours. */
function times(make: () => unknown): number[] {
  return Array.from({ length: ROUNDS }, () => {
    const errors = Array.from({ length: CALLS }, make);
    const start = process.cpuUsage();
    for (const error of errors) classifyError(error);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / CALLS;
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function main(): Promise<void> {
  for (const { name, microseconds, target } of await benchClassify()) {
    const limit = target === undefined ? '' : `  (target ${target})`;
    console.log(`${microseconds.toFixed(2).padStart(9)} µs  ${name}${limit}`);
  }
}

if (require.main === module) main();
