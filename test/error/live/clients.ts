import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { createGateway, generateText, type LanguageModel, streamText } from 'ai';
import OpenAI from 'openai';
import { fetch as undiciFetch } from 'undici';

export interface CallOptions {
  readonly url: string;
  readonly stream?: boolean;
  readonly signal?: AbortSignal;
  /** The retries of the client itself. */
  readonly timeoutMillis?: number;
  readonly retries?: number;
  /** Called when the first part of a stream has arrived. */
  readonly onPart?: () => void;
}

/** Makes one call like an application, and rejects with the error that the application sees. */
export type Client = (options: CallOptions) => Promise<void>;

const KEY = 'not-a-key';
const MODEL = 'test';
const PROMPT = 'hi';
const messages = [{ role: 'user' as const, content: PROMPT }];

async function drain(parts: AsyncIterable<unknown>, onPart: () => void = () => {}): Promise<void> {
  for await (const _ of parts) onPart();
}

const openai: Client = async ({ url, stream, signal, timeoutMillis, retries = 0, onPart }) => {
  const client = new OpenAI({ apiKey: KEY, baseURL: `${url}/v1`, maxRetries: retries, logLevel: 'off' });
  const options = { ...(signal && { signal }), ...(timeoutMillis && { timeout: timeoutMillis }) };
  const body = { model: MODEL, messages };
  if (stream) await drain(await client.chat.completions.create({ ...body, stream: true }, options), onPart);
  else await client.chat.completions.create(body, options);
};

const anthropic: Client = async ({ url, stream, signal, timeoutMillis, retries = 0, onPart }) => {
  const client = new Anthropic({ apiKey: KEY, baseURL: url, maxRetries: retries, logLevel: 'off' });
  const options = { ...(signal && { signal }), ...(timeoutMillis && { timeout: timeoutMillis }) };
  const body = { model: MODEL, messages, max_tokens: 8 };
  if (stream) await drain(await client.messages.create({ ...body, stream: true }, options), onPart);
  else await client.messages.create(body, options);
};

const google: Client = async ({ url, stream, signal, timeoutMillis, retries = 0, onPart }) => {
  const retryOptions = { attempts: retries + 1, initialDelay: 0.001, maxDelay: 0.002 };
  const client = new GoogleGenAI({
    apiKey: KEY,
    httpOptions: {
      baseUrl: url,
      ...(timeoutMillis && { timeout: timeoutMillis }),
      ...(retries > 0 && { retryOptions }),
    },
  });
  const body = { model: MODEL, contents: PROMPT, config: { ...(signal && { abortSignal: signal }) } };
  if (stream) await drain(await client.models.generateContentStream(body), onPart);
  else await client.models.generateContent(body);
};

function aiSdk(model: (url: string) => LanguageModel): Client {
  return async ({ url, stream, signal, timeoutMillis, retries = 0, onPart = () => {} }) => {
    const options = {
      model: model(url),
      prompt: PROMPT,
      maxRetries: retries,
      ...(signal && { abortSignal: signal }),
      ...(timeoutMillis && { timeout: timeoutMillis }),
    };
    if (!stream) {
      await generateText(options);
      return;
    }
    for await (const part of streamText({ ...options, onError: () => {} }).fullStream) {
      if (part.type === 'error') throw part.error;
      if (part.type === 'text-delta') onPart();
    }
  };
}

/** An application that uses fetch only: it checks the status, then reads the body. */
function bare(
  fetch: (url: string, init: { method: string; body: string; signal?: AbortSignal }) => Promise<Response>,
): Client {
  return async ({ url, stream, signal, onPart }) => {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      body: '{}',
      ...(signal && { signal }),
    });
    const { status, headers } = response;
    if (!response.ok) throw { status, headers, body: await response.text() };
    if (stream && response.body) await drain(response.body, onPart);
    else await response.json();
  };
}

export const CLIENTS = {
  openai: openai,
  '@anthropic-ai/sdk': anthropic,
  '@google/genai': google,
  'ai + @ai-sdk/openai': aiSdk((url) => createOpenAI({ apiKey: KEY, baseURL: `${url}/v1` }).chat(MODEL)),
  'ai + @ai-sdk/anthropic': aiSdk((url) => createAnthropic({ apiKey: KEY, baseURL: `${url}/v1` })(MODEL)),
  'ai + @ai-sdk/google': aiSdk((url) =>
    createGoogleGenerativeAI({ apiKey: KEY, baseURL: `${url}/v1beta` })(MODEL),
  ),
  'ai + gateway': aiSdk((url) => createGateway({ apiKey: KEY, baseURL: `${url}/v1/ai` })('vendor/test')),
  "fetch (Node's own)": bare((url, init) => fetch(url, init)),
  'fetch (npm undici)': bare((url, init) => undiciFetch(url, init) as unknown as Promise<Response>),
} as const;

export type ClientName = keyof typeof CLIENTS;
