import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { constants, createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';
import { join } from 'node:path';
import { readBody } from '../support/loopback.js';
import type { Asked, Dialect } from './dialect.js';
import { LARGE_PROVIDERS } from './openai-anthropic-google.js';
import { OTHER_PROVIDERS } from './other-dialects.js';
import { type Act, answerOf, callIn, SCRIPTS } from './scenarios.js';

/** A self-signed certificate of every default host of the clients, with its key. */
export const CERTIFICATE = join(__dirname, 'certificate.pem');

export interface Exchange {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly httpVersion: string;
  readonly status: number;
  readonly requestId: string;
  /** `undefined` if the request does not show it. */
  readonly streams: boolean | undefined;
  readonly requestBody: string;
}

export interface SurveyProvider {
  /** The target of ports 443 and 11434 of the clients. */
  readonly tlsPort: number;
  readonly plainPort: number;
  /** By the marker of their call, in order of arrival. */
  readonly exchanges: ReadonlyMap<string, readonly Exchange[]>;
  /** Requests that belong to no call. */
  readonly others: readonly string[];
  close(): void;
}

type Incoming = IncomingMessage | Http2ServerRequest;
type Outgoing = ServerResponse | Http2ServerResponse;

const DIALECTS: readonly Dialect[] = [...LARGE_PROVIDERS, ...OTHER_PROVIDERS];

/** Every provider of the survey, on one port with TLS (HTTP/1.1 and HTTP/2) and one without. */
export async function startSurveyProvider(): Promise<SurveyProvider> {
  const exchanges = new Map<string, Exchange[]>();
  const others: string[] = [];

  const answer = async (incoming: Incoming, response: Outgoing): Promise<void> => {
    response.on('error', () => {});
    const body = (await readBody(incoming as IncomingMessage)).toString();
    const { method = '', url = '', httpVersion, headers } = incoming;
    const host = String(headers[':authority'] ?? headers.host);
    const [path = ''] = url.split('?');
    const call = callIn(`${url} ${body}`);
    const dialect = DIALECTS.find((candidate) => candidate.path.test(path));
    if (call === undefined || dialect === undefined) {
      others.push(`${method} ${host}${url}`);
      return whole(response, 200, { 'content-type': 'application/json' }, OTHER_ANSWER);
    }
    const { marker, mode, scenario } = call;
    const earlier = exchanges.get(marker) ?? [];
    exchanges.set(marker, earlier);
    const request = earlier.length;
    const asked: Asked = {
      method,
      path,
      headers,
      body: body === '' ? {} : JSON.parse(body),
      marker,
      mode,
      request,
      text: answerOf(call),
    };
    const planned = SCRIPTS[scenario].act(request);
    const streams = dialect.streams(asked);
    // Faults of a stream do not apply to a request that only creates it.
    const act = typeof planned === 'string' && mode === 'stream' && !streams ? 'answer' : planned;
    const status = typeof act === 'number' ? act : streams ? 200 : (dialect.status ?? 200);
    const requestId = `${marker}-${request}`;
    earlier.push({
      method,
      host,
      path,
      httpVersion,
      status,
      requestId,
      requestBody: body,
      streams: dialect.isSilent && !streams ? undefined : streams,
    });
    const all = {
      [dialect.requestIdHeader]: requestId,
      ...dialect.headersOf?.(status),
      ...(status === 429 ? { 'retry-after': '1' } : {}),
    };
    if (streams && typeof act === 'string') {
      response.writeHead(status, { ...all, 'content-type': dialect.streamType });
      return stream(response, dialect, asked, act);
    }
    const reply = typeof act === 'number' ? dialect.error(act) : dialect.answer(asked);
    return whole(response, status, { ...all, 'content-type': 'application/json' }, reply, act === 'cut');
  };
  const guarded = (incoming: Incoming, response: Outgoing): void => {
    answer(incoming, response).catch((error: unknown) => {
      others.push(`${incoming.url}: ${error}`);
      response.destroy();
    });
  };

  const pem = readFileSync(CERTIFICATE);
  const secure = createSecureServer({ key: pem, cert: pem, allowHTTP1: true }, guarded);
  const plain = createServer(guarded);
  const sockets = new Set<Socket>();
  const listen = async (server: Server): Promise<number> => {
    server.on('connection', (socket: Socket) => {
      sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => {}));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return (server.address() as AddressInfo).port;
  };
  return {
    tlsPort: await listen(secure as unknown as Server),
    plainPort: await listen(plain),
    exchanges,
    others,
    close: () => {
      secure.close();
      plain.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** The request of a Hugging Face client before its first call: which provider serves the model. */
const OTHER_ANSWER = {
  inferenceProviderMapping: {
    together: { status: 'live', providerId: 'meta/llama', task: 'conversational' },
  },
};

function whole(
  response: Outgoing,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: unknown,
  isCut = false,
): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { ...headers, 'content-length': String(bytes.length) });
  if (!isCut) return void response.end(bytes);
  write(response, bytes.subarray(0, bytes.length / 2)).then(() => cut(response));
}

async function stream(response: Outgoing, dialect: Dialect, asked: Asked, act: Act): Promise<void> {
  const pieces = dialect.stream(asked);
  if (act === 'answer') {
    for (const piece of pieces) await write(response, piece);
    return void response.end();
  }
  for (const piece of pieces.slice(0, pieces.length / 2)) await write(response, piece);
  if (act === 'cut') return cut(response);
  response.end(dialect.errorInStream);
}

function write(response: Outgoing, bytes: string | Buffer): Promise<void> {
  return new Promise((resolve) => {
    (response as ServerResponse).write(bytes, () => resolve());
  });
}

function cut(response: Outgoing): void {
  // Other calls share the connection over HTTP/2.
  if ('stream' in response) response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else response.socket?.destroy();
}
