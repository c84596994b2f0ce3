import { Agent, request as httpRequest } from 'node:http';
import { type ClientHttp2Session, connect } from 'node:http2';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText } from 'ai';
import OpenAI from 'openai';
import type { Dispatcher } from 'undici';
import { COPIES, type Copy, handlerOf, NODE_MAJOR } from '../attempt/undici-copies.js';

/** A point in an exchange at which undici calls the application. */
export type Moment = 'onConnect' | 'onHeaders' | 'onComplete';

/** The routes of the clients of one copy of undici to the provider. */
export interface Route {
  readonly url: string;
  /** Shared with other users. `undefined` is the default one. */
  readonly dispatcher?: Dispatcher | undefined;
}

export interface Call extends Route {
  /** The same provider over HTTP/2. */
  readonly secureUrl: string;
  readonly user: string;
  readonly prompt: string;
  readonly stream: boolean;
  /** By the name of the copy. */
  readonly routes: ReadonlyMap<string, Route>;
  readonly signal: AbortSignal;
  /** Called by clients that have callbacks, inside each of them. */
  readonly at: (moment: Moment) => void;
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

/** A retry loop of the application. */
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

/** The arguments of undici's own functions. */
function targetOf(call: Call, { name }: Copy, requested = requestOf(call)) {
  const { url, dispatcher }: Route = call.routes.get(name) ?? call;
  return [url + path, { ...requested, ...(dispatcher && { dispatcher }) }] as const;
}

const undiciFetch =
  (copy: Copy): Client =>
  (call) =>
    twice(async () => {
      const response = await copy.undici.fetch(...targetOf(call, copy));
      return { status: response.status, text: () => response.text() };
    });

const undiciRequest =
  (copy: Copy): Client =>
  (call) =>
    twice(async () => {
      const { statusCode, body } = await copy.undici.request(...targetOf(call, copy));
      return { status: statusCode, text: () => body.text() };
    });

const undiciStream =
  (copy: Copy): Client =>
  (call) =>
    twice(async () => {
      let status = 0;
      await copy.undici.stream(...targetOf(call, copy), ({ statusCode }) => {
        call.at('onHeaders');
        status = statusCode;
        return new PassThrough().resume();
      });
      call.at('onComplete');
      return { status, text: async () => '' };
    });

const undiciDispatch =
  (copy: Copy): Client =>
  (call) =>
    twice(() => dispatched(copy, call));

function dispatched(copy: Copy, call: Call) {
  const { name, undici } = copy;
  const { url, dispatcher = undici.getGlobalDispatcher() }: Route = call.routes.get(name) ?? call;
  const { signal, ...request } = requestOf(call);
  return new Promise<{ status: number; text: () => Promise<string> }>((resolve, reject) => {
    let status = 0;
    const handler = handlerOf(copy, {
      onConnect: (abort) => {
        signal.addEventListener('abort', () => abort(signal.reason));
        call.at('onConnect');
      },
      onHeaders: (statusCode) => {
        status = statusCode;
        call.at('onHeaders');
      },
      onComplete: () => {
        call.at('onComplete');
        resolve({ status, text: async () => '' });
      },
      onError: reject,
    });
    Reflect.apply(dispatcher.dispatch, dispatcher, [{ ...request, origin: url, path }, handler]);
  });
}

const nodeHttp =
  (agent?: Agent): Client =>
  (call) =>
    twice(
      () =>
        new Promise((resolve, reject) => {
          const { body, ...options } = requestOf(call);
          const sent = httpRequest(call.url + path, { ...options, ...(agent && { agent }) }, (response) => {
            call.at('onHeaders');
            resolve({ status: response.statusCode ?? 0, text: () => text(response) });
          });
          sent.on('socket', () => call.at('onConnect'));
          sent.on('error', reject).end(body);
        }),
    );

/** All users share the connection, which one of them has opened. */
const sessions = new Map<string, ClientHttp2Session>();

function sessionTo(url: string): ClientHttp2Session {
  const open = sessions.get(url);
  if (open !== undefined && !open.closed && !open.destroyed) return open;
  const session = connect(url, { rejectUnauthorized: false }).on('error', () => {});
  session.unref();
  sessions.set(url, session);
  return session;
}

const nodeHttp2: Client = (call) =>
  twice(
    () =>
      new Promise((resolve, reject) => {
        const { method, headers, body, signal } = requestOf(call);
        const line = { ':method': method, ':path': path };
        const stream = sessionTo(call.secureUrl).request(
          { ...line, ...headers },
          { signal, endStream: false },
        );
        stream.on('response', ({ ':status': status = 0 }) => {
          call.at('onHeaders');
          resolve({ status, text: () => text(stream) });
        });
        stream.on('error', reject).end(body);
      }),
  );

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
  ['node:http', nodeHttp()],
  ['node:http, one connection', nodeHttp(new Agent({ keepAlive: true, maxSockets: 1 }))],
  ...(NODE_MAJOR < 22 ? [] : [['node:http2', nodeHttp2] as const]),
  ['openai', openai],
  ['ai', aiSdk],
  ...COPIES.flatMap((copy): [string, Client][] => [
    [`${copy.name} fetch`, undiciFetch(copy)],
    [`${copy.name} request`, undiciRequest(copy)],
    [`${copy.name} stream`, undiciStream(copy)],
    [`${copy.name} dispatch`, undiciDispatch(copy)],
  ]),
]);

export type ClientName = string;
export const CLIENT_NAMES: readonly ClientName[] = [...CLIENTS.keys()];
/** Clients that call the application back. */
export const CALLING_BACK = CLIENT_NAMES.filter((name) => /stream|dispatch|node:http/.test(name));

/** Whether a failed call is retried in a recognisable way. */
export function repeats(client: ClientName, isInRun: boolean): boolean {
  return isInRun || client === 'openai' || client === 'ai';
}
