import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { compareVersions, satisfies } from 'compare-versions';
import { PROGRAM } from '../command.js';
import { BEDROCK_CLIENT, FIRST_WITH_HTTP2, HTTP2_WARNING } from '../runtime-warnings.js';
import { VERSION } from '../version.js';
import { type CheckContext, type Finding, fail, ok, warn } from './check.js';

/** The members of a package.json that the checks read. */
export interface PackageFile {
  readonly name?: string;
  readonly version?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly engines?: { readonly node?: string };
}

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

/** The directory of the package that the doctor belongs to. */
export const OUR_FOLDER = applicationFolder(realpathSync(__dirname));

export const OUR_NAME = PROGRAM;

const API = '@opentelemetry/api';
const INSTALL_API = [
  `Run: npm install ${API}@1.9 && npm dedupe`,
  `With OpenTelemetry SDK 3.x, run: npm install ${API}@1.10 && npm dedupe`,
];

export function readPackageFile(folder: string): PackageFile | undefined {
  try {
    const file: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return typeof file === 'object' && file !== null ? file : undefined;
  } catch {
    return undefined;
  }
}

/** The nearest directory with a package.json, from this one upwards. Default: this one. */
export function applicationFolder(from: string): string {
  return [...upwards(from)].find((folder) => readPackageFile(folder) !== undefined) ?? from;
}

/** Resolves a package as Node.js does for a file in this directory, including the links of pnpm's layout. */
function resolvePackage(name: string, from: string): string | undefined {
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

/** Beyond it, the packages farthest from the application are not visited. */
const MAX_PACKAGES = 10_000;

/**
 * The installed packages that an application in this directory can load, each copy once: its dependencies and theirs,
 * without development dependencies.
 *
 * @param except the name of a package that is not followed
 */
export function reachablePackages(root: string, except?: string): readonly InstalledPackage[] {
  const found = new Map<string, InstalledPackage>();
  const folders = [root];
  for (const folder of folders) {
    const { dependencies, optionalDependencies, peerDependencies } = readPackageFile(folder) ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      const where = name === except ? undefined : resolvePackage(name, folder);
      if (where === undefined || found.has(where) || found.size === MAX_PACKAGES) continue;
      const { version = '0.0.0' } = readPackageFile(where) ?? {};
      found.set(where, { name, version, folder: where });
      folders.push(where);
    }
  }
  return [...found.values()];
}

export function checkNode(_: unknown, version = process.versions.node): Finding {
  const range = readPackageFile(OUR_FOLDER)?.engines?.node ?? '';
  if (satisfies(version, range)) return ok(`Node.js ${version}`);
  return fail(
    `Node.js ${version} is not supported: expected ${range}`,
    `Install Node.js ${range.replace(/^\D+/, '')} or later, and start the application with it.`,
  );
}

export function checkInstalled({ folder }: CheckContext): Finding {
  const found = resolvePackage(OUR_NAME, folder);
  if (found === OUR_FOLDER) return ok(`${VERSION}, installed in the application`);
  if (found !== undefined) {
    const { version = 'without a version' } = readPackageFile(found) ?? {};
    return warn(
      `the application has ${version}, this doctor is ${VERSION} in ${OUR_FOLDER}`,
      `Run the doctor of the application: cd ${folder} && npx --no ${OUR_NAME} doctor`,
    );
  }
  return fail(`not installed in ${folder}`, `Run: npm install ${OUR_NAME} ${API}@1.9`);
}

/**
 * Whether the application's copies of OpenTelemetry's API share state with ours. A copy sees what was registered by its
 * own or a later minor version, and registers only beside its exact version.
 */
export function checkApi({ folder }: CheckContext): Finding {
  const ours = apiCopies(OUR_FOLDER).find((copy) => copy.folder === resolvePackage(API, OUR_FOLDER));
  if (ours === undefined) return fail(`${API} is not installed`, ...INSTALL_API);
  const { version } = ours;
  if (!satisfies(version, '^1.9.0'))
    return fail(`${API} ${version} is not supported: expected ^1.9.0`, ...INSTALL_API);
  const all = [...new Map([...apiCopies(folder), ours].map((copy) => [copy.folder, copy])).values()];
  const others = all.filter((copy) => compareVersions(copy.version, version) !== 0);
  const list = all
    .map((copy) => `${copy.version} in ${relative(folder, copy.folder) || copy.folder}`)
    .join(', ');
  const [major, minor] = version.split('.');
  if (others.some((copy) => !satisfies(copy.version, `~${major}.${minor}`)))
    return fail(
      `${all.length} copies of ${API}, of different versions`,
      `A copy does not see what another one registers, so spans, metrics and log messages are lost: ${list}.`,
      ...INSTALL_API,
      `To see which packages require it, run: npm ls ${API}`,
    );
  if (others.length > 0)
    return warn(
      `${all.length} copies of ${API}, of different patch versions`,
      `One of them can't register beside the other: ${list}.`,
      ...INSTALL_API,
    );
  return ok(`${API} ${version}, ${all.length === 1 ? 'one copy' : `${all.length} copies of one version`}`);
}

function apiCopies(root: string): readonly InstalledPackage[] {
  return reachablePackages(root).filter(({ name }) => name === API);
}

/** One of these is part of every SDK: the first up to 2.x, the second from 3.x on. */
const SDK = ['@opentelemetry/sdk-trace-base', '@opentelemetry/sdk-trace'];

/** Whether the application's own OpenTelemetry SDK, if it has one, fits `pipeline: 'app'`. */
export function checkSdk({ folder, env }: CheckContext): Finding {
  const found = reachablePackages(folder, OUR_NAME).filter(({ name }) => SDK.includes(name));
  if (found.length === 0) return ok('none in the application');
  const message = [...new Set(found.map(({ version }) => version))].join(' and ');
  if (found.every(({ version }) => satisfies(version, '^2.0.0 || ^3.0.0'))) return ok(message);
  return env['CHATDEBUG_PIPELINE']?.trim() === 'app'
    ? fail(message, 'CHATDEBUG_PIPELINE=app requires an SDK of 2.x or 3.x. Run: unset CHATDEBUG_PIPELINE')
    : warn(
        message,
        "The two pipelines do not interfere, but pipeline: 'app' and ErrorKindSampler require 2.x or 3.x.",
      );
}

const CLIENTS = ['openai', '@anthropic-ai/sdk', '@google/genai', 'ai', BEDROCK_CLIENT];

/** Lists the application's clients, and whether this Node.js makes all of them observable. */
export function checkClients({ folder }: CheckContext): Finding {
  const found = CLIENTS.flatMap((name) => {
    const where = resolvePackage(name, folder);
    const { version = '0.0.0' } = (where && readPackageFile(where)) || {};
    return where === undefined ? [] : [{ name, client: `${name} ${version}` }];
  });
  const list = found.map(({ client }) => client).join(', ');
  const { node } = process.versions;
  if (Number.parseInt(node, 10) < FIRST_WITH_HTTP2 && found.some(({ name }) => name === BEDROCK_CLIENT))
    return warn(list, HTTP2_WARNING);
  return ok(list === '' ? 'no known client; fetch and node:http are recorded as well' : list);
}
