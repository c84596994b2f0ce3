import { optionalPackagePath } from '../loading.js';

export type SqlValue = string | number | null;

export type Row = Readonly<Record<string, unknown>>;

export interface Statement {
  /** Returns the number of changed rows. */
  run(...values: readonly SqlValue[]): number;
  get(...values: readonly SqlValue[]): Row | undefined;
  all(...values: readonly SqlValue[]): Row[];
}

/** An open SQLite database. Methods throw SQLite errors, whose messages do not depend on the build. */
export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

/** Replaces `node:sqlite` on Node.js versions without it. */
const PACKAGE = 'node-sqlite3-wasm';

export class NoSqliteError extends Error {
  override readonly name = 'NoSqliteError';
}

/**
 * Opens a SQLite database, and creates it if it does not exist.
 *
 * @throws NoSqliteError if neither Node.js nor an installed package provides SQLite
 */
export function openDatabase(file: string): Database {
  const builtin = builtinSqlite();
  if (builtin !== undefined) return new BuiltinDatabase(new builtin.DatabaseSync(file));
  const path = optionalPackagePath(PACKAGE);
  if (path !== undefined) return new PackageDatabase(new (require(path) as SqlitePackage).Database(file));
  throw new NoSqliteError(
    `The viewer needs SQLite, which Node.js has from 22.13 on; this is ${process.version}. Install it with: npm install --save-dev ${PACKAGE}`,
  );
}

/** Whether locks outlive their process. The package locks with a folder, `node:sqlite` with a kernel lock. */
export function hasLockFolder(): boolean {
  return builtinSqlite() === undefined;
}

interface BuiltinSqlite {
  readonly DatabaseSync: new (file: string) => BuiltinSync;
}

interface BuiltinSync {
  exec(sql: string): void;
  prepare(sql: string): {
    run(...values: readonly SqlValue[]): { readonly changes: number | bigint };
    get(...values: readonly SqlValue[]): Row | undefined;
    all(...values: readonly SqlValue[]): Row[];
  };
  close(): void;
}

/** Loads `node:sqlite` without the experimental warning of Node.js 22. */
function builtinSqlite(): BuiltinSqlite | undefined {
  const { emitWarning } = process;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (!String(warning).startsWith('SQLite is an experimental feature'))
      Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    return process.getBuiltinModule?.('node:sqlite') as BuiltinSqlite | undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}

class BuiltinDatabase implements Database {
  constructor(private readonly database: BuiltinSync) {}

  exec(sql: string): void {
    this.database.exec(sql);
  }

  prepare(sql: string): Statement {
    const statement = this.database.prepare(sql);
    return {
      run: (...values) => Number(statement.run(...values).changes),
      get: (...values) => statement.get(...values),
      all: (...values) => statement.all(...values),
    };
  }

  close(): void {
    this.database.close();
  }
}

interface SqlitePackage {
  readonly Database: new (file: string) => PackageSync;
}

interface PackageSync {
  exec(sql: string): void;
  prepare(sql: string): PackageStatement;
  close(): void;
}

interface PackageStatement {
  run(values: readonly SqlValue[]): { readonly changes: number };
  all(values: readonly SqlValue[]): Row[];
  finalize(): void;
}

/** Statements of the package hold memory outside the garbage collector, so `close` finalizes them. */
class PackageDatabase implements Database {
  readonly #statements: PackageStatement[] = [];

  constructor(private readonly database: PackageSync) {}

  exec(sql: string): void {
    this.database.exec(sql);
  }

  prepare(sql: string): Statement {
    const statement = this.database.prepare(sql);
    this.#statements.push(statement);
    return {
      run: (...values) => statement.run(values).changes,
      // The package's `get` leaves the statement open, which blocks a checkpoint.
      get: (...values) => statement.all(values)[0],
      all: (...values) => statement.all(values),
    };
  }

  close(): void {
    for (const statement of this.#statements.splice(0)) {
      try {
        statement.finalize();
      } catch {
        // `finalize` rethrows the last error of the statement.
      }
    }
    this.database.close();
  }
}
