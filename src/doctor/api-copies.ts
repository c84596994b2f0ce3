import { relative } from 'node:path';
import { type Finding, fail, ok, type Surroundings, warn } from './check.js';
import { OUR_FOLDER, resolvePackage } from './package-file.js';
import { type InstalledPackage, reachablePackages } from './package-tree.js';
import { isBelow, numbersOf } from './version-number.js';

const API = '@opentelemetry/api';
const INSTALL = `Install one copy for all: npm install ${API}@1.9 (with OpenTelemetry 3.x 1.10), then npm dedupe.`;

/**
 * Whether there is an OpenTelemetry API that this package takes, and whether what the application registers with
 * its copy is seen by ours. Copies share what is registered under a key of the process, by these rules: a copy
 * sees what one of its own or a later minor version has registered, and registers beside its very version only.
 */
export function checkApi({ folder }: Surroundings): Finding {
  const ours = copies(OUR_FOLDER).find((copy) => copy.folder === resolvePackage(API, OUR_FOLDER));
  if (ours === undefined) return fail(`${API} is not installed`, INSTALL);
  const { version } = ours;
  if (isBelow(version, '1.9.0') || !isBelow(version, '2.0.0')) {
    return fail(`${API} ${version}: this package takes 1.9 and later, below 2`, INSTALL);
  }
  const all = [...new Map([...copies(folder), ours].map((copy) => [copy.folder, copy])).values()];
  const others = all.filter((copy) => copy.version !== version);
  const list = all
    .map((copy) => `${copy.version} in ${relative(folder, copy.folder) || copy.folder}`)
    .join(', ');
  if (others.some((copy) => minorOf(copy) !== minorOf(ours))) {
    return fail(
      `${API} is there in ${all.length} copies, of different versions`,
      `What one of them registers others do not see, so spans, metrics and log messages go nowhere: ${list}.`,
      `${INSTALL} npm ls ${API} shows who asks for which.`,
    );
  }
  if (others.length > 0) {
    return warn(
      `${API} is there in ${all.length} copies, of different patch versions`,
      `One of them can't register beside the other: ${list}. ${INSTALL}`,
    );
  }
  return ok(`${API} ${version}, ${all.length === 1 ? 'one copy' : `${all.length} copies of one version`}`);
}

function copies(root: string): readonly InstalledPackage[] {
  return reachablePackages(root).filter(({ name }) => name === API);
}

function minorOf({ version }: InstalledPackage): string {
  return numbersOf(version).slice(0, 2).join('.');
}
