import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { endedSpan } from '../delivery/support/delivering.js';
import { filesIn, openSpool, removeAll, temporaryDirectory } from '../delivery/support/spooling.js';
import { type ChildOptions, runNode, startNode } from '../support/child.js';
import { type Endpoints, startEndpoints } from './support/endpoints.js';
import { IMPORT_REGISTER, program, REQUIRE_REGISTER } from './support/program.js';

let endpoints: Endpoints;
let directory: string;
beforeEach(async () => {
  endpoints = await startEndpoints();
  directory = temporaryDirectory();
});
afterEach(async () => {
  await endpoints.close();
  removeAll();
});

/** Leaves a span of an earlier process. */
function leaveOne(): void {
  const { spool } = openSpool(directory);
  spool.add(endedSpan('left'), 1_000);
  spool.close();
}

const arrived = () => endpoints.receiver.spans.map(({ name }) => name).sort();
const options = (env: Record<string, string>): ChildOptions => ({
  nodeOptions: IMPORT_REGISTER,
  env: { ...endpoints.env, ...env },
});

test.each([
  ['preloaded', IMPORT_REGISTER],
  ['required', REQUIRE_REGISTER],
])('%s: the spans are exported by a later process without failures', async (_how, nodeOptions) => {
  leaveOne();
  const body = "process.stdin.once('data', () => process.exit(0));";
  const child = startNode(program(body), {
    ...options({ CHATDEBUG_SPOOL_DIRECTORY: directory }),
    nodeOptions,
  });
  await endpoints.receiver.waitForSpans(1);
  child.send('end');
  expect(await child.ended).toMatchObject({ code: 0, stderr: '' });
  expect(arrived()).toEqual(['left']);
  expect(filesIn(directory)).toEqual([]);
});

test('a process that ends at once leaves the spans it found to the next', async () => {
  leaveOne();
  const env = { CHATDEBUG_SPOOL_DIRECTORY: directory };
  expect(await runNode(program(''), options(env))).toMatchObject({ code: 0, stdout: '', stderr: '' });
  const child = startNode(program("process.stdin.once('data', () => process.exit(0));"), options(env));
  await endpoints.receiver.waitForSpans(1);
  child.send('end');
  await child.ended;
  expect(filesIn(directory)).toEqual([]);
});

test('attempts as spans survive a crash, below their step', async () => {
  const env = {
    CHATDEBUG_SPOOL_DIRECTORY: directory,
    CHATDEBUG_CAPTURE: 'full',
    CHATDEBUG_ATTEMPTS_AS: 'spans',
  };
  endpoints.receiver.respond(() => ({ type: 'json', status: 503, body: {} }));
  const crashing = program(`const handle = startChatDebug();
    await turn('a');
    await handle.forceFlush({ timeoutMillis: 500 });
    process.kill(process.pid, 'SIGKILL');`);
  const crashed = await runNode(crashing, { ...options(env), nodeOptions: [] });
  expect([crashed.code, arrived()]).toEqual([null, []]);
  endpoints.receiver.respond();
  const child = startNode(program("process.stdin.once('data', () => process.exit(0));"), options(env));
  const spans = await endpoints.receiver.waitForSpans(3);
  child.send('end');
  await child.ended;
  const attempt = spans.find(({ attributes }) => attributes['chatdebug.attempt.number'] === 1);
  const step = spans.find(({ attributes }) => attributes['chatdebug.step.number'] === 1);
  expect([attempt?.name, attempt?.kind, attempt?.parentSpanId, attempt?.traceId]).toEqual([
    ...['POST', 3],
    ...[step?.spanId, step?.traceId],
  ]);
});

test('a relative path starts at the current directory, and the option takes precedence over the variable', async () => {
  const relative = join(basename(directory), 'spool');
  const body = `const handle = startChatDebug({ spoolDirectory: ${JSON.stringify(relative)} });
    await turn('a');
    await handle.forceFlush();
    const { existsSync } = await import('node:fs');
    console.log(existsSync(${JSON.stringify(join(directory, 'spool'))}));
    console.log(JSON.stringify(handle.stats().delivery));`;
  const cwd = dirname(directory);
  const { stdout } = await runNode(program(body), {
    ...options({ CHATDEBUG_SPOOL_DIRECTORY: '/nowhere' }),
    nodeOptions: [],
    cwd,
  });
  const delivery = { queued: 0, inFlight: 0, exported: 2, lost: {}, spooled: 0, recovered: 0 };
  expect(stdout).toBe(`true\n${JSON.stringify(delivery)}\n`);
});

