import { Readable } from 'node:stream';
import * as undici from 'undici';
import type { PlantedBody } from '../planted.js';
import { EXCHANGE_HEADER, type Exchange } from './exchange.js';
import type { Planting } from './planting.js';

const REQUEST_HEADERS = [
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'x-amz-security-token',
  'cookie',
  'x-my-secret',
];
const QUERY_NAMES = [
  'key',
  'api_key',
  'apiKey',
  'access_token',
  'sig',
  'X-Amz-Signature',
  '%6bey',
  'client_secret',
];
const STATUSES = [200, 200, 200, 400, 401, 429, 500];
interface Request {
  readonly method: 'POST';
  readonly headers: Record<string, string>;
  readonly pieces: readonly string[];
}

type Send = (url: string, request: Request) => Promise<unknown>;

const CLIENTS: readonly Send[] = [
  async (url, { pieces, ...request }) => (await fetch(url, { ...request, ...fetchBody(pieces) })).text(),
  async (url, { pieces, ...request }) =>
    (await undici.fetch(url, { ...request, ...fetchBody(pieces) })).text(),
  async (url, { pieces, ...request }) => {
    const body = pieces.length === 1 ? (pieces[0] ?? '') : Readable.from(pieces);
    return (await undici.request(url, { ...request, body })).body.text();
  },
];

/** Any request with any body by a client of no provider, and any response. */
export function rawExchange(planting: Planting, maxBodyBytes: number): Exchange {
  const bound = () => (planting.chance(maxBodyBytes < 10_000 ? 0.5 : 0.02) ? maxBodyBytes : undefined);
  const request = planting.body('request body', bound());
  const status = planting.pick(STATUSES);
  const response = planting.body('response body', bound());
  const send = planting.pick(CLIENTS);
  const headers = {
    ...requestHeaders(planting),
    'content-type': request.contentType,
    [EXCHANGE_HEADER]: String(planting.seed),
  };
  const pieces = piecesOf(planting, request, 'request body');
  const path = pathOf(planting);
  const userInfo =
    send === CLIENTS[2] && planting.chance(0.2) ? `me:${planting.secret('user info of the URL')}@` : '';
  return {
    reply: {
      type: 'sse',
      status,
      headers: { ...responseHeaders(planting), 'content-type': response.contentType },
      events: piecesOf(planting, response, 'response body'),
      done: false,
      ...(planting.chance(0.2) && { encoding: planting.pick(['gzip', 'deflate'] as const) }),
    },
    call: async (origin) => {
      await send(origin.replace('://', `://${userInfo}`) + path, { method: 'POST', headers, pieces });
    },
  };
}

function piecesOf(planting: Planting, body: PlantedBody, side: string): string[] {
  return planting.chance(0.5) ? planting.pieces(body, side) : [body.text];
}

function fetchBody(pieces: readonly string[]) {
  if (pieces.length === 1) return { body: pieces[0] ?? '' };
  return {
    body: Readable.toWeb(Readable.from(pieces.map((piece) => Buffer.from(piece)))) as ReadableStream,
    duplex: 'half' as const,
  };
}

function pathOf(planting: Planting): string {
  const query = [`place=${encodeURIComponent(planting.text('query: a text'))}`];
  if (planting.chance(0.5))
    query.unshift(`${planting.pick(QUERY_NAMES)}=${planting.secret('query: by name')}`);
  if (planting.chance(0.2)) {
    const next = `https://a.example/?x=1&token=${planting.secret('query: a URL')}`;
    query.push(`next=${encodeURIComponent(next)}`);
  }
  const folder = planting.chance(0.1) ? `/${encodeURIComponent(planting.line('path'))}` : '';
  return `/v1${folder}/things?${query.join('&')}`;
}

function requestHeaders(planting: Planting): Record<string, string> {
  const place = 'request header';
  return {
    authorization: planting.pick(['Bearer ', 'Basic ', '']) + planting.secret(place),
    [planting.pick(REQUEST_HEADERS)]: planting.secret(place),
    'x-note': latin1(planting.line(place)),
    referer: `https://me:${planting.secret('header: a URL')}@site.example/?code=${planting.secret('header: a URL')}`,
  };
}

function responseHeaders(planting: Planting): Record<string, string | string[]> {
  const place = 'response header';
  return {
    'set-cookie': [`session=${planting.secret(place)}; Path=/`, `other=${planting.secret(place)}`],
    'x-auth-token': planting.secret(place),
    'x-note': latin1(planting.line(place)),
    'content-location': `https://me:${planting.secret('header: a URL')}@site.example/?api_key=${planting.secret('header: a URL')}`,
    ...(planting.chance(0.1) && { 'x-request-id': latin1(planting.line(place)) }),
  };
}

/** A header value. */
function latin1(text: string): string {
  return text.replace(/[^ -~]/g, '?');
}
