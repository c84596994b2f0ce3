import type { Card, RunDetail, Span, TabState } from '../debug-tab/contract.js';

/** The server returned an error or no response. The message is shown to users. */
export class ServerError extends Error {
  override readonly name = 'ServerError';

  /** @param status the HTTP status; `undefined` without a response */
  constructor(
    message: string,
    readonly status?: number,
  ) {
    super(message);
  }
}

export interface LiveListener {
  onRuns(runs: readonly Card[]): void;
  onState(state: TabState): void;
  /** `count` increases with each deletion. The first call may report an earlier deletion. */
  onDeletions(count: number): void;
  /** `isLive` is false while disconnected. The client reconnects automatically. */
  onConnection(isLive: boolean): void;
}

/** The maximum number of runs shown. It is lower for one chat, since some backends read whole traces for it. */
const LIMIT_OF_CHAT = 200;
const LIMIT_OF_ALL_CHATS = 1_000;
const FIRST_PAUSE_MILLIS = 1_000;
const MAX_PAUSE_MILLIS = 30_000;

/** Delivery is at least once, so a backend may return a span twice. */
function onlyOnce(spans: readonly Span[]): readonly Span[] {
  return [...new Map(spans.map((span) => [span.spanId, span])).values()];
}

export class DebugTabClient {
  readonly #base: URL;
  /** `undefined` for all chats. */
  readonly chat: string | undefined;

  /**
   * @param base the path where the server is mounted
   * @param chat the chat; `undefined` for all chats, if the server allows it
   */
  constructor(base: string, chat: string | undefined) {
    this.#base = new URL(base.endsWith('/') ? base : `${base}/`, document.baseURI);
    this.chat = chat;
  }

  async state(): Promise<TabState> {
    return this.#json('state');
  }

  async runs(): Promise<readonly Card[]> {
    const limit = this.chat === undefined ? LIMIT_OF_ALL_CHATS : LIMIT_OF_CHAT;
    const { runs } = await this.#json<{ runs?: unknown }>('runs', { limit: String(limit) });
    return Array.isArray(runs) ? runs : [];
  }

  async run(id: string): Promise<RunDetail> {
    const { run, spans } = await this.#json<RunDetail>(`runs/${encodeURIComponent(id.toWellFormed())}`);
    return { run, spans: Array.isArray(spans) ? onlyOnce(spans) : [] };
  }

  /** @param what `export` for JSON, `case` for a field case */
  async download(what: 'export' | 'case', runId?: string): Promise<Blob> {
    const query = runId === undefined ? {} : { run: runId };
    return (await this.#ask(what, query)).blob();
  }

  async setCapture(capture: 'errors' | 'full'): Promise<void> {
    const body = JSON.stringify({ capture });
    await this.#ask('capture', {}, { method: 'PUT', headers: { 'content-type': 'application/json' }, body });
  }

  /** @param chat `undefined` deletes everything */
  async deleteRuns(chat: string | undefined): Promise<void> {
    await this.#ask('runs', chat === undefined ? {} : { chat }, { method: 'DELETE' });
  }

  /** @param chat `undefined` for all chats */
  pageUrl(chat?: string): string {
    const url = new URL(this.#base);
    if (chat !== undefined) url.searchParams.set('chat', chat.toWellFormed());
    return url.href;
  }

  /** Opens the event stream. Returns a function that closes it. */
  listen(listener: LiveListener): () => void {
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let pause = FIRST_PAUSE_MILLIS;
    const connect = () => {
      const opened = new EventSource(this.#url('events'));
      source = opened;
      opened.addEventListener('open', () => {
        pause = FIRST_PAUSE_MILLIS;
        listener.onConnection(true);
      });
      opened.addEventListener('runs', ({ data }) => listener.onRuns(JSON.parse(data).runs));
      opened.addEventListener('state', ({ data }) => listener.onState(JSON.parse(data)));
      opened.addEventListener('deletions', ({ data }) => listener.onDeletions(JSON.parse(data)));
      opened.addEventListener('error', () => {
        listener.onConnection(false);
        // The browser reconnects automatically unless the server returned an error.
        if (opened.readyState !== EventSource.CLOSED) return;
        timer = setTimeout(connect, pause);
        pause = Math.min(pause * 2, MAX_PAUSE_MILLIS);
      });
    };
    connect();
    return () => {
      clearTimeout(timer);
      source?.close();
    };
  }

  #url(path: string, query: Readonly<Record<string, string>> = {}): URL {
    const url = new URL(path, this.#base);
    if (this.chat !== undefined && query['run'] === undefined) url.searchParams.set('chat', this.chat);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  }

  async #json<T>(path: string, query?: Readonly<Record<string, string>>): Promise<T> {
    const response = await this.#ask(path, query);
    try {
      return await response.json();
    } catch {
      // A login page or an aborted connection.
      throw new ServerError('The server did not answer with JSON.');
    }
  }

  async #ask(path: string, query: Readonly<Record<string, string>> = {}, init?: RequestInit) {
    let response: Response;
    try {
      response = await fetch(this.#url(path, query), init);
    } catch {
      throw new ServerError('The server cannot be reached.');
    }
    if (response.ok) return response;
    const { error } = await response.json().catch(() => ({}));
    const reason = typeof error === 'string' ? error : response.statusText;
    const { status } = response;
    throw new ServerError(`The server answered with status ${status}${reason && `: ${reason}`}.`, status);
  }
}
