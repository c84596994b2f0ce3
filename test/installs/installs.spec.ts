import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Endpoints, startEndpoints } from '../start/support/endpoints.js';
import { PACKAGE, TURN } from '../start/support/program.js';
import { REPOSITORY, runNode } from '../support/child.js';
import { buildTree } from '../support/tree.js';
import { install, installManagers, MANAGERS, type Manager, nodeOptions } from './package-managers.js';

/** Packages that an application has already. This package is added without a version of the API. */
const APPLICATIONS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['nothing else, so that npm chooses the API', {}],
  ['the oldest API', { '@opentelemetry/api': '1.9.0', '@opentelemetry/instrumentation': '0.200.0' }],
  [
    'OpenTelemetry 2.x',
    {
      '@opentelemetry/api': '1.9.1',
      '@opentelemetry/instrumentation': '0.223.0',
      '@opentelemetry/exporter-trace-otlp-grpc': '0.223.0',
    },
  ],
  [
    'OpenTelemetry 3.x',
    {
      '@opentelemetry/api': '1.10.0',
      '@opentelemetry/instrumentation': '0.301.1',
      '@opentelemetry/exporter-trace-otlp-grpc': '0.301.0',
    },
  ],
];

/** A turn in an ES module, with a step in a CommonJS file: one shared state in any layout of folders. */
const PROGRAM = `import { createRequire } from 'node:module';
import { chatDebug, withRun } from '${PACKAGE}';
import '${PACKAGE}/ai-sdk';
import '${PACKAGE}/query';
const { withStep } = createRequire(import.meta.url)('${PACKAGE}');
${TURN}
await turn('chat-1');
await chatDebug().forceFlush();
`;

const TYPES = `import { ChatDebugInstrumentation, type KeptRun, startChatDebug, withRun } from '${PACKAGE}';
import { wrapModel } from '${PACKAGE}/ai-sdk';
import { jaegerRuns } from '${PACKAGE}/query';
const kept: string[] = [];
startChatDebug({ onKeep: ({ error }: KeptRun) => void kept.push(error?.kind ?? '') });
export const all = [withRun({}, () => 1), wrapModel({}), jaegerRuns({ endpoint: '', service: 's' })];
export const instrumentation = new ChatDebugInstrumentation({ pipeline: 'app' });
`;

const INSTRUMENTATION_TYPES = `import type { Instrumentation } from '@opentelemetry/instrumentation';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { ChatDebugInstrumentation, type ChatDebugInstrumentationConfig } from '${PACKAGE}';
export const any: Instrumentation = new ChatDebugInstrumentation();
export const ours: Instrumentation<ChatDebugInstrumentationConfig> = new ChatDebugInstrumentation();
registerInstrumentations({ instrumentations: [new ChatDebugInstrumentation()] });
`;

let tarball: string;
let packed: string;
beforeAll(() => {
  installManagers();
  packed = mkdtempSync(join(tmpdir(), 'chatdebug-packed-'));
  run(REPOSITORY, 'npm', 'pack', '--ignore-scripts', '--silent', '--pack-destination', packed);
  tarball = join(packed, readdirSync(packed)[0] ?? '');
}, 300_000);
afterAll(() => rmSync(packed, { recursive: true, force: true }));

let endpoints: Endpoints;
let folder: string;
beforeEach(async () => {
  endpoints = await startEndpoints();
  folder = mkdtempSync(join(tmpdir(), 'chatdebug-install-'));
});
afterEach(async () => {
  await endpoints.close();
  rmSync(folder, { recursive: true, force: true });
});

/** An application with these dependencies and this package. */
function installed(manager: Manager, dependencies: Readonly<Record<string, string>>): string {
  cpSync(tarball, join(folder, 'chatdebug.tgz'));
  const manifest = {
    name: 'application',
    version: '1.0.0',
    private: true,
    dependencies: { ...dependencies, [PACKAGE]: 'file:./chatdebug.tgz' },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'app.mjs'), PROGRAM);
  return install(manager, folder);
}

/** Runs one turn of the application in full capture, with `register`. */
async function chats(manager: Manager): Promise<unknown> {
  const { code, stderr } = await runNode(['--import', `${PACKAGE}/register`, join(folder, 'app.mjs')], {
    nodeOptions: nodeOptions(manager, folder),
    cwd: folder,
    env: endpoints.env,
  });
  expect([code, stderr]).toEqual([0, '']);
  return buildTree(endpoints.receiver.spans).map(({ chatId, steps }) => [chatId, steps.length]);
}

/** The errors of TypeScript in files, and in every declaration that they need. */
function typeErrors(files: Readonly<Record<string, string>>, ...options: string[]): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const { stdout } = spawnSync(
    process.execPath,
    [
      join(REPOSITORY, 'node_modules', 'typescript', 'bin', 'tsc'),
      ...['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--lib', 'es2023'],
      ...['--types', 'node', '--typeRoots', join(REPOSITORY, 'node_modules', '@types')],
      ...options,
      ...Object.keys(files),
    ],
    { cwd: folder, encoding: 'utf8' },
  );
  return stdout;
}

test.each(MANAGERS)('%s installs it next to @opentelemetry/api 1.10, and it records', async (manager) => {
  const said = installed(manager, { '@opentelemetry/api': '1.10.0' });
  expect(said).not.toMatch(/peer/i);
  expect(await chats(manager)).toEqual([['chat-1', 1]]);
});

test.each(APPLICATIONS)(
  'npm installs it next to %s: it records, and its types match',
  async (_, dependencies) => {
    installed('npm', dependencies);
    expect(await chats('npm')).toEqual([['chat-1', 1]]);
    expect(typeErrors({ 'types.mts': TYPES, 'types.cts': TYPES })).toBe('');
    if ('@opentelemetry/instrumentation' in dependencies)
      expect(typeErrors({ 'instrumentation.mts': INSTRUMENTATION_TYPES }, '--skipLibCheck')).toBe('');
  },
);

function run(cwd: string, command: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${error ?? status}\n${stderr}`);
}
