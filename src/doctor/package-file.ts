import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Of a package.json, what the checks read. */
export interface PackageFile {
  readonly name?: string;
  readonly version?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly engines?: { readonly node?: string };
}

/** This package's own folder, wherever it is installed. */
export const OUR_FOLDER = applicationFolder(realpathSync(__dirname));

export const OUR_NAME = 'opentelemetry-instrumentation-chatdebug';

/** `undefined` where there is none that can be read. */
export function readPackageFile(folder: string): PackageFile | undefined {
  try {
    const file: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return typeof file === 'object' && file !== null ? file : undefined;
  } catch {
    return undefined;
  }
}

/** The folder itself or the nearest one above it that has a package.json; itself where none has. */
export function applicationFolder(from: string): string {
  return [...upwards(from)].find((folder) => readPackageFile(folder) !== undefined) ?? from;
}

/**
 * Where Node.js finds a package, asked by a file in a folder: in the nearest `node_modules` that has it, its links
 * resolved, which pnpm's layout is made of.
 */
export function resolvePackage(name: string, from: string): string | undefined {
  for (const folder of upwards(from)) {
    const found = join(folder, 'node_modules', name);
    if (readPackageFile(found) !== undefined) return realpathSync(found);
  }
  return undefined;
}

function* upwards(from: string): Iterable<string> {
  yield from;
  const above = dirname(from);
  if (above !== from) yield* upwards(above);
}
