import { CaseError } from '../case/format.js';
import { caseOfRun } from '../case/from-run.js';
import { keptRuns } from '../case/kept-run.js';
import { processState } from '../process-state.js';
import type { RunTrace } from '../query/types.js';
import type { Capture } from '../types.js';
import { cardOf, mergedCards, pageSpans } from './cards.js';
import type { RunDetail, TabState } from './contract.js';
import { ChangeEvents, DEFAULT_LIMIT, type OwnStore, RunPoll } from './events.js';
import { type DebugTabOptions, validateOptions } from './options.js';
import { answer, asset, download, json, refusal } from './responses.js';
import { Sources, SourcesFailedError } from './sources.js';

/** Answers the requests of a Debug tab. `close` ends all open event streams and refuses new ones. */
export type DebugTab = ((request: Request) => Promise<Response>) & { close(): void };

const VERSION = 1;
const DEFAULT_PATH = '/debug-tab';
const MAX_LIMIT = 1_000;
const CAPTURE_BYTES = 1_024;

/**
 * Creates the server side of a Debug tab. It serves the page, the recorded runs and the runs in progress, and reports
 * whether to show the tab for a chat. It works with every framework that answers a `Request` with a `Response`. For
 * `node:http`, use `toNodeHandler`.
 *
 * @throws TypeError for an invalid option
 *
 * @example
 * const tab = createDebugTab({ source: processRuns(), authorize: (request, chatId) => mayRead(request, chatId) });
 * app.all('/debug-tab/*', (c) => tab(c.req.raw));
 */
export function createDebugTab(options: DebugTabOptions): DebugTab {
  validateOptions(options);
  return createTab(options, undefined);
}

/**
 * @param store the store of the source. If set, pages receive its changes and may delete runs.
 * @param otherProcessPollMillis the interval for polling stored runs that are in progress in another process
 */
export function createTab(
  options: DebugTabOptions,
  store: OwnStore | undefined,
  otherProcessPollMillis?: number,
): DebugTab {
  const handler = new Handler(options, store, otherProcessPollMillis);
  return Object.assign((request: Request) => handler.answer(request), { close: () => handler.close() });
}

class Handler {
  readonly #sources: Sources;
  readonly #path: string;
  readonly #streams = new Set<ChangeEvents>();
  #isClosed = false;

  constructor(
    private readonly options: DebugTabOptions,
    private readonly store: OwnStore | undefined,
    private readonly otherProcessPollMillis: number | undefined,
  ) {
    const { source, path = DEFAULT_PATH } = options;
    this.#sources = new Sources(Array.isArray(source) ? source : [source]);
    this.#path = path.replace(/\/+$/, '');
  }

