export { startRun, withRun } from './api/run.js';
export { reuseStep, withStep } from './api/step.js';
export { chatDebug } from './chat-debug.js';
export type { ChatDebugOptions } from './config/options.js';
export { ChatDebugConfigError } from './config/setting.js';
export type { DeliveryStats, LossReason } from './delivery/stats.js';
export type {
  AttachedClassification,
  Classification,
  ClassifyOptions,
  ErrorKind,
  ErrorKindName,
  ErrorText,
  Explanation,
} from './error/index.js';
export {
  attachClassification,
  classifyError,
  ERROR_KINDS,
  explainError,
} from './error/index.js';
export type { ChatDebugHandle, ChatDebugStats } from './handle.js';
export type { ChatDebugInstrumentationConfig } from './instrumentation.js';
export { ChatDebugInstrumentation } from './instrumentation.js';
export { installFetch, recordedFetch } from './recorded-fetch.js';
export type { Redact } from './redact/text.js';
export type { KeptBudgetStats } from './run/kept-budget.js';
export type { LiveCall, LiveRun } from './run/live-run.js';
export type { ContentFor, FailureContentChoice, KeptRun, OnKeep } from './run/on-keep.js';
export type { RecentRun } from './run/recently-kept.js';
export type { RecognisedRequest, RecordUnknown, RunFor } from './run/request-hooks.js';
export type { CaptureFor } from './run/run-options.js';
export type { DropReason, LostReason, RunCounts } from './run/run-tally.js';
export type { WatchOptions } from './run/watch-runs.js';
export type { Decide, ErrorKindSamplerOptions, KeepRules, Retain } from './sampling/error-kind-sampler.js';
export { ErrorKindSampler } from './sampling/error-kind-sampler.js';
export { startChatDebug } from './start.js';
export type {
  Capture,
  ChatIdentity,
  EvictionReason,
  Run,
  RunKind,
  RunOptions,
  Status,
  Step,
  StepOperation,
  StepOptions,
  TokenUsage,
} from './types.js';
export type { WireFormatName } from './wire/format.js';
export type {
  OutgoingRequest,
  OwnCall,
  OwnFormat,
  OwnMessage,
  OwnRequest,
  OwnResponse,
} from './wire/reading/own-format.js';
