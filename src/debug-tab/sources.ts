import type { KeptRuns, ListOptions, RunSummary, RunTrace } from '../query/types.js';
import type { LiveRun } from '../run/live-run.js';
import { warn } from '../self-diagnostics.js';

/**
 * A source of runs for a Debug tab: `jaegerRuns` or `tempoRuns` of the entry `/query`, `processRuns`, or the
 * application's own.
 */
export interface RunSource extends Pick<KeptRuns, 'has' | 'list' | 'trace'> {
  /** Returns the runs of all chats, the newest first. Optional: omit it if the source requires a chat id. */
  listAll?(options?: ListOptions): Promise<RunSummary[]>;
  /** Returns the runs in progress, the newest first. Without a chat id, of all chats. Optional. */
  live?(chatId: string | undefined): readonly LiveRun[];
}

interface Found {
  readonly runs: readonly RunSummary[];
  /** A source has failed: there may be more runs. */
  readonly isIncomplete: boolean;
}

/** All sources have failed. The causes are logged to `diag`. */
export class SourcesFailedError extends Error {
  override readonly name = 'SourcesFailedError';
}

/** Combines several sources. Skips a source that fails and logs a warning. */
export class Sources {
  constructor(private readonly sources: readonly RunSource[]) {}

  /** Queries the sources in order until one has the chat. */
  async has(chatId: string): Promise<boolean> {
    let failures = 0;
    for (const source of this.sources) {
      const found = await this.#query(() => source.has(chatId));
      if (found) return true;
      if (found === undefined) failures += 1;
    }
    if (failures > 0) throw new SourcesFailedError();
    return false;
  }

  /** @param chatId `undefined` for all chats, from the sources with `listAll` */
  async list(chatId: string | undefined, options: ListOptions): Promise<Found> {
    const able = this.sources.filter(({ listAll }) => chatId !== undefined || listAll !== undefined);
    const lists = await Promise.all(
      able.map((source) =>
        this.#query(() => (chatId === undefined ? source.listAll?.(options) : source.list(chatId, options))),
      ),
    );
    const answers = lists.filter((list) => list !== undefined);
    if (answers.length === 0 && able.length > 0) throw new SourcesFailedError();
    const runs = new Map<string, RunSummary>();
    // If two sources have a run, the one with its end is preferred.
    for (const run of answers.flat())
      if (runs.get(run.id)?.durationMillis === undefined) runs.set(run.id, run);
    const newest = [...runs.values()].sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
    return { runs: newest.slice(0, options.limit), isIncomplete: answers.length < able.length };
  }

  /** Returns the run from the first source with its end, else from the first source that has it. */
  async trace(runId: string): Promise<RunTrace | undefined> {
    let found: RunTrace | undefined;
    let failures = 0;
    for (const source of this.sources) {
      const answer = await this.#query(async () => ({ trace: await source.trace(runId) }));
      if (answer === undefined) failures += 1;
      else if (answer.trace?.run.durationMillis !== undefined) return answer.trace;
      else found ??= answer.trace;
    }
    if (found === undefined && failures > 0) throw new SourcesFailedError();
    return found;
  }

  live(chatId: string | undefined): readonly LiveRun[] {
    return this.sources.flatMap((source) => source.live?.(chatId) ?? []);
  }

  async #query<T>(query: () => Promise<T> | undefined): Promise<T | undefined> {
    try {
      return await query();
    } catch (error) {
      warn('Debug tab: a source of runs failed', error);
      return undefined;
    }
  }
}
