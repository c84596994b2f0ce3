export { KeptRunsError } from './ask.js';
export type { JaegerOptions } from './jaeger.js';
export { jaegerRuns } from './jaeger.js';
export type { StoredEvent, StoredSpan } from './stored-span.js';
export { tempoRuns } from './tempo.js';
export type {
  KeptRuns,
  ListOptions,
  QueryOptions,
  RunSummary,
  RunTrace,
  StoredAttempt,
  StoredError,
  StoredRun,
  StoredStep,
} from './types.js';
