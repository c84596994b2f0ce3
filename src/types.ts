import type { Attributes } from '@opentelemetry/api';

/**
 * What to record of a run.
 * - `errors`: if the run fails with an error of a kind to keep, the run, its failing steps and their attempts, without
 *   headers, bodies or content. Otherwise nothing.
 * - `full`: the run, all steps and all attempts, with headers and bodies.
 * - `off`: nothing.
 */
export type Capture = 'errors' | 'full' | 'off';

/** The purpose of a run: one of the four known kinds or a custom one. */
export type RunKind = 'chat_turn' | 'title_generation' | 'quickgen' | 'compaction' | (string & {});

/** How a model call returns its response: non-streaming (`generate`) or streaming (`stream`). */
export type StepOperation = 'generate' | 'stream';

/**
 * Status of a run or a step, from the lowest to the highest priority. A later status replaces one of the same or lower
 * priority, never one of higher priority.
 */
export type Status = 'in_progress' | 'interrupted' | 'error' | 'completed';

/** Token counts of one model call, named as in the GenAI conventions. Input tokens include cached tokens. */
export interface TokenUsage {
  /** Tokens of the request, including cached tokens. */
  readonly inputTokens?: number | undefined;
  /** Tokens of the response, including reasoning tokens. */
  readonly outputTokens?: number | undefined;
  /** Tokens of the model's reasoning. */
  readonly reasoningTokens?: number | undefined;
  /** Input tokens read from the provider's cache. */
  readonly cacheReadTokens?: number | undefined;
  /** Input tokens written to the provider's cache. */
  readonly cacheCreationTokens?: number | undefined;
  /** The text part of `inputTokens`, if the provider reports it. */
  readonly textInputTokens?: number | undefined;
  /** The audio part of `inputTokens`, if the provider reports it. */
  readonly audioInputTokens?: number | undefined;
  /** The image part of `inputTokens`, if the provider reports it. */
  readonly imageInputTokens?: number | undefined;
  /** The text part of `outputTokens`, if the provider reports it. */
  readonly textOutputTokens?: number | undefined;
  /** The audio part of `outputTokens`, if the provider reports it. */
  readonly audioOutputTokens?: number | undefined;
  /** The image part of `outputTokens`, if the provider reports it. */
  readonly imageOutputTokens?: number | undefined;
  /** The text part of `cacheReadTokens`, if the provider reports it. */
  readonly textCacheReadTokens?: number | undefined;
  /** The audio part of `cacheReadTokens`, if the provider reports it. */
  readonly audioCacheReadTokens?: number | undefined;
  /** The image part of `cacheReadTokens`, if the provider reports it. */
  readonly imageCacheReadTokens?: number | undefined;
}

/** Identifies the chat of a run. */
export interface ChatIdentity {
  /** The chat id, recorded as `gen_ai.conversation.id` on the run and its steps. Never generated. */
  readonly chatId?: string | undefined;
  /** The id of the topmost chat, if this chat was started from another one. */
  readonly rootChatId?: string | undefined;
  /** The id of the chat that this chat was started from. */
  readonly parentChatId?: string | undefined;
}

/** Options of a run. All are optional; values that are not given are not recorded. */
export interface RunOptions extends ChatIdentity {
  /** The purpose of the run. Default: `chat_turn`. */
  readonly kind?: RunKind | undefined;
  /** The user who owns the chat, recorded as `user.id`. */
  readonly ownerId?: string | undefined;
  /** The application's id of the model configuration. */
  readonly modelConfigId?: string | undefined;
  /** The id of the message that triggered the run. */
  readonly triggerMessageId?: string | undefined;
  /** The id of the last message of the history sent to the model. */
  readonly historyTipMessageId?: string | undefined;
  /**
   * The chat's first message, recorded as a label of at most 200 characters in full capture only. Default: the first
   * user message in a request.
   */
  readonly firstMessage?: string | undefined;
  /** `gen_ai.provider.name`, for example `openai`. Default: the provider of the first step. */
  readonly provider?: string | undefined;
  /** `gen_ai.request.model`. Default: the model of the first step. */
  readonly model?: string | undefined;
  /** Capture of this run. Default: the result of `captureFor`, else the configured capture. */
  readonly capture?: Capture | undefined;
  /** A custom run id. Two live runs with the same id are one run, unless their owners differ. Default: a random UUID. */
  readonly runId?: string | undefined;
  /** The number of the first step, for a resumed run. Default: 1. */
  readonly firstStepNumber?: number | undefined;
  /**
   * Additional attributes of the run span, copied when the run starts. Names that begin with `chatdebug.`, `gen_ai.`,
   * `error.` or `exception.` are ignored with a warning.
   */
  readonly attributes?: Attributes | undefined;
}

/** Options of a step. All are optional. */
export interface StepOptions {
  /** Whether the response is complete (`generate`) or a `stream`. Default: detected from the exchange. */
  readonly operation?: StepOperation | undefined;
  /** `gen_ai.provider.name`. Default: from the request, else from the run. */
  readonly provider?: string | undefined;
  /** `gen_ai.request.model`. Default: from the request, else from the run. */
  readonly model?: string | undefined;
  /** The id of the last message of the history sent to the model. Default: that of the run. */
  readonly historyTipMessageId?: string | undefined;
}

/** A live run. Its methods never throw. */
export interface Run {
  /** `chatdebug.run.id`: the given `runId` or a random UUID. */
  readonly id: string;
  /**
   * The trace id of the run; `undefined` if nothing is recorded, and with `pipeline: 'app'` if the run has no parent.
   */
  readonly traceId: string | undefined;
  /** Calls `fn` inside the run and returns its result. */
  with<T>(fn: () => T): T;
  /** Records `error` as the error of the run; an abort error makes the run interrupted. Does not end the run. */
  fail(error: unknown): void;
  /** Ends the run. Further calls have no effect. */
  end(): void;
}

/** A live step. Its methods never throw and have no effect after the step has ended. */
export interface Step {
  /** The number of the step within its run, from 1; 0 if nothing is recorded. */
  readonly number: number;
  /**
   * Records `error` as the error of the step, regardless of what its function returns; an abort error makes the step
   * interrupted.
   */
  fail(error: unknown): void;
  /** Marks the step as interrupted. */
  interrupt(): void;
  /** Marks the step as completed and clears the error of an earlier attempt. */
  complete(): void;
  /** Sets the token counts of the model call. A later call replaces an earlier one. */
  usage(usage: TokenUsage): void;
}

/** The limit that caused an eviction, named after its option. */
export type EvictionReason = 'max_runs' | 'idle' | 'max_steps' | 'max_attempts' | 'max_bytes';
