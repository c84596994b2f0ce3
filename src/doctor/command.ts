import { parseArgs } from 'node:util';
import { type Command, invalidArgument, PROGRAM } from '../command.js';
import { VERSION } from '../version.js';
import { type Check, type CheckContext, type Finding, fail } from './check.js';
import {
  applicationFolder,
  checkApi,
  checkClients,
  checkInstalled,
  checkNode,
  checkSdk,
} from './installation.js';

const TIMEOUT_MILLIS = 5_000;

const USAGE = `Usage: npx ${PROGRAM} doctor [options]

Checks the set-up of the application in this directory and environment. Prints what is wrong and how to fix it.
It sends one empty export request to the OTLP endpoint, and nothing anywhere else.

  --json              prints the result as JSON
  --timeout <millis>  timeout of the request to the endpoint (default: ${TIMEOUT_MILLIS})
  --help              prints this text
  --version           prints the version of this package

Exit code: 0 if no check fails, 1 if a check fails, 2 if the command line is invalid.`;

/** Checks the set-up of an application. See docs/troubleshooting.md. */
export const doctorCommand: Command = {
  usage: USAGE,
  run: async (args) => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        timeout: { type: 'string', default: String(TIMEOUT_MILLIS) },
      },
    });
    if (!/^[1-9]\d{0,8}$/.test(values.timeout))
      throw invalidArgument('--timeout', values.timeout, 'a number of milliseconds above 0');
    const context = {
      folder: applicationFolder(process.cwd()),
      env: process.env,
      timeoutMillis: Number(values.timeout),
    };
    const results = await runChecks(context);
    console.log(values.json ? asJson(results, context) : asText(results, context));
    return hasFailure(results) ? 1 : 0;
  },
};

const loadEnvironment = () => require('./environment.js') as typeof import('./environment.js');
const loadEndpoint = () => require('./endpoint.js') as typeof import('./endpoint.js');

/** All checks in order. Those that need OpenTelemetry's API, which may be missing, are loaded when they run. */
const CHECKS: readonly (readonly [name: string, load: () => Check])[] = [
  ['node', () => checkNode],
  ['package', () => checkInstalled],
  ['api', () => checkApi],
  ['sdk', () => checkSdk],
  ['clients', () => checkClients],
  ['started', () => loadEnvironment().checkStarted],
  ['variables', () => loadEnvironment().checkVariables],
  ['requests', () => loadEnvironment().checkRequests],
  ['endpoint', () => loadEndpoint().checkEndpoint],
];

interface Result extends Finding {
  readonly name: string;
}

async function runChecks(context: CheckContext): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const [name, load] of CHECKS) results.push({ name, ...(await findingOf(load, context)) });
  return results;
}

async function findingOf(load: () => Check, context: CheckContext): Promise<Finding> {
  try {
    return await load()(context);
  } catch (error) {
    const [reason = ''] = String(error instanceof Error ? error.message : error).split('\n');
    return fail(
      `check failed: ${reason}`,
      `If a module is missing, run: npm install ${PROGRAM} @opentelemetry/api@1.9`,
    );
  }
}

function asText(results: readonly Result[], { folder }: CheckContext): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  const lines = results.flatMap(({ state, name, message, advice }) => [
    `${state.padEnd(4)}  ${name.padEnd(width)}  ${message}`,
    ...advice.map((line) => `${' '.repeat(width + 8)}${line}`),
  ]);
  return [`${PROGRAM} ${VERSION}, in ${folder}`, '', ...lines, '', summary(results)].join('\n');
}

function asJson(results: readonly Result[], { folder }: CheckContext): string {
  const report = { package: PROGRAM, version: VERSION, folder, ok: !hasFailure(results), checks: results };
  return JSON.stringify(report, undefined, 2);
}

function hasFailure(results: readonly Result[]): boolean {
  return results.some(({ state }) => state === 'fail');
}

function summary(results: readonly Result[]): string {
  const failed = results.filter(({ state }) => state === 'fail').map(({ name }) => name);
  const warned = results.filter(({ state }) => state === 'warn').map(({ name }) => name);
  if (failed.length > 0) return `To fix: ${[...failed, ...warned].join(', ')}.`;
  if (warned.length > 0) return `No check failed. Warnings: ${warned.join(', ')}.`;
  return 'All checks passed. If runs still do not arrive, set OTEL_LOG_LEVEL=debug: it logs each decision about a run.';
}
