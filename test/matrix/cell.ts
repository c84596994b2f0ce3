import type { Client } from './clients.js';
import type { Host, ModuleForm } from './program.js';

export const PROJECTS = ['clients', 'opentelemetry-3', 'tracing', 'runtimes'] as const;

/** A folder of `projects/`: what is installed together. */
export type Project = (typeof PROJECTS)[number];

/** What traces the application beside us; the name of a file in `beside/`. */
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

/** One application, tried once. */
export interface Cell {
  readonly project: Project;
  readonly client: Client;
  readonly form: ModuleForm;
  /** How recording is started: by a flag of the command, or in code. */
  readonly load: '--import' | '--require' | 'code';
  readonly runner: Runner;
  readonly host: Host;
  readonly beside?: Beside;
  /** Whether `beside` starts before us. */
  readonly order?: 'before' | 'after';
}

/** Those inside which our spans are written. */
export const INSIDE: readonly (Beside | undefined)[] = ['pipeline-app', 'provider-2', 'provider-3'];

/** A line of the page: one application on each version of Node, or on each runtime. */
export interface Row {
  readonly name: string;
  readonly note?: string;
  /** By column; a column that is not there is not offered by the application. */
  readonly cells: ReadonlyMap<string, Cell>;
}

export interface Section {
  readonly title: string;
  readonly text: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}
