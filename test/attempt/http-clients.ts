import { type IncomingMessage, request } from 'node:http';
import Anthropic from 'anthropic-sdk-0.39';
import axios from 'axios';
import OpenAI from 'openai4';
import { completion, completionStream } from '../support/openai-replies.js';
import type { Reply } from '../support/provider.js';

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMillis?: number;
  readonly maxRetries?: number;
}

/** How a stream is read: to its end, or only its first piece. */
export type Reading = 'all' | 'first';

/** A client that does not use undici. */
export interface HttpClient {
  readonly name: string;
  readonly path: string;
  readonly provider: string;
  /** Whether it retries by itself. */
  readonly retries: boolean;
  readonly whole: Reply;
  readonly stream: Reply;
  ask(url: string, options?: CallOptions): Promise<unknown>;
  /** @param onPiece called after each piece of the response */
  askStream(url: string, reading: Reading, onPiece?: () => void, options?: CallOptions): Promise<unknown>;
}

const MESSAGES = [{ role: 'user' as const, content: 'Hello' }];
const OPENAI = { model: 'gpt-4o-mini', messages: MESSAGES };
const ANTHROPIC = { model: 'claude-3-5-haiku-latest', max_tokens: 16, messages: MESSAGES };
const CHAT = '/v1/chat/completions';
const OPENAI_ANSWERS = {
  path: CHAT,
  provider: 'openai',
  whole: completion('Hello there.', { requestId: 'req_7' }),
  stream: completionStream('Hello there, you.', { requestId: 'req_7', delayMillis: 20 }),
};

const openai = (url: string, { maxRetries = 0, timeoutMillis = 30_000 }: CallOptions) =>
  new OpenAI({ apiKey: 'k', baseURL: `${url}/v1`, maxRetries, timeout: timeoutMillis });

const anthropic = (url: string, { maxRetries = 0, timeoutMillis = 30_000 }: CallOptions) =>
  new Anthropic({ apiKey: 'k', baseURL: url, maxRetries, timeout: timeoutMillis });

/** The number of pieces depends on chunk boundaries, so it is not compared. */
async function read(pieces: AsyncIterable<unknown>, reading: Reading, onPiece = () => {}): Promise<string> {
  for await (const _ of pieces) {
    onPiece();
    if (reading === 'first') return 'left';
  }
  return 'read';
}

const POST = { method: 'POST', headers: { 'content-type': 'application/json' } };

export function post(url: string, { signal, timeoutMillis }: CallOptions = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...POST, ...(signal && { signal }) }, resolve);
    if (timeoutMillis !== undefined)
      sent.setTimeout(timeoutMillis, () => sent.destroy(new Error('timed out')));
    sent.on('error', reject).end(JSON.stringify(OPENAI));
  });
}

export const HTTP_CLIENTS: readonly HttpClient[] = [
  {
    ...OPENAI_ANSWERS,
    name: 'openai 4',
    retries: true,
    ask: (url, options = {}) =>
      openai(url, options).chat.completions.create(OPENAI, { signal: options.signal }),
    askStream: async (url, reading, onPiece, options = {}) =>
      read(
        await openai(url, options).chat.completions.create(
          { ...OPENAI, stream: true },
          { signal: options.signal },
        ),
        reading,
        onPiece,
      ),
  },
  {
    name: '@anthropic-ai/sdk 0.39',
    path: '/v1/messages',
    provider: 'anthropic',
    retries: true,
    whole: {
      type: 'json',
      headers: { 'request-id': 'req_7' },
      body: { id: 'msg_1', type: 'message', role: 'assistant', content: [{ type: 'text', text: 'Hello.' }] },
    },
    stream: {
      type: 'sse',
      headers: { 'request-id': 'req_7' },
      done: false,
      delayMillis: 20,
      events: [
        { event: 'message_start', data: { type: 'message_start', message: { id: 'msg_1' } } },
        { event: 'ping', data: { type: 'ping' } },
        { event: 'message_delta', data: { type: 'message_delta', delta: {}, usage: {} } },
        { event: 'message_stop', data: { type: 'message_stop' } },
      ],
    },
    ask: (url, options = {}) =>
      anthropic(url, options).messages.create(ANTHROPIC, { signal: options.signal }),
    askStream: async (url, reading, onPiece, options = {}) =>
      read(
        await anthropic(url, options).messages.create(
          { ...ANTHROPIC, stream: true },
          { signal: options.signal },
        ),
        reading,
        onPiece,
      ),
  },
  {
    ...OPENAI_ANSWERS,
    name: 'axios',
    retries: false,
    ask: async (url, { signal, timeoutMillis = 30_000 } = {}) =>
      (await axios.post(url + CHAT, OPENAI, { ...(signal && { signal }), timeout: timeoutMillis })).data,
    askStream: async (url, reading, onPiece, { signal, timeoutMillis = 30_000 } = {}) => {
      const options = { responseType: 'stream', timeout: timeoutMillis, ...(signal && { signal }) } as const;
      return read((await axios.post(url + CHAT, OPENAI, options)).data, reading, onPiece);
    },
  },
  {
    ...OPENAI_ANSWERS,
    name: 'node:http',
    retries: false,
    ask: async (url, options) => {
      const answer = await post(url + CHAT, options);
      return [answer.statusCode, await read(answer, 'all')];
    },
    askStream: async (url, reading, onPiece, options) =>
      read(await post(url + CHAT, options), reading, onPiece),
  },
];
