import type { Attributes } from '@opentelemetry/api';

/**
 * What is recorded of a run.
 * - `errors`: nothing, unless it fails with an error of a kind to keep; then the run, its failing steps and
 *   their attempts, without headers, bodies or any content.
 * - `full`: the run, every step and every attempt, with headers and bodies.
 * - `off`: nothing.
 */
export type Capture = 'errors' | 'full' | 'off';

/** What a run is for: one of the four known kinds, or a word of the application's own. */
export type RunKind = 'chat_turn' | 'title_generation' | 'quickgen' | 'compaction' | (string & {});

/** How a model call gives its answer: in one piece or as a stream. */
export type StepOperation = 'generate' | 'stream';

/**
 * How a run or a step ended, or that it has not. In the order of priority: a later result may replace one
 * of the same or lower priority, never a higher one (reference row R9).
 */
export type Status = 'in_progress' | 'interrupted' | 'error' | 'completed';

/** Token counts of one model call, named as in the GenAI conventions; cached tokens are part of the input. */
export interface TokenUsage {
  /** Of the request, cached ones included. */
  readonly inputTokens?: number | undefined;
  /** Of the answer, those of its reasoning included. */
  readonly outputTokens?: number | undefined;
  /** Of the answer's reasoning. */
  readonly reasoningTokens?: number | undefined;
  /** Read from the provider's cache. */
  readonly cacheReadTokens?: number | undefined;
  /** Written to the provider's cache. */
  readonly cacheCreationTokens?: number | undefined;
}

/** Whose run it is: what the application is asked about when it chooses the capture. */
export interface ChatIdentity {
  /** The chat; recorded as `gen_ai.conversation.id`, on steps too, and never made up. */
  readonly chatId?: string | undefined;
  /** The chat at the top, for one that was started from another. */
  readonly rootChatId?: string | undefined;
  /** The chat that this one was started from. */
  readonly parentChatId?: string | undefined;
}

/** What a run is started with. Everything is optional; what is not given is not recorded. */
export interface RunOptions extends ChatIdentity {
  /** What the run is for. Default: `chat_turn`. */
  readonly kind?: RunKind | undefined;
  /** The user the chat belongs to; recorded as `user.id`. */
  readonly ownerId?: string | undefined;
  /** The application's own id of the model's settings. */
  readonly modelConfigId?: string | undefined;
  /** The message that made the application start this run. */
  readonly triggerMessageId?: string | undefined;
  /** The last message of the history that is sent to the model. */
  readonly historyTipMessageId?: string | undefined;
  /**
   * The chat's first message, kept as a label of 200 characters, in full capture only. Default: the first words
   * of a user in a request.
   */
  readonly firstMessage?: string | undefined;
  /** `gen_ai.provider.name`, for example `openai`. Default: that of its first step. */
  readonly provider?: string | undefined;
  /** `gen_ai.request.model`. Default: that of its first step. */
  readonly model?: string | undefined;
  /** Capture for this run alone. Default: what `captureFor` says, else the configured capture. */
  readonly capture?: Capture | undefined;
  /** An id of the application's own. Two live runs with one id are one run, unless their owners differ. Default: a random UUID. */
  readonly runId?: string | undefined;
  /** The number of the first step, to resume a run. Default: 1. */
  readonly firstStepNumber?: number | undefined;
  /**
   * Further attributes for the run's span, copied when the run starts. Names that begin with `chatdebug.`, `gen_ai.`,
   * `error.` or `exception.` are left out, with a warning.
   */
  readonly attributes?: Attributes | undefined;
}

/** What a step is started with. Everything is optional. */
export interface StepOptions {
  /** Whether the answer comes in one piece or as a stream. Default: as the exchange shows. */
  readonly operation?: StepOperation | undefined;
  /** `gen_ai.provider.name`. Default: as the request says, else the run's. */
  readonly provider?: string | undefined;
  /** `gen_ai.request.model`. Default: as the request says, else the run's. */
  readonly model?: string | undefined;
  /** The last message of the history that is sent to the model. Default: the run's. */
  readonly historyTipMessageId?: string | undefined;
}

/** A run under way. Its methods never throw. */
export interface Run {
  /** `chatdebug.run.id`: the application's own id or a random UUID. */
  readonly id: string;
  /**
   * The trace it will be found in; `undefined` where nothing is recorded, and in the application's own
   * pipeline where the run has no parent.
   */
  readonly traceId: string | undefined;
  /** Calls `fn` inside the run and gives back what it gives back. */
  with<T>(fn: () => T): T;
  /** The run failed with this error (an abort makes it interrupted). It still has to be ended. */
  fail(error: unknown): void;
  /** The run is over. A second call does nothing. */
  end(): void;
}

/** A step under way. Its methods never throw; after its end they do nothing. */
export interface Step {
  /** Its number within the run, from 1; 0 where nothing is recorded. */
  readonly number: number;
  /** The step failed with this error (an abort makes it interrupted), whatever the function gives back. */
  fail(error: unknown): void;
  /** The step was broken off. */
  interrupt(): void;
  /** The step succeeded; clears an error of an earlier try. */
  complete(): void;
  /** The token counts of the model call, as far as they are known; a later call replaces an earlier one. */
  usage(usage: TokenUsage): void;
}

/** A bound because of which something was let go; named after its option. */
export type EvictionReason = 'max_runs' | 'idle' | 'max_steps' | 'max_attempts' | 'max_bytes';
