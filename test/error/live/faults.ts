import { Agent, type Dispatcher } from 'undici';
import type { ErrorKind } from '../../../src/error/index.js';
import { startRefusingPort } from '../../support/loopback.js';
import type { ScriptedProvider } from '../../support/provider.js';
import type { CallOptions, ClientName } from './clients.js';
import { goodStart } from './streams.js';

/** A kind, and whether it is retryable. */
export type Outcome = `${ErrorKind}` | `${ErrorKind}, retry` | 'no error';

/** A fault of the network or of the caller. */
export interface Fault {
  readonly name: string;
  readonly expected: Outcome;
  /** Clients with another result. */
  readonly unlike?: Readonly<Partial<Record<ClientName, Outcome>>>;
  /** Scripts the provider and returns how to call it. */
  prepare(provider: ScriptedProvider, client: ClientName): CallOptions | Promise<CallOptions>;
  /** The dispatcher, if undici's own limits are tested. */
  readonly dispatcher?: () => Dispatcher;
  /** The affected clients. Default: all. */
  suits?(client: ClientName): boolean;
}

const SHORT = 40;

/** Google's client turns undici's limits off for its requests. */
const keepsLimits = (client: ClientName) => client !== '@google/genai';

const HANG = { type: 'hang', when: 'before-headers' } as const;

const retried = (status: number, expected: Outcome): Fault => ({
  name: `${status}, retries exhausted`,
  expected,
  prepare: (provider) => {
    const error = { message: 'No luck today.', type: 'example', code: status };
    provider.reply({ type: 'json', status, headers: { 'retry-after-ms': '1' }, body: { error } });
    return { url: provider.url, retries: 1 };
  },
});

/** Aborts once the request has arrived. */
async function abortOnArrival(provider: ScriptedProvider, reason?: unknown): Promise<CallOptions> {
  const controller = new AbortController();
  provider.route(() => {
    controller.abort(reason);
    return undefined;
  });
  provider.reply(HANG);
  return { url: provider.url, signal: controller.signal };
}

/** They check their own signal, regardless of the caller's reason. */
const REASON_LOST = {
  openai: 'interrupted',
  '@anthropic-ai/sdk': 'interrupted',
  '@google/genai': 'interrupted',
} as const;

/** It converts it to an `AbortSignal.timeout`. */
const AI_SDK_TIMEOUT = {
  'ai + @ai-sdk/openai': 'timeout',
  'ai + @ai-sdk/anthropic': 'timeout',
  'ai + @ai-sdk/google': 'timeout',
  'ai + gateway': 'timeout',
} as const;

const ENDS_QUIETLY = {
  openai: 'no error',
  '@anthropic-ai/sdk': 'no error',
  'ai + @ai-sdk/openai': 'no error',
  'ai + @ai-sdk/anthropic': 'no error',
  'ai + @ai-sdk/google': 'no error',
  'ai + gateway': 'no error',
} as const;

const NOT_PARSED = { "fetch (Node's own)": 'no error', 'fetch (npm undici)': 'no error' } as const;

