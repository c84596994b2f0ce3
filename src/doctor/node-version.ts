import { type Finding, fail, ok } from './check.js';
import { OUR_FOLDER, readPackageFile } from './package-file.js';
import { isBelow } from './version-number.js';

/** Whether this package runs on the Node.js that runs the doctor. */
export function checkNode(_: unknown, version = process.versions.node): Finding {
  const range = readPackageFile(OUR_FOLDER)?.engines?.node ?? '';
  const least = range.replace(/^\D+/, '');
  if (!isBelow(version, least)) return ok(`Node.js ${version}`);
  return fail(
    `Node.js ${version} is too old`,
    `This package takes ${least} or later: install that, and start the application with it.`,
  );
}
