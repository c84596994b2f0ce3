import { AsyncResource } from 'node:async_hooks';
import { guarded } from '../self-diagnostics.js';

/**
 * What has ended and is settled a moment later, outside the application's call: its last exchange may end only
 * then, and writing takes time.
 */
export class SettleQueue {
  #ended: (() => void)[] = [];
  /** Outside every context of the application's, or the exporter would work in that of some chat turn. */
  readonly #settleSoon = AsyncResource.bind(() => setImmediate(() => this.settle()).unref());

  get isEmpty(): boolean {
    return this.#ended.length === 0;
  }

  add(settle: () => void): void {
    if (this.#ended.push(settle) === 1) this.#settleSoon();
  }

  /** All of it, now. */
  settle(): void {
    const ended = this.#ended;
    this.#ended = [];
    for (const settle of ended) guarded('a record could not be written', undefined, settle);
  }
}
