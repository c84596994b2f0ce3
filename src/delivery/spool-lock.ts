import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { epochMillis } from '../clock.js';

/**
 * An owner whose socket cannot be reached (on another host, or without a socket) is dead if its files have not
 * changed for this long.
 */
const LEASE_MILLIS = 5 * 60_000;

/** The limit of a socket path. macOS has the lowest, 104 with the terminating zero. */
const MAX_SOCKET_PATH = 103;

const FILE_NAME = /^chatdebug-(?<owner>[0-9a-f]{18})(?:-\d+\.spool|\.sock(?:\.new)?)$/;

const UNTRACED = suppressTracing(ROOT_CONTEXT);

/** Files of a dead owner. */
export interface Abandoned {
  /** Its spool files, oldest first. */
  readonly spools: readonly string[];
  /** Removes its other files. Call when its spool files are gone. */
  remove(): void;
}

/**
 * Ownership of files in a directory that several processes share.
 *
 * An owner is alive as long as its Unix domain socket accepts connections. The kernel answers for the process:
 * one that is stopped or busy is alive, and one that was killed is dead at once, even if another process has
 * its id now. The name of an owner is random and never used again, so that what a dead owner has left can be
 * taken over by renaming it, which succeeds for one process only.
 */
export class SpoolLock {
  readonly #owner = `${kernelId()}${randomBytes(6).toString('hex')}`;
  #server: Server | undefined;
  #files = 0;

  constructor(private readonly directory: string) {}

  /**
   * Returns the path for a new file. The owner counts as alive before the file exists.
   *
   * @throws if the directory cannot be created
   */
  newPath(): string {
    makeDirectory(this.directory);
    this.#server ??= listen(this.#path(`${this.#owner}.sock`));
    return this.#path(`${this.#owner}-${this.#files++}.spool`);
  }

  /**
   * Takes over a file of a dead owner.
   *
   * @returns its new path
   * @throws `ENOENT` if another process was first
   */
  takeOver(abandoned: string): string {
    const path = this.newPath();
    renameSync(abandoned, path);
    return path;
  }

  /**
   * Releases the ownership, so that others can take over the files.
   *
   * @param isEmpty no file is left
   */
  release(isEmpty: boolean): void {
    if (this.#server === undefined) return;
    this.#server.close();
    this.#server = undefined;
    if (isEmpty) rmSync(this.#path(`${this.#owner}.sock`), { force: true });
  }

  /** @throws if the directory cannot be read */
  async *abandoned(): AsyncGenerator<Abandoned> {
    const owners = new Set(spoolFileNames(this.directory).map(ownerOf));
    owners.delete(this.#owner);
    for (const owner of owners) {
      if (!(await this.#isDead(owner))) continue;
      // List its files after its death, since it may have created more before.
      const paths = this.#pathsOf(owner);
      yield {
        spools: paths.filter((path) => path.endsWith('.spool')),
        remove: () => {
          for (const path of paths) if (!path.endsWith('.spool')) rmSync(path, { force: true });
        },
      };
    }
  }

  async #isDead(owner: string): Promise<boolean> {
    if (owner.startsWith(kernelId())) {
      const answer = await connectTo(this.#path(`${owner}.sock`));
      if (answer === 'ECONNREFUSED') return true;
      if (answer !== 'ENOENT') return false;
    }
    const now = epochMillis();
    const changed = this.#pathsOf(owner).map(
      (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now,
    );
    return changed.every((millis) => millis < now - LEASE_MILLIS);
  }

  #pathsOf(owner: string): string[] {
    const names = spoolFileNames(this.directory).filter((name) => ownerOf(name) === owner);
    return names.map((name) => join(this.directory, name));
  }

  #path(name: string): string {
    return join(this.directory, `chatdebug-${name}`);
  }
}

function ownerOf(fileName: string): string {
  return FILE_NAME.exec(fileName)?.groups?.['owner'] ?? '';
}

/**
 * Returns the names of all spool files in a directory, each owner's in the order of creation. Empty if the directory
 * does not exist.
 */
function spoolFileNames(directory: string): string[] {
  try {
    const files = readdirSync(directory, { withFileTypes: true }).filter(
      (entry) => entry.isFile() || entry.isSocket(),
    );
    const names = files.map(({ name }) => name).filter((name) => FILE_NAME.test(name));
    // Sorted by the number at the end.
    return names.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Not with the `recursive` option, which never returns if the file system fails with `ENOENT`, as `/proc` does. */
export function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process was first.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/**
 * Accepts connections for as long as the process lives, unless there are no Unix domain sockets.
 *
 * The socket gets its final name once it accepts, so that a connection is never refused earlier. The renamed socket
 * also survives a normal exit, and refuses connections from then on.
 */
function listen(path: string): Server {
  const server = createServer((connection) => connection.destroy()).on('error', () => {});
  const temporary = `${path}.new`;
  if (Buffer.byteLength(temporary) > MAX_SOCKET_PATH) return server;
  // Exclusive: not through the primary process of a cluster.
  server.listen({ path: temporary, exclusive: true }).unref();
  if (server.listening) renameSync(temporary, path);
  return server;
}

/** Returns the error code, or `undefined` if the connection was accepted. */
function connectTo(path: string): Promise<string | undefined> {
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) return Promise.resolve('ENOENT');
  return context.with(
    UNTRACED,
    () =>
      new Promise<string | undefined>((resolve) => {
        const connection = connect(path).unref();
        connection.on('connect', () => {
          connection.destroy();
          resolve(undefined);
        });
        connection.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'unknown'));
      }),
  );
}

let kernel: string | undefined;

/** Identifies the kernel, which containers on one host share. */
function kernelId(): string {
  kernel ??= createHash('sha256').update(bootId()).digest('hex').slice(0, 6);
  return kernel;
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
  } catch {
    return hostname();
  }
}
