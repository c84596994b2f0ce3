import { type PackageFile, readPackageFile, resolvePackage } from './package-file.js';

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

/** Of more, those farthest from the application are not looked at. */
const MAX_PACKAGES = 10_000;

/**
 * The packages that a program in this folder can load, by way of the dependencies of each, as they are installed:
 * each copy once. Development dependencies are left out, but for what those that are not need themselves.
 *
 * @param except the name of a package that is not looked into
 */
export function reachablePackages(root: string, except?: string): readonly InstalledPackage[] {
  const found = new Map<string, InstalledPackage>();
  const folders = [root];
  for (const folder of folders) {
    const file = readPackageFile(folder);
    for (const name of file === undefined ? [] : dependenciesOf(file)) {
      const where = name === except ? undefined : resolvePackage(name, folder);
      if (where === undefined || found.has(where) || found.size === MAX_PACKAGES) continue;
      const { version = '0.0.0' } = readPackageFile(where) ?? {};
      found.set(where, { name, version, folder: where });
      folders.push(where);
    }
  }
  return [...found.values()];
}

function dependenciesOf({ dependencies, optionalDependencies, peerDependencies }: PackageFile): Set<string> {
  return new Set(
    [dependencies, optionalDependencies, peerDependencies].flatMap((names) => Object.keys(names ?? {})),
  );
}
