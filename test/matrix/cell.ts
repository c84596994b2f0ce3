import type { Client } from './clients.js';
import type { Host, ModuleForm } from './program.js';

export const PROJECTS = ['clients', 'opentelemetry-3', 'tracing', 'runtimes'] as const;

/** A folder of `projects/`: packages that are installed together. */
export type Project = (typeof PROJECTS)[number];

/** The application's own tracing: the name of a file in `beside/`. */
export type Beside =
  | 'opentelemetry'
  | 'pipeline-app'
  | 'provider-2'
  | 'provider-3'
  | 'auto-instrumentations'
  | 'sentry'
  | 'dd-trace'
  | 'dd-trace5';

export type Runner = 'node' | 'tsx' | 'bundled' | 'bundled, packages external' | 'bun' | 'deno';

/** One application with one version of Node or one runtime. */
export interface Cell {
  readonly project: Project;
  readonly client: Client;
  readonly form: ModuleForm;
  /** How recording starts: by a flag of the command, or in code. */
  readonly load: '--import' | '--require' | 'code';
  readonly runner: Runner;
  readonly host: Host;
  readonly beside?: Beside;
  /** Whether `beside` starts before or after recording. */
  readonly order?: 'before' | 'after';
}

/** The ones whose pipeline exports the spans of this package. */
export const INSIDE: readonly (Beside | undefined)[] = ['pipeline-app', 'provider-2', 'provider-3'];

/** A row of the page: one application on each version of Node, or on each runtime. */
export interface Row {
  readonly name: string;
  readonly note?: string;
  /** By column. The application does not support an absent column. */
  readonly cells: ReadonlyMap<string, Cell>;
}

export interface Section {
  readonly title: string;
  readonly text: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

export interface MatrixOptions {
  /** Runs one column of each row instead of all. */
  readonly ci: boolean;
  /** Writes the page instead of comparing with it. */
  readonly write: boolean;
  /** Resolves the lock files again, and runs nothing. */
  readonly lock: boolean;
  /** Runs only rows whose name contains it. */
  readonly only: string | undefined;
  /** The folder to install in, with earlier installations. Default: a temporary folder. */
  readonly folder: string | undefined;
  readonly jobs: number;
}

export interface Planned {
  readonly row: string;
  readonly column: string;
  readonly cell: Cell;
}
