/**
 * What observing costs at least: a prototype that records nothing. It subscribes to undici's channels, keeps one flat
 * object for each exchange, counts its chunks, refers to the first and the last few of them, and looks at the end of
 * the last one. It has no runs, no formats, no verdict, no bounds and no isolation.
 */
import { subscribe } from 'node:diagnostics_channel';

/** The newest version of undici that has no channels for the chunks of a body. */
const [MAJOR, MINOR] = [7, 15];

/** Requests are not held: undici aborts an unread body when its request is garbage-collected. */
const exchanges = new WeakMap();
const counts = { exchanges: 0, complete: 0, failed: 0, bytes: 0 };
const END_OF_STREAM = Buffer.from('data: [DONE]');

export function startFloor() {
  const [major, minor] = process.versions.undici.split('.').map(Number);
  const tapped = major < MAJOR || (major === MAJOR && minor <= MINOR);
  subscribe('undici:request:create', ({ request }) => {
    if (request.method !== 'POST' || !request.path.endsWith('/chat/completions')) return;
    if (tapped) tap(Object.getPrototypeOf(request));
    exchanges.set(request, {
      startedAt: performance.now(),
      origin: request.origin,
      status: 0,
      isStream: false,
      chunks: 0,
      bytes: 0,
      first: undefined,
      second: undefined,
      last: undefined,
      lastButOne: undefined,
    });
  });
  subscribe('undici:request:headers', ({ request, response }) => {
    const exchange = exchanges.get(request);
    if (exchange !== undefined) exchange.status = response.statusCode;
  });
  subscribe('undici:request:bodyChunkReceived', ({ request, chunk }) => received(request, chunk));
  subscribe('undici:request:trailers', ({ request }) => ended(request));
  subscribe('undici:request:error', ({ request }) => ended(request));
}

function received(request, chunk) {
  const exchange = exchanges.get(request);
  if (exchange === undefined) return;
  exchange.chunks += 1;
  exchange.bytes += chunk.length;
  if (exchange.chunks === 1) {
    exchange.first = chunk;
    exchange.isStream = chunk[0] !== 0x7b;
  } else if (exchange.chunks === 2) exchange.second = chunk;
  exchange.lastButOne = exchange.last;
  exchange.last = chunk;
}

function ended(request) {
  const exchange = exchanges.get(request);
  if (exchange === undefined) return;
  exchanges.delete(request);
  const { isStream, last, lastButOne, status, bytes } = exchange;
  const isAtEnd = (chunk) =>
    chunk !== undefined && (isStream ? chunk.includes(END_OF_STREAM) : chunk[chunk.length - 1] === 0x7d);
  counts.exchanges += 1;
  counts.bytes += bytes;
  if (status === 200 && (isAtEnd(last) || isAtEnd(lastButOne))) counts.complete += 1;
  else counts.failed += 1;
}

let isTapped = false;

function tap(prototype) {
  if (isTapped) return;
  isTapped = true;
  const { onData } = prototype;
  prototype.onData = function (chunk) {
    received(this, chunk);
    return onData.call(this, chunk);
  };
}
