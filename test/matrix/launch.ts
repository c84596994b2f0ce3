import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cell, INSIDE } from './cell.js';
import { type ModuleForm, PACKAGE, programText } from './program.js';

/** How a program is started. */
export interface Launch {
  readonly execPath: string;
  readonly argv: readonly string[];
}

const BUNDLED = { bundled: [], 'bundled, packages external': ['--packages=external'] } as const;

/**
 * esbuild leaves `require` of Node's own modules as it is, and an ES module has none: what its documents advise, as
 * an argument in a shell.
 */
export const REQUIRE_BANNER =
  '--banner:js="import { createRequire } from \'node:module\'; const require = createRequire(import.meta.url);"';

/**
 * Writes the program of a cell and says how to start it.
 *
 * @param folder that of its project, with what is installed
 * @param name of its files, one of its own
 * @param node the binary
 */
export function launch(cell: Cell, folder: string, name: string, node: string): Launch {
  const { runner, form } = cell;
  const flags = nodeFlags(cell);
  const text = programText({ ...cell, starts: cell.load === 'code' && !INSIDE.includes(cell.beside) });
  const write = (extension: string, content: string): string => {
    const file = join(folder, `${name}.${extension}`);
    writeFileSync(file, content);
    return file;
  };
  if (runner === 'tsx') {
    // Something that is no JavaScript.
    const file = write(form === 'import' ? 'mts' : 'cts', `${text}\ntype Nothing = undefined;\n`);
    return { execPath: node, argv: [join(folder, 'node_modules/tsx/dist/cli.mjs'), ...flags, file] };
  }
  const file = write(extensionOf(form), text);
  if (runner === 'bun') return { execPath: binary(folder, 'bun'), argv: [file] };
  if (runner === 'deno') return { execPath: binary(folder, 'deno'), argv: ['run', '-A', file] };
  if (runner === 'node') return { execPath: node, argv: [...flags, file] };
  return { execPath: node, argv: [...flags, bundle(file, form, folder, BUNDLED[runner])] };
}

const extensionOf = (form: ModuleForm): string => (form === 'import' ? 'mjs' : 'cjs');

const binary = (folder: string, name: string): string => join(folder, 'node_modules', '.bin', name);

/** The later of two `--import` is loaded later. */
function nodeFlags({ load, beside, order }: Cell): string[] {
  const ours = load === 'code' ? [] : [load, `${PACKAGE}/register`];
  const theirs = beside === undefined ? [] : ['--import', `./${beside}.mjs`];
  return order === 'after' ? [...ours, ...theirs] : [...theirs, ...ours];
}

/** What is bundled whole lies where nothing is installed. */
function bundle(file: string, form: ModuleForm, folder: string, options: readonly string[]): string {
  const target = options.length > 0 ? folder : join(folder, '..', 'bundled');
  mkdirSync(target, { recursive: true });
  const outfile = `${join(target, 'bundle-')}${process.hrtime.bigint()}.${extensionOf(form)}`;
  const format = form === 'import' ? ['--format=esm', REQUIRE_BANNER.replaceAll('"', '')] : ['--format=cjs'];
  execFileSync(
    binary(folder, 'esbuild'),
    [file, '--bundle', '--platform=node', '--log-level=error', ...format, ...options, `--outfile=${outfile}`],
    { cwd: folder },
  );
  return outfile;
}
