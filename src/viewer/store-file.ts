import { chmodSync, closeSync, existsSync, openSync, rmdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { PROGRAM } from '../command.js';
import { makeDirectory } from '../delivery/spool-lock.js';
import {
  type Database,
  hasLockFolder,
  NoSqliteError,
  openDatabase,
  type Row,
  type SqlValue,
  type Statement,
} from './database.js';
import { isAlive, readOwner, removeOwner, writeOwner } from './store-owner.js';

/** The store cannot be used. The message is for the user of the command. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

export class StoreInUseError extends StoreError {
  /** @param url the address of that viewer, if known */
  constructor(
    file: string,
    readonly url: string | undefined,
  ) {
    const where = url === undefined ? 'another process' : `the viewer at ${url}`;
    super(`The store ${file} is in use by ${where}. Stop it, or choose another file with --store.`);
  }
}

/** "chdb" in ASCII. */
const APPLICATION_ID = 0x63686462;
const SCHEMA_VERSION = 1;

/** Stores open in this process. A lock with this process id may be left from an earlier process with the same id. */
const opened = new Set<string>();

/** Returns the default path, below `$XDG_DATA_HOME` or `~/.local/share`. */
export function defaultStoreFile(env: NodeJS.ProcessEnv): string {
  const { XDG_DATA_HOME: configured = '' } = env;
  // The XDG specification ignores relative paths.
  const base = isAbsolute(configured) ? configured : join(homedir(), '.local', 'share');
  return join(base, PROGRAM, 'viewer.sqlite');
}

/** The SQLite file of a store and its lock. Only the owner can read the file. */
export class StoreFile {
  readonly path: string;
  readonly #database: Database;
  readonly #statements = new Map<string, Statement>();

  /**
   * Opens or creates the file, and locks it until `close` or the end of the process.
   *
   * @param schema the SQL that creates an empty store
   * @throws StoreError if the file cannot be used, NoSqliteError without SQLite
   */
  constructor(file: string, schema: string) {
    this.path = resolve(file);
    const owner = readOwner(this.path);
    // The two kinds of locks do not exclude each other.
    const isLockedOtherwise = hasLockFolder() || existsSync(lockFolder(this.path));
    if (opened.has(this.path) || (isLockedOtherwise && isAlive(owner)))
      throw new StoreInUseError(this.path, owner?.url);
    makePrivate(this.path);
    this.#database = this.#open(schema);
    try {
      chmodSync(this.path, 0o600);
      writeOwner(this.path, undefined);
    } catch (error) {
      this.#database.close();
      throw this.#described(error);
    }
    opened.add(this.path);
  }

  /** Publishes the address of the viewer to other processes. */
  announce(url: string): void {
    writeOwner(this.path, url);
  }

  close(): void {
    opened.delete(this.path);
    this.#statements.clear();
    removeOwner(this.path);
    this.#database.close();
  }

  all(sql: string, ...values: readonly SqlValue[]): Row[] {
    return this.#guarded(() => this.#prepared(sql).all(...values));
  }

  run(sql: string, ...values: readonly SqlValue[]): void {
    this.#guarded(() => this.#prepared(sql).run(...values));
  }

  transaction(work: () => void): void {
    this.#guarded(() => this.#database.exec('BEGIN'));
    try {
      work();
      this.#guarded(() => this.#database.exec('COMMIT'));
    } catch (error) {
      try {
        this.#database.exec('ROLLBACK');
      } catch {
        // SQLite has already rolled back.
      }
      throw error;
    }
  }

  #prepared(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.#described(error);
    }
  }

  #described(error: unknown): unknown {
    const isDescribed = error instanceof StoreError || error instanceof NoSqliteError;
    return isDescribed ? error : storeError(this.path, error);
  }

  #open(schema: string): Database {
    try {
      return openLocked(this.path, schema);
    } catch (error) {
      if (!isLocked(error)) throw this.#described(error);
      // The lock is stale: the constructor rejects a store with a live owner.
      if (!hasLockFolder()) throw new StoreInUseError(this.path, readOwner(this.path)?.url);
      removeLock(this.path);
    }
    try {
      return openLocked(this.path, schema);
    } catch (error) {
      throw isLocked(error) ? new StoreInUseError(this.path, undefined) : this.#described(error);
    }
  }
}

/**
 * The write-ahead log survives SIGKILL, since it is in the page cache. `synchronous = NORMAL` saves one `fsync` per
 * request. A crash of the operating system may lose the last requests, but does not corrupt the store.
 */
const SETTINGS = `
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA secure_delete = ON;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  BEGIN IMMEDIATE;
`;

function openLocked(path: string, schema: string): Database {
  const database = openDatabase(path);
  try {
    database.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE');
    const isNew = isEmpty(database, path);
    database.exec(SETTINGS);
    if (isNew)
      database.exec(
        `${schema}; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION};`,
      );
    database.exec('COMMIT');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Returns whether the database is empty. Read-only, so that files of other programs or versions stay unchanged.
 *
 * @throws StoreError if the file is not a store or has a newer version
 */
function isEmpty(database: Database, path: string): boolean {
  const number = (query: string) => Number(Object.values(database.prepare(query).get() ?? {})[0]);
  if (number('SELECT count(*) FROM sqlite_schema') === 0) return true;
  if (number('PRAGMA application_id') !== APPLICATION_ID)
    throw new StoreError(`${path} is not a store of this viewer. Choose another file with --store.`);
  if (number('PRAGMA user_version') > SCHEMA_VERSION)
    throw new StoreError(
      `The store ${path} was written by a newer version of ${PROGRAM}. Update the package, or choose another file with --store.`,
    );
  return false;
}

function lockFolder(path: string): string {
  return `${path}.lock`;
}

function removeLock(path: string): void {
  try {
    rmdirSync(lockFolder(path));
  } catch {
    // Another process was faster. Reopening reports it.
  }
}

function storeError(path: string, cause: unknown): StoreError {
  const message = messageOf(cause);
  if (/disk image is malformed|not a database/.test(message))
    return new StoreError(
      `The store ${path} is damaged (${message}). Move it away, or choose another file with --store.`,
      { cause },
    );
  if (/disk is full|disk I\/O error/.test(message))
    return new StoreError(`The store ${path} could not be written: ${message}.`, { cause });
  return new StoreError(`The store ${path} cannot be used: ${message}.`, { cause });
}

function isLocked(error: unknown): boolean {
  return messageOf(error).includes('database is locked');
}

/** Errors of another realm fail `instanceof Error`. */
function messageOf(error: unknown): string {
  const { message } = (error ?? {}) as { readonly message?: unknown };
  return typeof message === 'string' ? message : String(error);
}

/** Creates the file with mode 0600, since it contains chat content. SQLite uses the same mode for its other files. */
function makePrivate(path: string): void {
  try {
    makeDirectory(dirname(path));
    if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
  } catch (cause) {
    throw new StoreError(
      `The store ${path} cannot be created: ${(cause as NodeJS.ErrnoException).code}. Choose another file with --store.`,
      { cause },
    );
  }
}
