import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Spool, type SpoolEvents, type SpoolOptions } from '../../../src/delivery/spool.js';

/** A spool with its reported events. */
export interface Spooling {
  readonly spool: Spool;
  readonly lost: Record<string, number>;
  /** Resolves once that many spans of other processes have been taken over. */
  recovered(spans: number): Promise<void>;
  /** Loads the spans that are on disk only, and returns their names. */
  loadAll(): string[];
}

const directories: string[] = [];
const spools: Spool[] = [];

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'spool-'));
  directories.push(directory);
  return directory;
}

export function removeAll(): void {
  for (const spool of spools.splice(0)) spool.close();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
}

export function openSpool(directory: string, options: Partial<SpoolOptions> = {}): Spooling {
  const lost: Record<string, number> = {};
  const events: SpoolEvents = {
    lost: (reason, spans) => {
      lost[reason] = (lost[reason] ?? 0) + spans;
    },
    available: () => {},
  };
  const limits = { maxBytes: 64 * 1024 * 1024, maxAgeMillis: 3_600_000, scanMillis: 20 };
  const spool = new Spool({ directory, ...limits, ...options }, events);
  spools.push(spool);
  return {
    spool,
    lost,
    recovered: (spans) => until(() => spool.recovered >= spans),
    loadAll: () => {
      const names: string[] = [];
      while (spool.stored > 0) names.push(...spool.load(100).map(({ span }) => span.name));
      return names;
    },
  };
}

/** Resolves once the condition holds. */
export async function until(holds: () => boolean, millis = 30_000): Promise<void> {
  const deadline = performance.now() + millis;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`never became true: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** The names of the files in a directory, without the random part. */
export function filesIn(directory: string): string[] {
  return readdirSync(directory)
    .map((name) => name.replace(/[0-9a-f]{18}/, 'OWNER'))
    .sort();
}
