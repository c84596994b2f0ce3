import { types } from 'node:util';
import { warn } from '../../self-diagnostics.js';
import type { RecognisedCall, RequestLine } from '../../wire/format.js';
import { openDialogue } from '../../wire/formats.js';
import { type Dialogue, type ServerEvent, SocketMessage, withoutMedia } from '../../wire/reading/dialogue.js';
import type { Caller } from '../callers.js';
import type { ExchangeEvents } from '../exchange.js';
import type { RecorderOptions } from '../recorder.js';
import type { HeaderList } from '../request-line.js';

/** The request that opened a WebSocket. */
export interface Handshake<Context> {
  readonly line: RequestLine;
  readonly call: RecognisedCall;
  readonly caller: Caller<Context>;
  readonly requestHeaders: unknown;
  readonly responseHeaders: HeaderList;
  /** Start of the handshake, in monotonic milliseconds. */
  readonly startedAt: number;
}

const NORMAL_CLOSURE = 1000;
/** The connection was lost without a close frame. */
const NO_CLOSE_FRAME = 1006;

class WebSocketClosedError extends Error {
  override readonly name = 'WebSocketClosedError';
  readonly code: string;

  constructor(closeCode: number, reason: string) {
    super(reason === '' ? `the WebSocket was closed with code ${closeCode}` : reason);
    this.code = closeCode === NO_CLOSE_FRAME ? 'ECONNRESET' : `WS_CLOSE_${closeCode}`;
  }
}

interface OpenResponse {
  /** `undefined` if the response is not to be recorded. */
  exchange: ExchangeEvents | undefined;
  id: string | undefined;
}

/** Open responses that are recorded on one connection. */
const MAX_OPEN = 64;

/**
 * Records the model calls on one WebSocket connection. Each response is an exchange: its request is the message that
 * asks for it, its response the messages of the server, read as the server-sent events that they are over HTTP.
 */
export class SocketConnection<Context> {
  readonly #dialogue: Dialogue;
  #open: OpenResponse[] = [];
  /** Pending reads of `Blob` messages, in order; `undefined` if no read is pending. */
  #reading: Promise<void> | undefined;
  #isClosedByApplication = false;
  #error: unknown;

  constructor(
    private readonly handshake: Handshake<Context>,
    private readonly options: Pick<RecorderOptions<Context>, 'begin'>,
  ) {
    this.#dialogue = openDialogue(handshake.call);
  }

  /** A message of the client is about to be sent. */
  sent(data: unknown, caller: Caller<Context>): void {
    const text = messageText(data);
    const body = text === undefined ? undefined : this.#dialogue.sent(new SocketMessage(text));
    if (body !== undefined) this.#begin(caller, withoutMedia(body), undefined);
  }

  received(data: unknown): void {
    if (isBlob(data)) this.#later(async () => this.#received(await data.text()));
    else if (this.#reading === undefined) this.#received(messageText(data));
    else this.#later(() => this.#received(messageText(data)));
  }

  closing(): void {
    this.#isClosedByApplication = true;
  }

  failed(error: unknown): void {
    this.#error = error;
  }

  closed(code: unknown, reason: unknown): void {
    if (this.#reading === undefined) this.#closed(Number(code), String(reason ?? ''));
    else this.#later(() => this.#closed(Number(code), String(reason ?? '')));
  }

  #received(text: string | undefined): void {
    if (text === undefined) return;
    const message = new SocketMessage(text);
    const event = this.#dialogue.received(message);
    if (event === undefined) return;
    const response =
      this.#find(event) ??
      (event.begins
        ? this.#begin(this.handshake.caller, this.#dialogue.request(), event.responseId)
        : undefined);
    if (response === undefined) return;
    const { exchange } = response;
    exchange?.responseChunk(asServerSentEvent(withoutMedia(text, message.type)));
    if (!event.ends) return;
    this.#open = this.#open.filter((one) => one !== response);
    exchange?.responseEnd();
  }

  #find({ responseId, begins }: ServerEvent): OpenResponse | undefined {
    if (responseId === undefined) return this.#open.find(({ id }) => id === undefined) ?? undefined;
    const known = this.#open.find(({ id }) => id === responseId);
    if (known !== undefined || !begins) return known;
    const first = this.#open.find(({ id }) => id === undefined);
    if (first !== undefined) first.id = responseId;
    return first;
  }

  #begin(caller: Caller<Context>, body: string, id: string | undefined): OpenResponse | undefined {
    if (this.#open.length >= MAX_OPEN) return undefined;
    const response: OpenResponse = { exchange: undefined, id };
    this.#open.push(response);
    const { line, call, requestHeaders, responseHeaders } = this.handshake;
    const target = { ...line, call, headers: requestHeaders, webSocket: 'message' as const };
    const drop = () => {
      response.exchange = undefined;
    };
    // Each call has a caller object of its own, by which its retries are known.
    const exchange = this.options.begin(target, { ...caller }, drop);
    if (exchange === undefined) return response;
    response.exchange = exchange;
    exchange.requestChunk(body);
    exchange.requestHeaders(requestHeaders);
    exchange.requestEnd();
    exchange.responseHeaders(200, [...responseHeaders, 'content-type', 'text/event-stream']);
    return response;
  }

  #closed(code: number, reason: string): void {
    const open = this.#open;
    this.#open = [];
    for (const { exchange } of open) {
      if (this.#isClosedByApplication && this.#error === undefined) exchange?.error(undefined);
      else if (code === NORMAL_CLOSURE) exchange?.responseEnd();
      else exchange?.error(this.#error ?? new WebSocketClosedError(code, reason));
    }
  }

  #later(read: () => void | Promise<void>): void {
    const reading: Promise<void> = (this.#reading ?? Promise.resolve())
      .then(read)
      .catch((error: unknown) => warn('a WebSocket message could not be recorded', error))
      .then(() => {
        if (this.#reading === reading) this.#reading = undefined;
      });
    this.#reading = reading;
  }
}

/** `instanceof` fails across realms. */
function isBlob(data: unknown): data is Blob {
  return Object.prototype.toString.call(data) === '[object Blob]';
}

function asServerSentEvent(text: string): Buffer {
  return Buffer.from(`data: ${text.replace(/\r\n?|\n/g, '\ndata: ')}\n\n`);
}

/** Returns the text of a text message, or of a binary one that may be JSON; `undefined` for any other. */
function messageText(data: unknown): string | undefined {
  if (typeof data === 'string') return data;
  const bytes = messageBytes(data);
  return bytes === undefined || !/^\s*\{/.test(bytes.toString('latin1', 0, 64))
    ? undefined
    : bytes.toString();
}

function messageBytes(data: unknown): Buffer | undefined {
  if (Array.isArray(data)) return data.every(types.isUint8Array) ? Buffer.concat(data) : undefined;
  if (types.isAnyArrayBuffer(data)) return Buffer.from(data);
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : undefined;
}
