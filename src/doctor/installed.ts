import { VERSION } from '../version.js';
import { type Finding, fail, ok, type Surroundings, warn } from './check.js';
import { OUR_FOLDER, OUR_NAME, readPackageFile, resolvePackage } from './package-file.js';

/** Whether the application can load this package. */
export function checkInstalled({ folder }: Surroundings): Finding {
  const found = resolvePackage(OUR_NAME, folder);
  if (found === OUR_FOLDER) return ok(`${VERSION}, the application's own copy`);
  if (found !== undefined) {
    const { version = 'of no version' } = readPackageFile(found) ?? {};
    return warn(
      `the application has ${version}, the doctor is ${VERSION}`,
      `What follows was looked at with the doctor's own copy, in ${OUR_FOLDER}. Call the doctor of the application: npx --no ${OUR_NAME} doctor, in its folder.`,
    );
  }
  return fail(
    `not installed in ${folder}`,
    `Install it where the application is: npm install ${OUR_NAME} @opentelemetry/api@1.9. Then call the doctor there.`,
  );
}
