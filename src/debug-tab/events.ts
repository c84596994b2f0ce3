import { timers } from '../clock.js';
import { warn } from '../self-diagnostics.js';

/** The state that is polled while a page is open. */
export interface Watched {
  /** Returns named values. Each one is sent when it changes. */
  poll(): Promise<Readonly<Record<string, unknown>>>;
  /** Called when the stream ends. */
  onEnd(): void;
}

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

  constructor(private readonly watched: Watched) {}

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
      for (const [name, value] of Object.entries(await this.watched.poll())) {
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
    this.watched.onEnd();
  }
}
