export { reuseStep } from './api/reuse-step.js';
export { startRun } from './api/start-run.js';
export { withRun } from './api/with-run.js';
export { withStep } from './api/with-step.js';
export { chatDebug } from './chat-debug.js';
export type { ChatDebugOptions } from './config/options.js';
export { ChatDebugConfigError } from './config/setting.js';
export type { DeliveryStats, LossReason } from './delivery/losses.js';
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
export type { Redact } from './redact/own-rules.js';
export type { CaptureFor } from './run/capture-choice.js';
export type { KeptBudgetStats } from './run/kept-budget.js';
export type { KeptRun, OnKeep } from './run/on-keep.js';
export type { RecentRun } from './run/recently-kept.js';
export type { RecognisedRequest, RunFor } from './run/run-for.js';
export type { DropReason, LostReason, RunCounts } from './run/run-tally.js';
export type { ErrorKindSamplerOptions } from './sampling/error-kind-sampler.js';
export { ErrorKindSampler } from './sampling/error-kind-sampler.js';
export type { Decide, KeepRules, Retain } from './sampling/keep-rules.js';
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
