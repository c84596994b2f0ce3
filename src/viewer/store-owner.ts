import { readFileSync, rmSync, writeFileSync } from 'node:fs';

/** The process that has a store open, read from a file beside the store. */
export interface Owner {
  readonly pid: number;
  /** The start time of the process, if available. Detects a reused process id. */
  readonly startedAt?: string | undefined;
  readonly url?: string | undefined;
}

/** @param url the address of the viewer, once it listens */
export function writeOwner(store: string, url: string | undefined): void {
  const owner: Owner = { pid: process.pid, startedAt: startTime(process.pid), url };
  writeFileSync(ownerPath(store), JSON.stringify(owner), { mode: 0o600 });
}

export function removeOwner(store: string): void {
  rmSync(ownerPath(store), { force: true });
}

function ownerPath(path: string): string {
  return `${path}.viewer`;
}

/** Returns `undefined` if the file is missing or invalid. */
export function readOwner(path: string): Owner | undefined {
  try {
    const { pid, startedAt, url } = JSON.parse(readFileSync(ownerPath(path), 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? { pid, startedAt, url } : undefined;
  } catch {
    return undefined;
  }
}

/** Returns whether the owner's process is running. False for this process, which tracks its open stores itself. */
export function isAlive(owner: Owner | undefined): boolean {
  if (owner === undefined || owner.pid === process.pid) return false;
  try {
    process.kill(owner.pid, 0);
    return owner.startedAt === startTime(owner.pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Returns the start time in clock ticks since boot. Linux only. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program name in parentheses may contain spaces and parentheses.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
