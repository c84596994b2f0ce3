import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, relative } from 'node:path';
import { parseEnv } from 'node:util';
import { NO_CONTEXTS } from '../attempt/callers.js';
import { installHttpClientRecorder } from '../attempt/http-client.js';
import { installRecorder, type RecorderOptions } from '../attempt/recorder.js';
import { nearestName } from '../command.js';
import { readConfig } from '../config/config.js';
import { ChatDebugConfigError, type Environment, ignored } from '../config/setting.js';
import { readOtlpEndpoint } from '../delivery/otlp-endpoint.js';
import { processState } from '../process-state.js';
import { redactText } from '../redact/text.js';
import { logLevelOf } from '../self-diagnostics.js';
import { type CheckContext, type Finding, fail, ok, warn } from './check.js';
import { OUR_FOLDER, OUR_NAME, readPackageFile } from './installation.js';

/** `--import …/register`, or a start in code. */
const STARTS = new RegExp(
  `${OUR_NAME}/register|\\bstartChatDebug\\s*\\(|\\bnew\\s+ChatDebugInstrumentation\\b`,
);

/** Whether something starts the recording: NODE_OPTIONS, a script of package.json, or a file of the application. */
export function checkStarted({ folder, env }: CheckContext): Finding {
  if (processState().started !== undefined) return ok('by NODE_OPTIONS, in every Node.js process');
  if (STARTS.test(env['NODE_OPTIONS'] ?? ''))
    return warn(
      'NODE_OPTIONS loads this package, but recording has not started',
      'Standard error above has the reason. See the check "variables", too.',
    );
  const [first, ...more] = [
    ...scriptsThatStart(folder),
    ...filesWithStart(folder).filter((file) => file !== 'package.json'),
  ];
  if (first !== undefined) return ok(`in ${first}${more.length === 0 ? '' : ` and ${more.length} more`}`);
  return warn(
    'nothing starts the recording',
    `Searched: NODE_OPTIONS, the scripts of package.json and the files in ${folder}. Commands elsewhere are not visible.`,
    `Run: node --import ${OUR_NAME}/register app.mjs, or call startChatDebug() before anything else.`,
  );
}

function scriptsThatStart(folder: string): readonly string[] {
  const scripts = Object.entries(readPackageFile(folder)?.scripts ?? {});
  return scripts.flatMap(([name, command]) => (STARTS.test(command) ? [`package.json, script ${name}`] : []));
}

/** Programs, scripts, and files of containers and process managers. */
const SEARCHED = /\.([cm]?[jt]sx?|json|ya?ml|sh|service)$|^(Dockerfile|Procfile|\.env)/;
const SKIPPED = /^(node_modules|coverage|\..*)$/;
const MAX_FILES = 5_000;
const MAX_CHARACTERS = 1_000_000;

