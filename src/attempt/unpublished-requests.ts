import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { types } from 'node:util';

/** The data that Node.js keeps of a request until it can be sent, in all releases of Node 20. */
interface Output {
  readonly outputData?: readonly Piece[];
  readonly chunkedEncoding?: boolean;
}

interface Pending {
  readonly connecting: boolean;
  readonly _pendingData?: unknown;
  readonly _pendingEncoding?: string;
  readonly _writableState?: { getBuffer(): readonly Piece[] };
}

interface Piece {
  readonly data?: unknown;
  readonly chunk?: unknown;
  readonly encoding?: unknown;
}

const CURRENT_REQUEST = '_httpMessage';

/**
 * Finds requests of `node:http` before they are sent, for Node.js before 22.12, which publishes a request only after it
 * was written to its socket. A socket that is still connecting holds the whole request. A reused socket does not: so
 * a socket is observed from its first recorded request on, and a request holds its body when the socket is assigned to
 * it. Only the first recorded request over a socket that is already open is seen too late.
 */
export class UnpublishedRequests {
  readonly #watched = new Set<WeakRef<Socket>>();
  readonly #known = new WeakSet<Socket>();

  /** @param assigned called with each request before a watched socket sends it */
  constructor(private readonly assigned: (request: ClientRequest) => void) {}

  watch(socket: Socket): void {
    if (this.#known.has(socket)) return;
    const before = Object.getOwnPropertyDescriptor(socket, CURRENT_REQUEST);
    if (before === undefined || !('value' in before) || before.configurable !== true) return;
    this.#known.add(socket);
    let current: unknown = before.value;
    Object.defineProperty(socket, CURRENT_REQUEST, {
      configurable: true,
      enumerable: true,
      get: () => current,
      set: (request: ClientRequest | null) => {
        current = request;
        if (request) this.assigned(request);
      },
    });
    const reference = new WeakRef(socket);
    this.#watched.add(reference);
    socket.once('close', () => this.#watched.delete(reference));
  }

  unwatchAll(): void {
    for (const reference of this.#watched) {
      const socket = reference.deref();
      if (socket === undefined) continue;
      const value: unknown = Reflect.get(socket, CURRENT_REQUEST);
      Object.defineProperty(socket, CURRENT_REQUEST, {
        value,
        configurable: true,
        enumerable: true,
        writable: true,
      });
      this.#known.delete(socket);
    }
    this.#watched.clear();
  }
}

/** Returns the part of a request's body that was written before the request had a socket. */
export function bodyBeforeSocket(request: ClientRequest): Buffer | undefined {
  return bodyIn(concatPieces((request as Output).outputData ?? []), request);
}

/** Returns the whole body of a request that was written to a socket which is still connecting. */
export function bodyBeforeConnection(request: ClientRequest): Buffer | undefined {
  const { connecting, _pendingData, _pendingEncoding, _writableState } = (request.socket ?? {}) as Pending;
  if (connecting !== true || _pendingData === undefined) return undefined;
  const first = Array.isArray(_pendingData)
    ? (_pendingData as Piece[])
    : [{ data: _pendingData, encoding: _pendingEncoding }];
  const body = bodyIn(concatPieces([...first, ...(_writableState?.getBuffer() ?? [])]), request);
  const announced = request.getHeader('content-length');
  return announced !== undefined && Number(announced) !== body?.length ? undefined : body;
}

function concatPieces(pieces: readonly Piece[]): Buffer {
  const bytes = pieces.map(({ data, chunk, encoding }) => {
    const content = data ?? chunk;
    if (types.isUint8Array(content)) return content;
    if (typeof content !== 'string') return Buffer.alloc(0);
    const known = typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8';
    return Buffer.from(content, known);
  });
  return Buffer.concat(bytes);
}

function bodyIn(message: Buffer, request: ClientRequest): Buffer | undefined {
  const end = message.indexOf('\r\n\r\n');
  if (end < 0 || !message.toString('latin1', 0, 16).startsWith(`${request.method} `)) return undefined;
  const body = message.subarray(end + 4);
  return (request as Output).chunkedEncoding === true ? withoutChunkSizes(body) : body;
}

function withoutChunkSizes(body: Buffer): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const line = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.toString('latin1', at, line), 16);
    if (line < 0 || Number.isNaN(size)) return undefined;
    if (size === 0) break;
    chunks.push(body.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
  return Buffer.concat(chunks);
}