  async answer(request: Request): Promise<Response> {
    const { pathname, search, searchParams } = new URL(request.url);
    // The files of the page are below the path. Some frameworks remove a trailing slash.
    if (pathname === this.#path)
      return answer(307, null, {
        location: `${pathname.slice(pathname.lastIndexOf('/') + 1)}/page.html${search}`,
      });
    if (!pathname.startsWith(`${this.#path}/`)) return notFound();
    const [name = '', ...rest] = pathname.slice(this.#path.length + 1).split('/');
    try {
      if (name === 'capture') return await this.#capture(request, searchParams.get('chat') ?? undefined);
      if (name === 'runs' && rest.length === 0 && request.method === 'DELETE')
        return await this.#delete(request, searchParams.get('chat') ?? undefined);
      if (request.method !== 'GET' && request.method !== 'HEAD')
        return refusal(405, 'Method not allowed: expected GET, or PUT for capture');
      if (rest.length === 0) {
        const file = asset(name === '' ? 'page.html' : name, request.headers.get('if-none-match'));
        if (file !== undefined) return file;
      }
      if (name === 'runs' && rest.length > 0)
        return await this.#run(request, decodeURIComponent(rest.join('/')));
      const run = searchParams.get('run') ?? undefined;
      if (name === 'export' && run !== undefined) return await this.#exportRun(request, run);
      if (name === 'case' && run !== undefined) return await this.#case(request, run);
      if (!isListing(name) || rest.length > 0) return notFound();
      const chatId = searchParams.get('chat') ?? undefined;
      if (!(await this.#isAllowed(request, chatId))) return notFound();
      return await this.#listing(name, request, chatId, searchParams.get('limit'));
    } catch (error) {
      if (error instanceof SourcesFailedError) return refusal(502, 'The stored runs are not available now.');
      if (error instanceof URIError || error instanceof RangeError) return refusal(400, error.message);
      throw error;
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const stream of this.#streams) stream.close();
  }

  async #listing(
    name: (typeof LISTINGS)[number],
    request: Request,
    chatId: string | undefined,
    limit: string | null,
  ): Promise<Response> {
    if (name === 'state') return json(await this.#state(request, chatId));
    if (name === 'events') return this.#events(request, chatId);
    const count = countIn(limit);
    if (name === 'runs') {
      const { runs, isIncomplete } = await this.#sources.list(chatId, { limit: count });
      const cards = runs.map(cardOf);
      return json({ version: VERSION, runs: mergedCards(cards, this.#sources.live(chatId)), isIncomplete });
    }
    const { runs } = await this.#sources.list(chatId, { limit: Math.min(count, DEFAULT_LIMIT) });
    const ids = runs.map(({ id }) => id);
    return this.#download(request, ids, `chat-${chatId ?? 'all'}`);
  }

  async #run(request: Request, runId: string): Promise<Response> {
    const detail = await this.#detail(request, runId);
    return detail === undefined ? notFound() : json({ version: VERSION, ...detail });
  }

  async #exportRun(request: Request, runId: string): Promise<Response> {
    const detail = await this.#detail(request, runId);
    return detail === undefined ? notFound() : this.#download(request, [runId], `run-${runId}`);
  }

  async #case(request: Request, runId: string): Promise<Response> {
    const trace = await this.#traceOf(request, runId);
    const run = trace && keptRuns(trace.spans).find(({ id }) => id === runId);
    if (run === undefined) return notFound();
    try {
      return download(caseOfRun(run), `case-${runId}`);
    } catch (error) {
      if (error instanceof CaseError) return refusal(409, error.message);
      throw error;
    }
  }

  async #download(request: Request, ids: readonly string[], name: string): Promise<Response> {
    const runs = [];
    for (const id of ids) {
      const detail = await this.#detail(request, id);
      if (detail !== undefined) runs.push(detail);
    }
    return download({ version: VERSION, exportedAt: new Date().toISOString(), runs }, name);
  }

  async #detail(request: Request, runId: string): Promise<RunDetail | undefined> {
    const trace = await this.#traceOf(request, runId);
    if (trace === undefined) return undefined;
    const spans = pageSpans(trace, this.options.otherSpans === true);
    return { run: cardOf(trace.run), spans };
  }

  /** Returns `undefined` if there is no such run or the request may not see it. */
  async #traceOf(request: Request, runId: string): Promise<RunTrace | undefined> {
    const trace = await this.#sources.trace(runId);
    return trace !== undefined && (await this.#isAllowed(request, trace.run.chatId)) ? trace : undefined;
  }

  async #state(request: Request, chatId: string | undefined) {
    const capture = chatId === undefined ? undefined : await this.#captureOf(chatId, request);
    const isLive = this.#sources.live(chatId).some((run) => run.capture === 'full');
    const hasKeptRuns = chatId === undefined || (await this.#sources.has(chatId));
    return {
      version: VERSION,
      isShown: capture === 'full' || isLive || hasKeptRuns,
      capture,
      canSetCapture: chatId !== undefined && this.options.setCapture !== undefined,
      ...(this.store !== undefined && { canDelete: true, failedFirst: chatId === undefined }),
      hasKeptRuns,
    } satisfies TabState & { version: number };
  }

  async #captureOf(chatId: string, request: Request): Promise<Capture | undefined> {
    if (this.options.captureOf !== undefined) return this.options.captureOf(chatId, request);
    return processState().started?.handle.captureOf({ chatId });
  }

  #events(request: Request, chatId: string | undefined): Response {
    // After this status a browser does not reconnect (WHATWG HTML, 9.2.3).
    if (this.#isClosed) return answer(204, null, {});
    const readState = () => this.#state(request, chatId);
    const poll = new RunPoll(chatId, this.#sources, this.store, readState, this.otherProcessPollMillis);
    const stream = new ChangeEvents(
      () => poll.next(),
      () => this.#streams.delete(stream),
    );
    this.#streams.add(stream);
    return answer(200, stream.open(request.signal), { 'content-type': 'text/event-stream' });
  }

  async #capture(request: Request, chatId: string | undefined): Promise<Response> {
    const { setCapture } = this.options;
    if (setCapture === undefined || chatId === undefined) return notFound();
    if (request.method !== 'PUT') return refusal(405, 'Method not allowed: expected PUT');
    if (!isSameOrigin(request)) return refusal(403, 'cross-origin request refused');
    if (!(await this.#isAllowed(request, chatId))) return notFound();
    const text = await request.text();
    const capture = text.length > CAPTURE_BYTES ? undefined : captureIn(text);
    if (capture === undefined)
      return refusal(400, 'Invalid body: expected { "capture": "errors" } or { "capture": "full" }');
    await setCapture(chatId, capture, request);
    return answer(204, null, {});
  }

  async #delete(request: Request, chatId: string | undefined): Promise<Response> {
    if (this.store === undefined) return notFound();
    if (!isSameOrigin(request)) return refusal(403, 'cross-origin request refused');
    if (!(await this.#isAllowed(request, chatId))) return notFound();
    this.store.deleteRuns(chatId);
    return answer(204, null, {});
  }

  async #isAllowed(request: Request, chatId: string | undefined): Promise<boolean> {
    try {
      return (await this.options.authorize(request, chatId)) === true;
    } catch {
      return false;
    }
  }
}

const LISTINGS = ['state', 'runs', 'events', 'export'] as const;

function isListing(name: string): name is (typeof LISTINGS)[number] {
  return LISTINGS.some((one) => one === name);
}

function notFound(): Response {
  return refusal(404, 'not found');
}

/** Browsers send the origin of a request. A client that sends none is not a browser and has no cookies of a user. */
function isSameOrigin({ headers, url }: Request): boolean {
  const origin = headers.get('origin');
  if (origin === null) return headers.get('sec-fetch-site') !== 'cross-site';
  const host = headers.get('host') ?? new URL(url).host;
  return URL.canParse(origin) && new URL(origin).host === host;
}

function countIn(limit: string | null): number {
  const count = limit === null ? DEFAULT_LIMIT : Number(limit);
  if (!Number.isInteger(count) || count < 1 || count > MAX_LIMIT)
    throw new RangeError(
      `Invalid limit ${JSON.stringify(limit)}: expected an integer from 1 to ${MAX_LIMIT}`,
    );
  return count;
}

function captureIn(text: string): 'errors' | 'full' | undefined {
  try {
    const { capture } = JSON.parse(text) as { readonly capture?: unknown };
    return capture === 'errors' || capture === 'full' ? capture : undefined;
  } catch {
    return undefined;
  }
}