export const FAULTS: readonly Fault[] = [
  {
    name: 'connection refused',
    expected: 'timeout, retry',
    prepare: async () => ({ url: (await startRefusingPort()).url }),
  },
  {
    name: 'unknown host',
    expected: 'timeout, retry',
    prepare: () => ({ url: 'http://nonexistent.invalid' }),
  },
  {
    name: 'connect timeout',
    expected: 'timeout, retry',
    prepare: () => ({ url: 'http://nonexistent.invalid' }),
    // A name that is never resolved is a connection that is never made.
    dispatcher: () => new Agent({ connect: { timeout: SHORT, lookup: () => {} } }),
  },
  {
    name: 'headers timeout',
    expected: 'timeout, retry',
    prepare: (provider) => {
      provider.reply(HANG);
      return { url: provider.url };
    },
    dispatcher: () => new Agent({ headersTimeout: SHORT }),
    suits: keepsLimits,
  },
  {
    name: 'body timeout',
    expected: 'timeout, retry',
    prepare: (provider) => {
      provider.reply({ type: 'hang', when: 'in-body' });
      return { url: provider.url };
    },
    dispatcher: () => new Agent({ bodyTimeout: SHORT }),
    suits: keepsLimits,
  },
  {
    name: 'cut before the headers',
    expected: 'timeout, retry',
    prepare: (provider) => {
      provider.reply({ type: 'cut', when: 'before-headers' });
      return { url: provider.url };
    },
  },
  {
    name: 'cut in the body',
    expected: 'timeout, retry',
    prepare: (provider) => {
      provider.reply({ type: 'cut', when: 'in-body' });
      return { url: provider.url };
    },
  },
  {
    name: 'cut between events of a stream',
    expected: 'timeout, retry',
    prepare: (provider, client) => {
      const events = goodStart(client);
      provider.reply({ type: 'sse', events, done: false, cutAfter: events.length });
      return { url: provider.url, stream: true };
    },
  },
  {
    name: 'stream ends early, without an error',
    expected: 'no error',
    prepare: (provider, client) => {
      provider.reply({ type: 'sse', events: goodStart(client), done: false });
      return { url: provider.url, stream: true };
    },
  },
  {
    name: 'an event that is not JSON',
    expected: 'generic',
    unlike: { '@anthropic-ai/sdk': 'no error', ...NOT_PARSED },
    prepare: (provider, client) => {
      provider.reply({ type: 'sse', events: [...goodStart(client), 'data: {"choices": [\n\n'], done: false });
      return { url: provider.url, stream: true };
    },
  },
  {
    name: '200 with an HTML page',
    expected: 'generic',
    unlike: { openai: 'no error', '@anthropic-ai/sdk': 'no error' },
    prepare: (provider) => {
      const body = '<html><head><title>Service unavailable</title></head></html>';
      provider.reply({ type: 'text', headers: { 'content-type': 'text/html' }, body });
      return { url: provider.url };
    },
  },
  {
    name: '200 with broken JSON',
    expected: 'generic',
    prepare: (provider) => {
      provider.reply({ type: 'json', body: '{"choices":[{"message":{"content":"timeout' });
      return { url: provider.url };
    },
  },
  {
    name: '200 with an empty body',
    expected: 'generic',
    unlike: { openai: 'no error', '@anthropic-ai/sdk': 'no error' },
    prepare: (provider) => {
      provider.reply({ type: 'json', body: '' });
      return { url: provider.url };
    },
  },
  retried(429, 'rate_limit, retry'),
  retried(500, 'generic, retry'),
  retried(503, 'timeout, retry'),
  {
    name: "the client's own timeout",
    expected: 'timeout, retry',
    unlike: { '@google/genai': 'interrupted', ...AI_SDK_TIMEOUT },
    suits: (client) => !client.startsWith('fetch'),
    prepare: (provider) => {
      provider.reply(HANG);
      return { url: provider.url, timeoutMillis: SHORT };
    },
  },
  {
    name: "the caller's AbortSignal.timeout",
    expected: 'timeout',
    unlike: REASON_LOST,
    prepare: (provider) => {
      provider.reply(HANG);
      return { url: provider.url, signal: AbortSignal.timeout(SHORT) };
    },
  },
  {
    name: 'aborted before the call',
    expected: 'interrupted',
    prepare: (provider) => ({ url: provider.url, signal: AbortSignal.abort() }),
  },
  {
    name: 'aborted before the response',
    expected: 'interrupted',
    prepare: (provider) => abortOnArrival(provider),
  },
  {
    name: 'aborted during the stream',
    expected: 'interrupted',
    unlike: ENDS_QUIETLY,
    prepare: (provider, client) => {
      const controller = new AbortController();
      const events = goodStart(client);
      provider.reply({ type: 'sse', events, hangAfter: events.length });
      return { url: provider.url, stream: true, signal: controller.signal, onPart: () => controller.abort() };
    },
  },
  {
    name: 'aborted with an error as the reason',
    expected: 'usage_limit',
    unlike: REASON_LOST,
    prepare: (provider) => abortOnArrival(provider, new Error('out of budget: quota used up')),
  },
];
