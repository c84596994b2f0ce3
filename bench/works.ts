import { OWN_ROWS, RIVAL_ROWS, type Rows, type Variant } from './variants.js';

/** What is called, and how often in a row for one figure. */
export interface Work {
  /** One of the calls of bench/caller-calls.mjs. */
  readonly kind: 'json' | 'stream' | 'ai-json' | 'ai-stream';
  /** Of the provider, before `/v1`. */
  readonly path: string;
  readonly chunks: number;
  readonly calls: number;
  /**
   * How many such figures make one, the middle one of them; as many calls again go before them and do not count. A process
   * that has waited for its turn compiles something anew some time later, which costs what a dozen streams do.
   */
  readonly parts: number;
  /** How often before anything counts. */
  readonly warmUps: number;
  /** How many calls at once memory is looked at with; none where it is not. */
  readonly held: number;
}

/** A work that a case of its own measures in every variant. */
export interface TitledWork extends Work {
  readonly title: string;
  readonly rows: Rows;
  /** Of the rounds asked for: a call that takes seconds would take most of the bench's time. */
  readonly shareOfRounds: number;
}

const STREAM = { kind: 'stream', path: 'stream/500', chunks: 500, calls: 30, warmUps: 6, held: 100 } as const;
const COMMON = { chunks: 0, parts: 3, held: 200, shareOfRounds: 1 } as const;

export const WORKS = {
  json: {
    ...COMMON,
    title: 'openai: a chat completion of 2 KB',
    rows: 'openai',
    kind: 'json',
    path: 'json',
    calls: 300,
    warmUps: 10,
  },
  stream: { ...COMMON, ...STREAM, title: 'openai: a stream of 500 chunks', rows: 'openai' },
  long: {
    ...COMMON,
    title: 'openai: a stream of 100,000 chunks',
    rows: 'long',
    kind: 'stream',
    path: 'stream/100000',
    chunks: 100_000,
    calls: 1,
    parts: 1,
    warmUps: 1,
    held: 0,
    shareOfRounds: 0.5,
  },
  'ai-json': {
    ...COMMON,
    title: 'ai: generateText, an answer of 2 KB',
    rows: 'ai',
    kind: 'ai-json',
    path: 'json',
    calls: 150,
    warmUps: 8,
  },
  'ai-stream': {
    ...COMMON,
    ...STREAM,
    title: 'ai: streamText of 500 parts',
    rows: 'ai',
    kind: 'ai-stream',
    calls: 10,
    held: 50,
  },
} as const satisfies Readonly<Record<string, TitledWork>>;

export function variantsOf(work: TitledWork, rivals: boolean): readonly Variant[] {
  return (rivals ? RIVAL_ROWS : OWN_ROWS)[work.rows];
}