/** The relative paths of the application's files with a start, those nearest to its directory first. */
function filesWithStart(folder: string): readonly string[] {
  const found: string[] = [];
  const folders = [folder];
  let files = 0;
  for (const where of folders) {
    for (const entry of entriesOf(where)) {
      const path = join(where, entry.name);
      if (entry.isDirectory() && !SKIPPED.test(entry.name)) folders.push(path);
      if (!entry.isFile() || !SEARCHED.test(entry.name)) continue;
      files += 1;
      if (files > MAX_FILES) return found;
      if (STARTS.test(textOf(path).slice(0, MAX_CHARACTERS))) found.push(relative(folder, path));
    }
  }
  return found;
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Whether start-up accepts the variables. Reads them with the code of start-up. */
export function checkVariables({ env, folder }: CheckContext): Finding {
  const { errors, warnings, rest } = readAll(env);
  const known = knownVariables();
  const set = Object.keys(env).filter((name) => env[name]?.trim());
  const unknown = set.filter((name) => name.startsWith('CHATDEBUG_') && !known.includes(name));
  const doubts = [
    ...warnings.map(redactText),
    ...unknown.map((name) => unknownVariable(name, known)),
    ...oddities(rest),
    ...notLoaded(folder, env),
  ];
  if (errors.length > 0)
    return fail(
      errors.length === 1 ? 'an invalid variable' : `${errors.length} invalid variables`,
      ...errors.map(redactText),
      ...doubts,
    );
  if (doubts.length > 0) return warn('valid, with warnings', ...doubts);
  const read = set.filter((name) => known.includes(name) && name !== 'OTEL_CONFIG_FILE');
  return ok(read.length === 0 ? 'none set, the defaults apply' : read.join(', '));
}

/** Start-up stops at the first invalid variable. This removes one after the other to find them all. */
function readAll(env: Environment): {
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly rest: Environment;
} {
  const errors: string[] = [];
  const rest: Record<string, string | undefined> = { ...env };
  for (;;) {
    try {
      return { errors, warnings: readConfig({}, rest).warnings, rest };
    } catch (error) {
      if (!(error instanceof ChatDebugConfigError)) throw error;
      const [, name = ''] = /^Invalid (\S+) /.exec(error.message) ?? [];
      if (rest[name] === undefined) throw error;
      errors.push(error.message);
      delete rest[name];
    }
  }
}

function knownVariables(): readonly string[] {
  const names = new Set<string>();
  const spy = new Proxy<Record<string, string>>({}, { get: (_, name) => void names.add(String(name)) });
  readConfig({}, spy);
  readOtlpEndpoint(spy);
  return [...names];
}

function unknownVariable(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return `Unknown variable ${name}${nearest === undefined ? '' : `: did you mean ${nearest}?`}`;
}

/** Valid values that are rarely intended. */
function oddities(env: Environment): readonly string[] {
  const { disabled, capture } = readConfig({}, env);
  const level = env['OTEL_LOG_LEVEL']?.trim();
  const lines = [
    disabled && 'OTEL_SDK_DISABLED=true disables recording. Run: unset OTEL_SDK_DISABLED',
    capture === 'off' &&
      'CHATDEBUG_CAPTURE=off records only the runs for which captureFor or withRun({ capture }) asks.',
    level &&
      logLevelOf(level) === undefined &&
      ignored('OTEL_LOG_LEVEL', level, 'none, error, warn, info, debug, verbose or all'),
  ];
  return lines.filter((line): line is string => typeof line === 'string' && line !== '');
}

/** The variables in a `.env` file that the application may load, and the doctor does not. */
function notLoaded(folder: string, env: Environment): readonly string[] {
  const names = Object.keys(parseEnv(textOf(join(folder, '.env')))).filter(
    (name) => env[name] === undefined && /^(CHATDEBUG|OTEL)_/.test(name),
  );
  if (names.length === 0) return [];
  const program = join(OUR_FOLDER, 'dist', 'cli.js');
  return [
    `.env sets ${names.join(', ')}, which the doctor does not load. Run: node --env-file=.env ${program} doctor`,
  ];
}

const REQUESTS: Readonly<Record<string, (url: string, signal: AbortSignal) => Promise<unknown>>> = {
  fetch: (url, signal) => fetch(url, { signal }).then((response) => response.text()),
  'node:http': (url, signal) =>
    new Promise((resolve, reject) => {
      get(url, { signal, agent: false }, (response) => response.resume().on('end', resolve)).on(
        'error',
        reject,
      );
    }),
};

/** Whether requests by `fetch` and `node:http` are observable with these NODE_OPTIONS. Sends both to loopback. */
export async function checkRequests({ timeoutMillis }: CheckContext): Promise<Finding> {
  const seen = new Set<string>();
  const recorder: RecorderOptions<never> = {
    recognise: ({ path }) => {
      seen.add(path);
      return undefined;
    },
    begin: () => undefined,
    contexts: NO_CONTEXTS,
  };
  const uninstall = [installRecorder(recorder), installHttpClientRecorder(recorder)];
  try {
    await requestLoopback(AbortSignal.timeout(timeoutMillis));
  } finally {
    for (const undo of uninstall) undo();
  }
  const unseen = Object.keys(REQUESTS).filter((name) => !seen.has(`/${name}`));
  if (unseen.length === 0) return ok('fetch and node:http are observed');
  return fail(
    `requests by ${unseen.join(' and ')} are not observed`,
    'A module that NODE_OPTIONS loads replaces it, as mocks and polyfills do. Remove that module from NODE_OPTIONS.',
  );
}

async function requestLoopback(signal: AbortSignal): Promise<void> {
  const server = createServer((_, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const sent = Object.entries(REQUESTS).map(([name, send]) =>
      send(`http://127.0.0.1:${port}/${name}`, signal),
    );
    // The outcome does not matter, only whether the requests are observed.
    await Promise.allSettled(sent);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
