import { monotonicMillis, timers } from '../clock.js';
import { warn } from '../self-diagnostics.js';
import { cardOf, mergedCards } from './cards.js';
import type { Card } from './contract.js';
import type { Sources } from './sources.js';

const POLL_MILLIS = 1_000;
/** Proxies close idle connections. */
const KEEP_ALIVE_MILLIS = 15_000;

/**
 * Server-sent events (WHATWG HTML, 9.2) of changes. Polls once a second, so that an open page adds no cost to a model
 * call.
 */
export class ChangeEvents {
  readonly #sent = new Map<string, string>();
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #silentMillis = 0;

  /**
   * @param poll returns named values. Each one is sent when it changes.
   * @param ended called when the stream ends
   */
  constructor(
    private readonly poll: () => Promise<Readonly<Record<string, unknown>>>,
    private readonly ended: () => void,
  ) {}

  /** @param signal ends the stream. Cancelling the reader ends it too. */
  open(signal: AbortSignal): ReadableStream<Uint8Array> {
    signal.addEventListener('abort', () => this.close(), { once: true });
    return new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
        this.#send('retry: 2000\n\n');
        void this.#poll();
      },
      cancel: () => this.#end(),
    });
  }

  close(): void {
    try {
      this.#controller?.close();
    } catch {
      // The reader has cancelled the stream.
    }
    this.#end();
  }

  async #poll(): Promise<void> {
    try {
      for (const [name, value] of Object.entries(await this.poll())) {
        const data = JSON.stringify(value);
        if (this.#sent.get(name) === data) continue;
        this.#sent.set(name, data);
        this.#send(`event: ${name}\ndata: ${data}\n\n`);
      }
    } catch (error) {
      warn('Debug tab: reading the runs in progress failed', error);
    }
    if (this.#controller === undefined) return;
    this.#silentMillis += POLL_MILLIS;
    if (this.#silentMillis > KEEP_ALIVE_MILLIS) this.#send(': nothing new\n\n');
    this.#timer = timers.setTimeout(() => void this.#poll(), POLL_MILLIS).unref();
  }

  #send(text: string): void {
    this.#silentMillis = 0;
    this.#controller?.enqueue(new TextEncoder().encode(text));
  }

  #end(): void {
    if (this.#controller === undefined) return;
    this.#controller = undefined;
    timers.clearTimeout(this.#timer);
    this.ended();
  }
}

/** The default number of runs in a list. */
export const DEFAULT_LIMIT = 100;
/** The interval for polling stored runs that are in progress in another process. */
const OTHER_PROCESS_POLL_MILLIS = 10_000;

/** A store in the process of the tab, such as the store of the viewer. */
export interface OwnStore {
  /** Increases when something is stored or deleted. */
  readonly changes: number;
  /** Increases when something is deleted. */
  readonly deletions: number;
  /** @param chatId `undefined` for everything */
  deleteRuns(chatId: string | undefined): void;
}

/**
 * Reads what an open page shows. Queries state and stored runs the first time, after a change of the store, and twice
 * after a step or run ends, since its export takes a moment. While a run of another process is in progress, queries
 * them every ten seconds.
 */
export class RunPoll {
  #endedSteps: ReadonlyMap<string, number> = new Map();
  #state: unknown;
  #stored: readonly Card[] = [];
  #pendingQueries = 1;
  #queriedAt = 0;
  #changes: number | undefined;

  constructor(
    private readonly chatId: string | undefined,
    private readonly sources: Sources,
    private readonly store: OwnStore | undefined,
    private readonly readState: () => Promise<unknown>,
    private readonly otherProcessPollMillis = OTHER_PROCESS_POLL_MILLIS,
  ) {
    this.#changes = store?.changes;
  }

  async next(): Promise<Readonly<Record<string, unknown>>> {
    const { chatId, sources, store } = this;
    const live = sources.live(chatId);
    this.#schedule(new Map(live.map(({ runId, endedSteps }) => [runId, endedSteps])));
    if (this.#pendingQueries > 0) {
      this.#pendingQueries -= 1;
      this.#queriedAt = monotonicMillis();
      const { runs } = await sources.list(chatId, { limit: DEFAULT_LIMIT });
      this.#stored = runs.map(cardOf);
      this.#state = await this.readState();
    }
    const values = { runs: { runs: mergedCards(this.#stored, live) }, state: this.#state };
    return store === undefined ? values : { ...values, deletions: store.deletions };
  }

  #schedule(endedSteps: ReadonlyMap<string, number>): void {
    const before = this.#endedSteps;
    this.#endedSteps = endedSteps;
    if ([...before].some(([id, ended]) => endedSteps.get(id) !== ended)) this.#pendingQueries = 2;
    if (this.store?.changes !== this.#changes) this.#pendingQueries ||= 1;
    this.#changes = this.store?.changes;
    const isInOtherProcess = ({ id, status }: Card) => status === 'in_progress' && !endedSteps.has(id);
    const isDue = monotonicMillis() - this.#queriedAt >= this.otherProcessPollMillis;
    if (isDue && this.#stored.some(isInOtherProcess)) this.#pendingQueries ||= 1;
  }
}
