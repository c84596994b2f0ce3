import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Card, RunDetail, TabState } from '../../../src/debug-tab/contract.js';
import { REPOSITORY } from '../../support/child.js';
import { listenOnLoopback, readBody } from '../../support/loopback.js';

const FILES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  page: ['page.html', 'text/html; charset=utf-8'],
  'page.css': ['page.css', 'text/css; charset=utf-8'],
  'page.js': ['page.js', 'text/javascript; charset=utf-8'],
  'component.js': ['component.js', 'text/javascript; charset=utf-8'],
};

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:",
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

/** The server of a Debug tab with the runs of a test. */
export interface FixtureServer {
  /** Ends with a slash. */
  readonly base: string;
  readonly runs: RunDetail[];
  state: TabState;
  /** Received requests, as `METHOD path?query body`. */
  readonly requests: readonly string[];
  /** Sends an event to all listeners. */
  send(event: 'runs' | 'state', data: unknown): void;
  /** Ends the connections of all listeners. */
  dropListeners(): void;
  /** Resolves when there is a listener. */
  listened(): Promise<void>;
  /** Answers paths with this prefix with an error, `undefined` for none. */
  fail(path: string | undefined, status?: number, error?: string): void;
  close(): Promise<void>;
}

export async function startFixtureServer(runs: readonly RunDetail[]): Promise<FixtureServer> {
  const requests: string[] = [];
  const listeners = new Set<ServerResponse>();
  const waiting = new Set<() => void>();
  let failure: { path: string; status: number; error: string } | undefined;

  const server = await listenOnLoopback(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const path = decodeURIComponent(url.pathname.replace(/^\/debug\//, ''));
    const body = String(await readBody(request));
    requests.push(`${request.method} ${path}${url.search} ${body}`.trim());
    if (failure !== undefined && path.startsWith(failure.path)) {
      return json(response, { error: failure.error }, failure.status);
    }
    answer(fixture, path, url.searchParams, request, response, body);
    if (path !== 'events') return;
    listeners.add(response);
    for (const resolve of waiting) resolve();
    waiting.clear();
    response.on('close', () => listeners.delete(response));
  });
  const fixture: FixtureServer = {
    base: `${server.url}/debug/`,
    runs: [...runs],
    state: { isShown: true, capture: 'errors', canSetCapture: true, hasKeptRuns: true },
    requests,
    send: (event, data) => {
      for (const one of listeners) one.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    },
    dropListeners: () => {
      for (const one of listeners) one.destroy();
      listeners.clear();
    },
    listened: () => new Promise((resolve) => (listeners.size > 0 ? resolve() : waiting.add(resolve))),
    fail: (path, status = 502, error = 'the backend does not answer') => {
      failure = path === undefined ? undefined : { path, status, error };
    },
    close: () => server.close(),
  };
  return fixture;
}

function answer(
  fixture: FixtureServer,
  path: string,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
): void {
  const [file, type] = FILES[path] ?? [];
  const chat = query.get('chat');
  const ofChat = fixture.runs.filter(({ run }) => chat === null || wellFormed(run.chatId ?? '') === chat);
  if (file !== undefined) {
    response.writeHead(200, { ...HEADERS, 'content-type': type });
    response.end(readFileSync(join(REPOSITORY, 'dist', 'ui', file)));
  } else if (path === 'state') json(response, { version: 1, ...fixture.state });
  else if (path === 'runs') json(response, { version: 1, runs: newestFirst(ofChat) });
  else if (path.startsWith('runs/')) {
    const found = fixture.runs.find(({ run }) => wellFormed(run.id) === path.slice('runs/'.length));
    if (found === undefined) json(response, { error: 'not found' }, 404);
    else json(response, { version: 1, ...found });
  } else if (path === 'export') json(response, { version: 1, exportedAt: 0, runs: ofChat });
  else if (path === 'capture' && request.method === 'PUT') {
    fixture.state = { ...fixture.state, capture: JSON.parse(body).capture };
    response.writeHead(204, HEADERS).end();
  } else if (path === 'events') {
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' }).write('retry: 50\n\n');
  } else json(response, { error: 'not found' }, 404);
}

/** The text as a URL can contain it: without halves of surrogate pairs. */
export function wellFormed(text: string): string {
  return String(Buffer.from(text));
}

function newestFirst(runs: readonly RunDetail[]): readonly Card[] {
  return runs.map(({ run }) => run).sort((a, b) => b.startedAt - a.startedAt);
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { ...HEADERS, 'content-type': 'application/json' }).end(JSON.stringify(body));
}
