export { KeptRunsError } from './error.js';
export type { JaegerOptions } from './jaeger.js';
export { jaegerRuns } from './jaeger.js';
export { tempoRuns } from './tempo.js';
export type {
  KeptRuns,
  ListOptions,
  QueryOptions,
  RunSummary,
  StoredAttempt,
  StoredError,
  StoredRun,
  StoredStep,
} from './types.js';
