import { request as httpRequest, type IncomingMessage } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import * as undici from 'undici';
import type { Arrived, ScriptServer } from './script-server.js';
import type { Script } from './scripts.js';

/** Everything that an application can see of an exchange, except for chunk boundaries. */
export interface Seen {
  readonly arrived: Arrived | undefined;
  readonly status: number | undefined;
  readonly headers: unknown;
  readonly body: Buffer;
  readonly error: unknown;
}

interface Answer {
  readonly status: number;
  readonly headers: unknown;
  readonly body: AsyncIterable<Uint8Array> | null;
}

interface Options {
  readonly method: 'GET' | 'POST';
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
}

type Send = (url: string, options: Options) => Promise<Answer>;

/** By a function with the interface of `fetch`. */
export const sendBy =
  (itsFetch: typeof fetch): Send =>
  async (url, options) => {
    const { status, headers, body } = await itsFetch(url, { ...(options as RequestInit), duplex: 'half' });
    return { status, headers: [...headers], body: body as unknown as Answer['body'] };
  };

const CLIENTS: Record<Script['client'], Send> = {
  "Node's fetch": (url, options) => sendBy(fetch)(url, options),
  'npm fetch': async (url, options) => {
    const { status, headers, body } = await undici.fetch(url, {
      ...(options as undici.RequestInit),
      duplex: 'half',
    });
    return { status, headers: [...headers], body: body as unknown as Answer['body'] };
  },
  'npm request': async (url, options) => {
    const { statusCode, headers, body } = await undici.request(url, options as { method: 'GET' });
    return { status: statusCode, headers, body };
  },
  'node:http': async (url, { method, body, signal }) => {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = httpRequest(url, { method, signal }, resolve).on('error', reject);
      if (body === undefined || body instanceof Uint8Array) sent.end(body);
      else pipeline(Readable.from(body), sent, () => {});
    });
    return { status: answer.statusCode ?? 0, headers: answer.rawHeaders, body: answer };
  },
};

/**
 * Plays the script with its client, and returns what the client and the server saw.
 *
 * @param send replaces the client
 */
export async function play(
  script: Script,
  server: ScriptServer,
  send: Send = CLIENTS[script.client],
): Promise<Seen> {
  const { ending } = script;
  const controller = new AbortController();
  const abort = () => (ending.by === 'abort' ? controller.abort(ending.reason) : undefined);
  const seen = {
    arrived: undefined as Arrived | undefined,
    status: undefined as number | undefined,
    headers: undefined as unknown,
    error: undefined as unknown,
  };
  const chunks: Uint8Array[] = [];
  const arrival = server.play(script).then((arrived) => {
    seen.arrived = arrived;
    if (ending.by === 'abort' && ending.when === 'before-headers') abort();
  });
  try {
    const answer = await send(server.url, {
      ...requestOf(script),
      signal: controller.signal,
    });
    seen.status = answer.status;
    seen.headers = answer.headers;
    // An encoded body may give its reader no byte before it is complete.
    if (ending.by === 'abort' && (ending.when === 'after-headers' || script.encoding !== undefined)) abort();
    let read = 0;
    for await (const chunk of answer.body ?? []) {
      chunks.push(chunk);
      read += chunk.length;
      if (ending.by === 'abort' && read * 1_000 >= ending.read * (script.body.length - 1)) abort();
    }
  } catch (error) {
    // The reason is compared by identity, any other error by its message.
    const isReason = ending.by === 'abort' && ending.reason !== undefined && error === ending.reason;
    seen.error = isReason ? { isReason } : described(error);
  }
  await arrival;
  return { ...seen, body: Buffer.concat(chunks) };
}

function requestOf({ request }: Script): Pick<Options, 'method' | 'body'> {
  if (request.method === 'GET') return { method: 'GET' };
  const { pieces, streamed } = request;
  return { method: 'POST', body: streamed ? iterate(pieces) : Buffer.concat(pieces) };
}

async function* iterate(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

function described(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return error;
  const { name, message, code, cause } = error as Record<string, unknown>;
  const tag = Object.prototype.toString.call(error);
  return { name, message, code, tag, own: Object.keys(error).sort(), cause: described(cause) };
}
