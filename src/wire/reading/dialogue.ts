import { asObject, asText, type JsonObject, parsed } from '../json/json.js';

/** Longer messages are not parsed: their type and response id are in the head. */
const MAX_PARSED_LENGTH = 1_048_576;
/** How much of a message is searched for a member without parsing. */
const HEAD_LENGTH = 256;

/** A JSON message of a WebSocket connection, parsed only if its head lacks the requested member. */
export class SocketMessage {
  #body: JsonObject | null | undefined;

  constructor(readonly text: string) {}

  get type(): string | undefined {
    return TYPE.exec(this.text.slice(0, HEAD_LENGTH))?.[1] ?? asText(this.body?.['type']);
  }

  /** The response id of an event of OpenAI's Realtime API. */
  get responseId(): string | undefined {
    const inHead = RESPONSE_ID.exec(this.text.slice(0, HEAD_LENGTH))?.[1];
    return inHead ?? asText(this.body?.['response_id']) ?? asText(asObject(this.body?.['response'])?.['id']);
  }

  /** The parsed message; `undefined` if it is not a JSON object or too long. */
  get body(): JsonObject | undefined {
    if (this.#body === undefined)
      this.#body = (this.text.length <= MAX_PARSED_LENGTH && asObject(parsed(this.text))) || null;
    return this.#body ?? undefined;
  }
}

const TYPE = /^\s*\{\s*"type"\s*:\s*"([\w.]+)"/;
const RESPONSE_ID = /^\s*\{(?:\s*"(?:type|event_id)"\s*:\s*"[^"\\]*"\s*,)*\s*"response_id"\s*:\s*"([^"\\]+)"/;

/** How a server message relates to the responses of its connection. */
export interface ServerEvent {
  /** The response id. Default: the oldest open response. */
  readonly responseId?: string | undefined;
  /** The first message of a response, which the client may not have requested. */
  readonly begins?: boolean;
  /** The last message of a response. */
  readonly ends?: boolean;
}

/**
 * The state of a conversation on one connection. Determines which messages request a response and which belong to
 * one.
 */
export interface Dialogue {
  /**
   * Reads a client message.
   *
   * @returns the body of the request as JSON, if the message requests a response
   */
  sent(message: SocketMessage): string | undefined;
  /** Reads a server message. Returns `undefined` if it belongs to no response. */
  received(message: SocketMessage): ServerEvent | undefined;
  /** Returns the request body of a response that the server started, for audio input. */
  request(): string;
}

const DATA = /("(?:audio|data)"\s*:\s*)"([\w+/-]{64,}={0,2})"/g;
const AUDIO_DELTA = /("delta"\s*:\s*)"([\w+/-]+={0,2})"/g;

/** Replaces the media data in a message by its size. */
export function withoutMedia(text: string, type?: string): string {
  if (type !== undefined && /audio\.delta$/.test(type)) return text.replace(AUDIO_DELTA, sizeInPlace);
  return text.length < 64 ? text : text.replace(DATA, sizeInPlace);
}

function sizeInPlace(_: string, name: string, data: string): string {
  return `${name}"${sizeNote(Buffer.byteLength(data, 'base64'))}"`;
}

export function sizeNote(bytes: number): string {
  return `[${bytes} bytes]`;
}

/**
 * The client messages before a request for a response. Keeps the newest ones within a limit and counts the dropped
 * ones.
 */
export class SentItems {
  #items: { readonly value: unknown; readonly length: number }[] = [];
  #length = 0;

  add(value: unknown, length: number): void {
    this.#items.push({ value, length });
    this.#length += length;
    while (this.#length > MAX_ITEMS_LENGTH || this.#items.length > MAX_ITEMS) {
      const dropped = this.#items.shift();
      this.#length -= dropped?.length ?? 0;
    }
  }

  take(): readonly unknown[] {
    const items = this.#items.map(({ value }) => value);
    this.#items = [];
    this.#length = 0;
    return items;
  }
}

const MAX_ITEMS = 256;
const MAX_ITEMS_LENGTH = 262_144;
