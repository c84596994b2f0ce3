export type { DebugTab } from './handler.js';
export { createDebugTab } from './handler.js';
export { toNodeHandler } from './node-handler.js';
export type { DebugTabOptions } from './options.js';
export type { ProcessRuns, ProcessRunsOptions } from './process-runs.js';
export { processRuns } from './process-runs.js';
export type { RunSource } from './sources.js';
