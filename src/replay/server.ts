import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type Server,
  validateHeaderName,
  validateHeaderValue,
} from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { attemptsOf, CaseError, type CaseResponse, type FieldCase } from '../case/format.js';
import { headerBytes, type Pace, sendResponse } from './answer.js';

export interface ReplayOptions extends Pace {
  /** 0 for a free port. */
  readonly port: number;
  /** Called for each request, with the attempt whose response it gets; `undefined` for a 404. */
  readonly onRequest: (request: IncomingMessage, attempt: ReplayedAttempt | undefined) => void;
}

export interface ReplayedAttempt {
  readonly number: number;
  readonly response: CaseResponse;
  readonly sent: Promise<void>;
}

/** A provider on loopback that replays a case. */
export interface Replay {
  readonly url: string;
  /** Closes all connections, and frees the port. */
  close(): Promise<void>;
}

/**
 * Starts the provider of a case. Each request with the method of the case gets the response of the next attempt. After
 * the last one the series starts again if it completed, else the last response is repeated.
 *
 * @throws CaseError if the port is not available, or a header cannot be sent
 */
export async function startReplay(fieldCase: FieldCase, options: ReplayOptions): Promise<Replay> {
  const attempts = attemptsOf(fieldCase);
  if (attempts.every(({ response }) => response.end === 'refused')) return refusing(options.port);
  for (const { response } of attempts) checkHeaders(response);
  const completes = fieldCase.expect.status === 'completed';
  let next = 0;
  const server = createServer((request, response) => {
    const attempt = attempts[next];
    if (attempt === undefined || request.method !== attempt.request.method) {
      options.onRequest(request, undefined);
      response.writeHead(404, { 'content-type': 'text/plain' });
      response.end(`The case has no response to ${request.method} ${request.url}\n`);
      return;
    }
    const number = next + 1;
    next = number < attempts.length ? number : completes ? 0 : next;
    const sent = received(request).then(() => sendResponse(attempt.response, request, response, options));
    sent.catch(() => response.destroy());
    options.onRequest(request, { number, response: attempt.response, sent });
  });
  // A provider may pause for a long time.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 0;
  await listen(server, options.port);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

/** @throws CaseError for a name or value that Node.js cannot send */
function checkHeaders({ headers = {} }: CaseResponse): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name);
      for (const one of [headerBytes(value)].flat()) validateHeaderValue(name, one);
    } catch (cause) {
      throw new CaseError(`Invalid response header in the case: ${JSON.stringify(name)}`, { cause });
    }
  }
}

async function received(request: IncomingMessage): Promise<void> {
  request.resume();
  if (!request.complete) await once(request, 'end').catch(() => {});
}

async function listen(server: Server, port: number): Promise<void> {
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (cause) {
    throw portError(cause, port);
  }
}

function portError(cause: unknown, port: number): CaseError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return new CaseError(`Port ${port} is in use: set another --port, or omit it for a free one`, { cause });
  return new CaseError(`Cannot listen on port ${port}: ${code}`, { cause });
}

/** A port that refuses connections: it is held by an outgoing connection. */
async function refusing(port: number): Promise<Replay> {
  const server = createServer();
  await listen(server, 0);
  const { port: target } = server.address() as AddressInfo;
  const holder: Socket = connect({
    port: target,
    host: '127.0.0.1',
    // Bound before it connects: otherwise a client may get the same port and connect to itself.
    localPort: port,
    localAddress: '127.0.0.1',
  });
  try {
    await once(holder, 'connect');
  } catch (cause) {
    server.close();
    throw portError(cause, port);
  }
  return {
    url: `http://127.0.0.1:${holder.localPort}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      holder.destroy();
      server.closeAllConnections();
      await closed;
    },
  };
}
