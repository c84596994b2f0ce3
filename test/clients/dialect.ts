import type { IncomingHttpHeaders } from 'node:http';
import type { JsonReply, SseReply } from '../support/reply.js';
import { sseText } from '../support/send-reply.js';
import type { Mode } from './scenarios.js';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The body of the request, as far as it is JSON. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Identifies the call, for ids in the response. */
  readonly marker: string;
  readonly mode: Mode;
  /** The index of the request in its call, from 0. */
  readonly request: number;
  /** The text of the model. */
  readonly text: string;
}

/** The responses of one API. */
export interface Dialect {
  /** Tested against the path without its query. */
  readonly path: RegExp;
  streams(asked: Asked): boolean;
  /** Set if requests do not show whether the response will be streamed. */
  readonly isSilent?: true;
  answer(asked: Asked): unknown;
  /** The pieces of a stream on the wire. */
  stream(asked: Asked): readonly (string | Buffer)[];
  readonly streamType: string;
  /** The last piece of a failing stream. */
  readonly errorInStream: string | Buffer;
  error(status: number): unknown;
  readonly requestIdHeader: string;
  /** The status of a response. Default: 200. */
  readonly status?: number;
  headersOf?(status: number): Readonly<Record<string, string>>;
}

export const USAGE = { inputTokens: 20, outputTokens: 10 };

export const MESSAGE = 'The engine stopped.';
export const SSE = 'text/event-stream; charset=utf-8';

export const words = (text: string): readonly string[] => text.match(/\S+\s*/g) ?? [];
export const whole = (reply: JsonReply): unknown => reply.body;
export const pieces = (reply: SseReply): string[] => [
  ...reply.events.map(sseText),
  ...(reply.done === false ? [] : ['data: [DONE]\n\n']),
];
export const data = (value: unknown): string => sseText({ data: value });
export const named = (event: string, value: unknown): string => sseText({ event, data: value });
export const typed = (type: string, rest: object): string => named(type, { type, ...rest });
export const inBody = ({ body }: Asked): boolean => body['stream'] === true;
export const byPath = ({ path }: Asked): boolean => path.toLowerCase().includes('stream');
export const modelOf = ({ body }: Asked): string => String(body['model']);