test.each<[string, (path: string) => Record<string, string>, string]>([
  ['a file', (path) => ({ CHATDEBUG_SPOOL_DIRECTORY: path }), 'expected a directory, not a file'],
  [
    'set with pipeline app',
    (path) => ({ CHATDEBUG_SPOOL_DIRECTORY: dirname(path), CHATDEBUG_PIPELINE: 'app' }),
    "expected pipeline 'own'",
  ],
])('a directory that is %s is ignored with a warning', async (_what, env, warning) => {
  const path = join(directory, 'file');
  writeFileSync(path, '');
  const { code, stderr } = await runNode(program('await startChatDebug().forceFlush();'), options(env(path)));
  expect(code).toBe(0);
  expect(stderr).toContain(
    `Ignored CHATDEBUG_SPOOL_DIRECTORY "${env(path)['CHATDEBUG_SPOOL_DIRECTORY']}": ${warning}`,
  );
});

test('without the option nothing of it is loaded, and nothing is written', async () => {
  const body = `await turn('a');
    await startChatDebug().forceFlush();
    console.log(Object.keys(require('node:module')._cache).filter((path) => /\\/spool[^/]*$/.test(path)).length);`;
  const { stdout } = await runNode(program(body, 'commonjs'), options({}));
  expect(stdout).toBe('0\n');
  expect(arrived()).toHaveLength(2);
});

test('a full disk loses only what does not fit', async () => {
  // The maximum file size simulates a full disk. Without a listener its signal ends the process.
  const body = `process.on('SIGXFSZ', () => {});
    const handle = startChatDebug({ spoolDirectory: ${JSON.stringify(join(directory, 'spool'))} });
    for (let i = 0; i < 20; i++) await turn('chat ' + i);
    await handle.forceFlush();
    console.log(JSON.stringify(handle.stats().delivery));`;
  const { stdout, stderr } = await runNode(program(body), {
    ...options({ OTEL_LOG_LEVEL: 'warn' }),
    execPath: '/bin/sh',
    nodeOptions: ['-c', `ulimit -f 8; exec ${process.execPath} "$0"`],
  });
  expect(JSON.parse(stdout)).toEqual(ALL_EXPORTED);
  expect(stderr).toContain('spoolDirectory: spans could not be written to disk');
  expect(stderr).toContain('EFBIG');
  expect(arrived()).toHaveLength(40);
});

/**
 * Takes root's right to write anywhere. Another user could not read this repository if it is in a private directory.
 */
const BOUND_BY_PERMISSIONS = process.getuid?.() === 0 ? 'setpriv --bounding-set=-dac_override' : '';

test('a read-only directory: a warning, and everything is exported', async () => {
  const readOnly = join(directory, 'spool');
  mkdirSync(readOnly);
  chmodSync(directory, 0o755);
  chmodSync(readOnly, 0o555);
  const body = `const handle = startChatDebug({ spoolDirectory: ${JSON.stringify(readOnly)} });
    for (let i = 0; i < 20; i++) await turn('chat ' + i);
    await handle.forceFlush();
    console.log(JSON.stringify(handle.stats().delivery));`;
  const { code, stdout, stderr } = await runNode(program(body), {
    env: { ...endpoints.env, OTEL_LOG_LEVEL: 'warn' },
    execPath: '/bin/sh',
    nodeOptions: ['-c', `exec ${BOUND_BY_PERMISSIONS} ${process.execPath} "$0"`],
  });
  expect([code, JSON.parse(stdout)]).toEqual([0, ALL_EXPORTED]);
  expect(stderr).toMatch(/spoolDirectory: spans could not be written to disk .*EACCES/);
});

const ALL_EXPORTED = { queued: 0, inFlight: 0, exported: 40, lost: {}, spooled: 0, recovered: 0 };
