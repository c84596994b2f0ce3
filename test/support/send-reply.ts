import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { encode, encodedStream } from './encoding.js';
import type { JsonReply, Reply, ReplyHeaders, SseEvent, SseReply, TextReply } from './reply.js';

export interface Sending {
  /** Aborted when the connection closes. */
  readonly closed: AbortSignal;
  /** Ends the connection on the server side. */
  cut(): void;
}

const HALF_AN_ANSWER = '{"id":"chatcmpl-half","object":"chat.completion","choices":[{"index":0,';

export async function sendReply(reply: Reply, response: ServerResponse, sending: Sending): Promise<void> {
  if (reply.type === 'sse') return sendStream(reply, response, sending);
  await pause(reply.delayMillis, sending);
  if (sending.closed.aborted) return;
  if (reply.type === 'json' || reply.type === 'text') return sendWhole(reply, response, sending);
  if (reply.when === 'in-body') {
    response.writeHead(200, { 'content-type': 'application/json' });
    await flushed(response, HALF_AN_ANSWER);
  }
  if (reply.type === 'cut') sending.cut();
}

async function sendWhole(
  reply: JsonReply | TextReply,
  response: ServerResponse,
  sending: Sending,
): Promise<void> {
  const status = reply.status ?? 200;
  const body = await encode(bytes(reply.body), reply.encoding);
  const headers: ReplyHeaders = {
    'content-type': reply.type === 'json' ? 'application/json' : 'text/plain; charset=utf-8',
    ...(reply.encoding === undefined ? {} : { 'content-encoding': reply.encoding }),
    ...(reply.chunked || status === 204 ? {} : { 'content-length': String(body.length) }),
    ...lowerCased(reply.headers),
  };
  response.writeHead(status, headers);
  const bodiless = response.req.method === 'HEAD' || status === 204 || status === 304;
  if (!bodiless && Number(headers['content-length']) > body.length) {
    await flushed(response, body);
    return sending.cut();
  }
  response.end(body);
}

async function sendStream(reply: SseReply, response: ServerResponse, sending: Sending): Promise<void> {
  response.writeHead(reply.status ?? 200, {
    'content-type': 'text/event-stream; charset=utf-8',
    ...(reply.encoding === undefined ? {} : { 'content-encoding': reply.encoding }),
    ...lowerCased(reply.headers),
  });
  response.flushHeaders();
  const stream = encodedStream(response, reply.encoding);
  const events = reply.done === false ? reply.events : [...reply.events, 'data: [DONE]\n\n'];
  for (const [index, event] of events.entries()) {
    if (index === reply.cutAfter || index === reply.hangAfter) break;
    await pause(reply.delayMillis, sending);
    await reply.before?.(index);
    if (sending.closed.aborted) return;
    await stream.write(sseText(event));
  }
  if (reply.hangAfter !== undefined) return;
  if (reply.cutAfter === undefined) return stream.end();
  await flushed(response, '');
  sending.cut();
}

export function sseText(event: SseEvent): string {
  if (typeof event === 'string') return event;
  const data = typeof event.data === 'string' ? event.data : JSON.stringify(event.data);
  return `${event.event === undefined ? '' : `event: ${event.event}\n`}data: ${data}\n\n`;
}

function bytes(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function lowerCased(headers: ReplyHeaders = {}): ReplyHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function flushed(response: ServerResponse, chunk: string | Buffer): Promise<void> {
  return new Promise((resolve) => response.write(chunk, () => resolve()));
}

/** Ends early and silently when the connection closes. */
async function pause(millis: number | undefined, { closed }: Sending): Promise<void> {
  if (millis !== undefined) await sleep(millis, undefined, { signal: closed, ref: false }).catch(() => {});
}
