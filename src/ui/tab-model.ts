import type { Card, RunDetail, TabState } from '../debug-tab/contract.js';
import { type DebugTabClient, ServerError } from './client.js';

/** The state of the tab. Immutable: replaced on each change. */
export interface View {
  readonly state: TabState | undefined;
  /** The newest first. `undefined` until loaded. */
  readonly runs: readonly Card[] | undefined;
  readonly selectedId: string | undefined;
  /** The selected run. `undefined` until loaded. */
  readonly stored: RunDetail | undefined;
  readonly isConnected: boolean;
  readonly listError: string | undefined;
  readonly runError: string | undefined;
  readonly receivedAt: number;
}

const EMPTY: View = {
  state: undefined,
  runs: undefined,
  selectedId: undefined,
  stored: undefined,
  isConnected: false,
  listError: undefined,
  runError: undefined,
  receivedAt: 0,
};

export class TabModel {
  #view = EMPTY;
  readonly #listeners = new Set<() => void>();
  #stop: (() => void) | undefined;
  #wasConnected = false;
  #deletions: number | undefined;
  #isLoading = false;
  #loadAgain = false;

  constructor(readonly client: DebugTabClient) {}

  get view(): View {
    return this.#view;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  start(): void {
    this.#stop ??= this.client.listen({
      onRuns: (runs) => this.#merge(runs),
      onState: (state) => this.#set({ state }),
      onDeletions: (count) => {
        const isNew = this.#deletions !== undefined && this.#deletions !== count;
        this.#deletions = count;
        if (isNew) void this.#loadAfterDeletion();
      },
      onConnection: (isConnected) => {
        this.#set({ isConnected });
        // The server does not resend changes that were missed while disconnected.
        if (isConnected && this.#wasConnected) void this.loadList();
        this.#wasConnected ||= isConnected;
      },
    });
    void this.loadList();
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  async loadList(): Promise<void> {
    try {
      const [state, runs] = await Promise.all([this.client.state(), this.client.runs()]);
      this.#set({ state, runs, receivedAt: Date.now(), listError: undefined });
    } catch (error) {
      this.#set({ listError: messageOf(error), runs: this.#view.runs ?? [] });
    }
  }

  select(selectedId: string | undefined): void {
    if (selectedId === this.#view.selectedId) return;
    this.#set({ selectedId, stored: undefined, runError: undefined });
    if (selectedId !== undefined) void this.#loadRun();
  }

  async setCapture(capture: 'errors' | 'full'): Promise<void> {
    try {
      await this.client.setCapture(capture);
      this.#set({ state: await this.client.state(), listError: undefined });
    } catch (error) {
      this.#set({ listError: messageOf(error) });
    }
  }

  /** @param chat `undefined` deletes everything */
  async deleteRuns(chat: string | undefined): Promise<void> {
    try {
      await this.client.deleteRuns(chat);
      await this.#loadAfterDeletion();
    } catch (error) {
      this.#set({ listError: messageOf(error) });
    }
  }

  async #loadAfterDeletion(): Promise<void> {
    await this.loadList();
    const { runs, selectedId, listError } = this.#view;
    if (listError === undefined && runs?.some(({ id }) => id === selectedId) !== true) this.select(undefined);
  }

  /** Reloads the selected run. Sends one request at a time. */
  async #loadRun(): Promise<void> {
    if (this.#isLoading) {
      this.#loadAgain = true;
      return;
    }
    this.#isLoading = true;
    do {
      this.#loadAgain = false;
      const id = this.#view.selectedId;
      if (id === undefined) break;
      const loaded = await this.client.run(id).then(
        (stored) => ({ stored, runError: undefined }),
        (error) => this.#withoutSpans(id, error),
      );
      if (id === this.#view.selectedId) this.#set(loaded);
      else this.#loadAgain = true;
    } while (this.#loadAgain);
    this.#isLoading = false;
  }

  /** A run in progress may have no stored spans yet. */
  #withoutSpans(id: string, error: unknown): Partial<View> {
    const run = this.#view.runs?.find((card) => card.id === id && card.live !== undefined);
    if (run === undefined || !(error instanceof ServerError) || error.status !== 404) {
      return { runError: messageOf(error) };
    }
    return { stored: { run, spans: [] }, runError: undefined };
  }

  #merge(changed: readonly Card[]): void {
    const before = new Map((this.#view.runs ?? []).map((run) => [run.id, run]));
    const after = new Map(before);
    for (const run of changed) after.set(run.id, run);
    const runs = [...after.values()].sort((a, b) => b.startedAt - a.startedAt);
    this.#set({ runs, receivedAt: Date.now() });
    const reported = new Set(changed.map(({ id }) => id));
    // A live run that is no longer reported has ended without being kept.
    if (runs.some(({ id, live }) => live !== undefined && !reported.has(id))) void this.loadList();
    const selected = changed.find(({ id }) => id === this.#view.selectedId);
    if (selected !== undefined && hasNews(before.get(selected.id), selected)) void this.#loadRun();
  }

  #set(change: Partial<View>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function hasNews(before: Card | undefined, { status, stepCount, live }: Card): boolean {
  return before?.status !== status || before.stepCount !== stepCount || before.live?.step !== live?.step;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
