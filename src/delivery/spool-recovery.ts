import { timers } from '../clock.js';
import { warn } from '../self-diagnostics.js';
import { isNewer, SpoolFile } from './spool-file.js';
import type { SpoolLock } from './spool-lock.js';
import type { WorkInTurns } from './work-in-turns.js';

const CANNOT_READ = 'spoolDirectory: files of other processes could not be read';

/** Takes over the spool files of dead processes. Reads them in slices, in turns of the event loop. */
export class SpoolRecovery {
  #isScanning = false;
  /** Files that were taken over and not adopted yet. */
  #pending = 0;
  #isStopped = false;

  /** @param adopt called with each file that was read, and the number of damaged spans in it */
  constructor(
    private readonly lock: SpoolLock,
    private readonly work: WorkInTurns,
    private readonly adopt: (file: SpoolFile, damaged: number) => void,
  ) {}

  get isIdle(): boolean {
    return this.#pending === 0;
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Does nothing while an earlier call is in progress. Never rejects. */
  async scan(): Promise<void> {
    if (this.#isScanning) return;
    this.#isScanning = true;
    try {
      for await (const { spools, remove } of this.lock.abandoned()) {
        let isTaken = true;
        for (const path of spools) isTaken = (await this.#takeOver(path)) && isTaken;
        if (this.#isStopped) return;
        if (isTaken) remove();
      }
    } catch (error) {
      warn(CANNOT_READ, error);
    } finally {
      this.#isScanning = false;
    }
  }

  /** @returns true if the file no longer exists */
  async #takeOver(abandoned: string): Promise<boolean> {
    if (this.#isStopped) return false;
    try {
      if (isNewer(abandoned)) {
        warn('spoolDirectory: a file was written by a later version of this package and is left as it is');
        return false;
      }
      await this.#read(this.lock.takeOver(abandoned));
      return true;
    } catch (error) {
      // Another process was first.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
      warn(CANNOT_READ, error);
      return false;
    }
  }

  async #read(path: string): Promise<void> {
    this.#pending++;
    const file = SpoolFile.open(path);
    const damaged = await this.#inTurns(file.scan());
    if (damaged === undefined) {
      file.close();
      return;
    }
    this.work.add(() => {
      this.#pending--;
      this.adopt(file, damaged);
    });
  }

  async #inTurns<T>(steps: Generator<void, T>): Promise<T | undefined> {
    while (!this.#isStopped) {
      const { done, value } = steps.next();
      if (done) return value;
      await new Promise((resolve) => timers.setTimeout(resolve, 0).unref());
    }
    return undefined;
  }
}
