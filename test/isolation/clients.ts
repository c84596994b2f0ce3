import { request as httpRequest } from 'node:http';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText } from 'ai';
import OpenAI from 'openai';
import type { Dispatcher } from 'undici';
import { COPIES, type Undici } from '../attempt/undici-copies.js';

export interface Call {
  readonly url: string;
  readonly user: string;
  readonly prompt: string;
  readonly stream: boolean;
  /** Shared with other users: of each copy of undici, those with few connections. */
  readonly dispatchers: ReadonlyMap<string, Dispatcher>;
  readonly signal: AbortSignal;
}

type Client = (call: Call) => Promise<unknown>;

const bodyOf = ({ prompt, stream }: Call) => ({
  model: 'm',
  messages: [{ role: 'user' as const, content: prompt }],
  ...(stream && { stream }),
});

const requestOf = (call: Call) => ({
  method: 'POST' as const,
  headers: { 'content-type': 'application/json', 'x-user': call.user },
  body: JSON.stringify(bodyOf(call)),
  signal: call.signal,
});

const path = '/v1/chat/completions';

/** An application's own loop: it tries a call once more. */
async function twice(ask: () => Promise<{ status: number; text: () => Promise<string> }>): Promise<void> {
  for (let tries = 0; tries < 2; tries += 1) {
    const { status, text } = await ask();
    await text();
    if (status < 500) return;
  }
}

const nodeFetch: Client = (call) =>
  twice(async () => {
    const response = await fetch(call.url + path, requestOf(call));
    return { status: response.status, text: () => response.text() };
  });

const undiciFetch =
  (name: string, { fetch }: Undici): Client =>
  (call) =>
    twice(async () => {
      const dispatcher = call.dispatchers.get(name);
      const response = await fetch(call.url + path, {
        ...requestOf(call),
        ...(dispatcher && { dispatcher }),
      });
      return { status: response.status, text: () => response.text() };
    });

const undiciRequest =
  (name: string, { request }: Undici): Client =>
  (call) =>
    twice(async () => {
      const dispatcher = call.dispatchers.get(name);
      const { statusCode, body } = await request(call.url + path, {
        ...requestOf(call),
        ...(dispatcher && { dispatcher }),
      });
      return { status: statusCode, text: () => body.text() };
    });

const nodeHttp: Client = (call) =>
  new Promise<void>((resolve, reject) => {
    const { body, ...options } = requestOf(call);
    const sent = httpRequest(call.url + path, options, (response) => {
      response.resume().on('end', resolve).on('error', reject);
    });
    sent.on('error', reject).end(body);
  });

const openai: Client = async (call) => {
  const { url, user, signal } = call;
  const client = new OpenAI({
    apiKey: 'k',
    baseURL: `${url}/v1`,
    maxRetries: 1,
    logLevel: 'off',
    defaultHeaders: { 'x-user': user },
  });
  const answer = await client.chat.completions.create(bodyOf(call) as OpenAI.ChatCompletionCreateParams, {
    signal,
  });
  if (Symbol.asyncIterator in answer) for await (const _ of answer);
};

const aiSdk: Client = async ({ url, user, prompt, signal }) => {
  const model = createOpenAI({ apiKey: 'k', baseURL: `${url}/v1`, headers: { 'x-user': user } }).chat('m');
  await generateText({ model, prompt, maxRetries: 1, abortSignal: signal });
};

export const CLIENTS: ReadonlyMap<string, Client> = new Map<string, Client>([
  ['fetch', nodeFetch],
  ['node:http', nodeHttp],
  ['openai', openai],
  ['ai', aiSdk],
  ...COPIES.flatMap(({ name, undici }): [string, Client][] => [
    [`${name} fetch`, undiciFetch(name, undici)],
    [`${name} request`, undiciRequest(name, undici)],
  ]),
]);

export type ClientName = string;
export const CLIENT_NAMES: readonly ClientName[] = [...CLIENTS.keys()];

/** Whether a failed call is tried again, so that it can be told that it is the same. */
export function repeats(client: ClientName, isInRun: boolean): boolean {
  return client !== 'node:http' && (isInRun || client === 'openai' || client === 'ai');
}
