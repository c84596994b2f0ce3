import type { ReplyHeaders } from './provider.js';
import type { JsonReply, SseReply } from './reply.js';

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details?: { cached_tokens: number };
  completion_tokens_details?: { reasoning_tokens: number };
}

export interface ToolCall {
  id: string;
  name: string;
  /** JSON text, as the provider sends it. */
  arguments: string;
}

export interface CompletionOptions {
  id?: string;
  model?: string;
  usage?: Usage;
  requestId?: string;
  headers?: ReplyHeaders;
  /** Calls these tools instead of returning text. */
  toolCalls?: readonly ToolCall[];
}

export interface StreamOptions extends CompletionOptions {
  /** The delay before each event. */
  delayMillis?: number;
  cutAfter?: number;
  encoding?: 'gzip' | 'deflate' | 'br' | 'zstd';
}

const CREATED = 1_764_000_000;
const USAGE: Usage = {
  prompt_tokens: 20,
  completion_tokens: 10,
  total_tokens: 30,
  prompt_tokens_details: { cached_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 0 },
};

/** `POST /chat/completions` without `stream`. */
export function completion(text: string, options: CompletionOptions = {}): JsonReply {
  const { id = 'chatcmpl-1', model = 'gpt-4o-mini-2024-07-18', usage = USAGE, toolCalls } = options;
  const message =
    toolCalls === undefined
      ? { role: 'assistant', content: text, refusal: null }
      : { role: 'assistant', content: text || null, refusal: null, tool_calls: toolCalls.map(wireToolCall) };
  return {
    type: 'json',
    headers: headersOf(options),
    body: {
      id,
      object: 'chat.completion',
      created: CREATED,
      model,
      choices: [{ index: 0, message, logprobs: null, finish_reason: toolCalls ? 'tool_calls' : 'stop' }],
      usage,
      service_tier: 'default',
      system_fingerprint: 'fp_1',
    },
  };
}

/** The same with `stream` and `include_usage`. Each word is an event. */
export function completionStream(text: string | readonly string[], options: StreamOptions = {}): SseReply {
  const { id = 'chatcmpl-1', model = 'gpt-4o-mini-2024-07-18', usage = USAGE } = options;
  const { delayMillis, cutAfter, encoding } = options;
  const pieces = typeof text === 'string' ? (text.match(/\S+\s*|\s+/g) ?? []) : text;
  const head = { id, object: 'chat.completion.chunk', created: CREATED, model, system_fingerprint: 'fp_1' };
  const delta = (delta: object, finish: string | null = null) => ({
    data: { ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], usage: null },
  });
  return {
    type: 'sse',
    headers: headersOf(options),
    events: [
      delta({ role: 'assistant', content: '', refusal: null }),
      ...pieces.map((content) => delta({ content })),
      delta({}, 'stop'),
      { data: { ...head, choices: [], usage } },
    ],
    ...(delayMillis === undefined ? {} : { delayMillis }),
    ...(cutAfter === undefined ? {} : { cutAfter }),
    ...(encoding === undefined ? {} : { encoding }),
  };
}

/** An error response in the provider's format, e.g. `openaiError(500, null, 'server_error', '…')`. */
export function openaiError(
  status: number,
  code: string | null,
  type: string,
  message: string,
  headers: ReplyHeaders = {},
): JsonReply {
  return {
    type: 'json',
    status,
    headers: { 'x-request-id': 'req_error_1', ...headers },
    body: { error: { message, type, param: null, code } },
  };
}

/** 429 with both headers for a delay: the standard one in whole seconds, and OpenAI's own. */
export function rateLimited(retryAfterMillis: number, headers: ReplyHeaders = {}): JsonReply {
  const message =
    'Rate limit reached for gpt-4o-mini on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again later.';
  return openaiError(429, 'rate_limit_exceeded', 'requests', message, {
    'retry-after': String(Math.ceil(retryAfterMillis / 1000)),
    'retry-after-ms': String(retryAfterMillis),
    'x-ratelimit-limit-requests': '3',
    'x-ratelimit-remaining-requests': '0',
    ...headers,
  });
}

function headersOf({ requestId = 'req_1', headers = {} }: CompletionOptions): ReplyHeaders {
  return { 'x-request-id': requestId, 'openai-version': '2020-10-01', ...headers };
}

function wireToolCall({ id, name, arguments: args }: ToolCall) {
  return { id, type: 'function', function: { name, arguments: args } };
}
