import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { listenOnLoopback, readBody } from './loopback.js';
import type { Reply } from './reply.js';
import { sendReply } from './send-reply.js';

export type { Reply, ReplyHeaders, SseEvent } from './reply.js';

export interface ReceivedRequest {
  readonly method: string;
  /** With its query string. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Complete when the reply is chosen. */
  readonly body: Buffer;
  /** The client closed the connection before the response was complete. */
  readonly aborted: boolean;
}

export type Route = (request: ReceivedRequest) => Reply | undefined | Promise<Reply | undefined>;

export interface ScriptedProvider {
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  /** Replaces the queue: one reply per request, in order of arrival. The last one repeats. */
  reply(...replies: Reply[]): void;
  /** Called before the queue. `undefined` leaves the request to the queue. */
  route(choose: Route): void;
  /** Resolves when `requests[index]` (default: the first) has arrived, at least its headers. */
  arrived(index?: number): Promise<void>;
  /** Resolves when the client of `requests[index]` (default: the last) has disconnected early. */
  gone(index?: number): Promise<void>;
  close(): Promise<void>;
}

type Arriving = { -readonly [K in keyof ReceivedRequest]: ReceivedRequest[K] };

/** A scripted provider on loopback, faults included. */
export async function startProvider(): Promise<ScriptedProvider> {
  const requests: Arriving[] = [];
  const waiting: { met: () => boolean; resolve: () => void }[] = [];
  let queue: Reply[] = [];
  let choose: Route = () => undefined;
  let closing = false;

  const nextReply = async (request: ReceivedRequest): Promise<Reply> =>
    (await choose(request)) ?? (queue.length > 1 ? queue.shift() : queue[0]) ?? nothingScripted(request);

  const tellWhoWaits = () => {
    for (const { met, resolve } of waiting) if (met()) resolve();
  };

  const until = (met: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      waiting.push({ met, resolve });
      tellWhoWaits();
    });

  const server = await listenOnLoopback(async (incoming, response) => {
    const { method = '', url: path = '', headers } = incoming;
    const request: Arriving = { method, path, headers, body: Buffer.alloc(0), aborted: false };
    requests.push(request);
    tellWhoWaits();
    const connection = watch(response, () => {
      request.aborted = !closing;
      tellWhoWaits();
    });
    request.body = await readBody(incoming);
    if (connection.closed.aborted) return;
    try {
      await sendReply(await nextReply(request), response, connection);
    } catch (error) {
      showMistake(response, error);
    }
  });

  return {
    url: server.url,
    requests,
    reply: (...replies) => {
      queue = replies;
    },
    route: (fn) => {
      choose = fn;
    },
    arrived: (index = 0) => until(() => requests[index] !== undefined),
    gone: (index = Math.max(requests.length - 1, 0)) => until(() => requests[index]?.aborted === true),
    close: () => {
      closing = true;
      return server.close();
    },
  };
}

function watch(response: ServerResponse, onClientGone: () => void) {
  const controller = new AbortController();
  let cutByUs = false;
  response.on('error', () => {}); // A write after the client has disconnected.
  response.on('close', () => {
    controller.abort();
    if (!response.writableFinished && !cutByUs) onClientGone();
  });
  return {
    closed: controller.signal,
    cut: () => {
      cutByUs = true;
      response.socket?.destroy();
    },
  };
}

/** A status that no client retries. */
function nothingScripted({ method, path }: ReceivedRequest): Reply {
  return { type: 'text', status: 404, body: `no reply is scripted for ${method} ${path}` };
}

/** A reply that cannot be sent as scripted: an invalid header, or an encoding that this Node lacks. */
function showMistake(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(404).end(`the scripted reply can't be sent: ${error}`);
}
