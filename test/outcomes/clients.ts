import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { fetch as undiciFetch } from 'undici';
import { ANTHROPIC, type Dialect, GEMINI, OPENAI_CHAT, OPENAI_RESPONSES } from './dialects.js';

export interface Call {
  readonly url: string;
  readonly signal?: AbortSignal;
  /** The retries of the client itself. */
  readonly timeoutMillis?: number;
  /** Default: 0. */
  readonly retries?: number;
}

/** A client, used like in applications. */
export interface Client {
  readonly dialect: Dialect;
  /** Makes a call without streaming and returns its text. */
  generate(call: Call): Promise<string>;
  /** Makes a streaming call and yields the pieces of its text. */
  stream(call: Call): Promise<AsyncIterable<string>>;
  /** The same for two readers, if the client supports it. */
  tee?(call: Call): Promise<readonly AsyncIterable<string>[]>;
  /** Returns the response of a call without streaming with its body unread, if the client supports it. */
  open?(call: Call): Promise<unknown>;
}

/** Occurs in each request and nowhere else. */
export const PROMPT = 'a question that nobody else asks';
export const MODEL = 'model-1';

const KEY = 'not-a-key';
const messages = [{ role: 'user' as const, content: PROMPT }];

async function* map<T>(parts: AsyncIterable<T>, text: (part: T) => string | undefined) {
  for await (const part of parts) {
    const piece = text(part);
    if (piece) yield piece;
  }
}

const requestOptions = ({ signal, timeoutMillis }: Call) => ({
  ...(signal && { signal }),
  ...(timeoutMillis && { timeout: timeoutMillis }),
});

const openai = ({ url, retries = 0 }: Call) =>
  new OpenAI({ apiKey: KEY, baseURL: `${url}/v1`, maxRetries: retries, logLevel: 'off' });

const chat = { model: MODEL, messages };
const chatStream = { ...chat, stream: true, stream_options: { include_usage: true } } as const;
const deltaOf = (part: OpenAI.ChatCompletionChunk) => part.choices[0]?.delta.content ?? undefined;

const openaiChat: Client = {
  dialect: OPENAI_CHAT,
  generate: async (call) => {
    const answer = await openai(call).chat.completions.create(chat, requestOptions(call));
    return typeof answer === 'string' ? answer : (answer.choices[0]?.message.content ?? '');
  },
  stream: async (call) =>
    map(await openai(call).chat.completions.create(chatStream, requestOptions(call)), deltaOf),
  tee: async (call) => {
    const stream = await openai(call).chat.completions.create(chatStream, requestOptions(call));
    return stream.tee().map((one) => map(one, deltaOf));
  },
  open: (call) => openai(call).chat.completions.create(chat, requestOptions(call)).asResponse(),
};

const question = { model: MODEL, input: PROMPT };
const textOf = (event: OpenAI.Responses.ResponseStreamEvent) =>
  event.type === 'response.output_text.delta' ? event.delta : undefined;

const openaiResponses: Client = {
  dialect: OPENAI_RESPONSES,
  generate: async (call) => {
    const answer = await openai(call).responses.create(question, requestOptions(call));
    return typeof answer === 'string' ? answer : answer.output_text;
  },
  stream: async (call) =>
    map(await openai(call).responses.create({ ...question, stream: true }, requestOptions(call)), textOf),
  tee: async (call) => {
    const stream = await openai(call).responses.create({ ...question, stream: true }, requestOptions(call));
    return stream.tee().map((one) => map(one, textOf));
  },
  open: (call) => openai(call).responses.create(question, requestOptions(call)).asResponse(),
};

const claude = ({ url, retries = 0 }: Call) =>
  new Anthropic({ apiKey: KEY, baseURL: url, maxRetries: retries, logLevel: 'off' });

const prompt = { model: MODEL, messages, max_tokens: 64 };
const blockText = (event: Anthropic.MessageStreamEvent) =>
  event.type === 'content_block_delta' && event.delta.type === 'text_delta' ? event.delta.text : undefined;

const anthropic: Client = {
  dialect: ANTHROPIC,
  generate: async (call) => {
    const answer = await claude(call).messages.create(prompt, requestOptions(call));
    if (typeof answer === 'string') return answer;
    return answer.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  },
  stream: async (call) =>
    map(await claude(call).messages.create({ ...prompt, stream: true }, requestOptions(call)), blockText),
  tee: async (call) => {
    const stream = await claude(call).messages.create({ ...prompt, stream: true }, requestOptions(call));
    return stream.tee().map((one) => map(one, blockText));
  },
  open: (call) => claude(call).messages.create(prompt, requestOptions(call)).asResponse(),
};

function gemini({ url, timeoutMillis, retries = 0 }: Call) {
  const retryOptions = { attempts: retries + 1, initialDelay: 0.001, maxDelay: 0.002 };
  const httpOptions = {
    baseUrl: url,
    ...(timeoutMillis && { timeout: timeoutMillis }),
    ...(retries > 0 && { retryOptions }),
  };
  return new GoogleGenAI({ apiKey: KEY, httpOptions }).models;
}

const contents = ({ signal }: Call) => ({
  model: MODEL,
  contents: PROMPT,
  config: { ...(signal && { abortSignal: signal }) },
});

const google: Client = {
  dialect: GEMINI,
  generate: async (call) => (await gemini(call).generateContent(contents(call))).text ?? '',
  stream: async (call) => map(await gemini(call).generateContentStream(contents(call)), ({ text }) => text),
};

interface Init {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly signal?: AbortSignal;
}

/** An application that uses fetch only, with its own retries. */
function bare(fetch: (url: string, init: Init) => Promise<Response>): Client {
  const send = ({ url, signal, timeoutMillis }: Call, body: object): Promise<Response> =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal && { signal }),
      ...(timeoutMillis && { signal: AbortSignal.timeout(timeoutMillis) }),
    });
  const ask = async (call: Call, body: object): Promise<Response> => {
    const { url, retries = 0 } = call;
    const response = await send(call, body);
    if (response.ok) return response;
    const text = await response.text();
    if (retries > 0 && (response.status === 429 || response.status >= 500))
      return ask({ url, retries: retries - 1 }, body);
    throw new Error(`status ${response.status}: ${text}`);
  };
  const bytes = async (response: Response) => response.body ?? new ReadableStream<Uint8Array>();
  const decoded = (body: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    return map(body, (piece) => decoder.decode(piece, { stream: true }));
  };
  return {
    dialect: OPENAI_CHAT,
    generate: async (call) => JSON.stringify(await (await ask(call, chat)).json()),
    stream: async (call) => decoded(await bytes(await ask(call, chatStream))),
    tee: async (call) => (await bytes(await ask(call, chatStream))).tee().map(decoded),
    open: (call) => send(call, chat),
  };
}

export const CLIENTS = {
  'openai, chat': openaiChat,
  'openai, responses': openaiResponses,
  '@anthropic-ai/sdk': anthropic,
  '@google/genai': google,
  "fetch (Node's own)": bare((url, init) => fetch(url, init)),
  'fetch (npm undici)': bare((url, init) => undiciFetch(url, init) as unknown as Promise<Response>),
} as const satisfies Record<string, Client>;

export type ClientName = keyof typeof CLIENTS;
export const CLIENT_NAMES = Object.keys(CLIENTS) as ClientName[];

/** One client for each wire format and transport. */
export const SOME_CLIENTS: readonly ClientName[] = [
  'openai, chat',
  '@anthropic-ai/sdk',
  '@google/genai',
  "fetch (Node's own)",
];
