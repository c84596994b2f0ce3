import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../src/doctor/check.js';
import { OUR_FOLDER, OUR_NAME } from '../../src/doctor/installation.js';
import { VERSION } from '../../src/version.js';
import { read } from '../docs/pages.js';
import { runNode } from '../support/child.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { type Application, newApplication } from './support/application.js';

let app: Application;
let receiver: OtlpReceiver;
beforeEach(async () => {
  receiver = await startOtlpReceiver();
  // The layout of pnpm: a link to a package that has its own dependencies.
  app = newApplication();
  app.link(`node_modules/${OUR_NAME}`, OUR_FOLDER);
  app.write('package.json', {
    name: 'app',
    scripts: { start: `node --import ${OUR_NAME}/register app.mjs` },
    dependencies: { [OUR_NAME]: '*' },
  });
});
afterEach(async () => {
  app.remove();
  await receiver.close();
});

/** The program that `npx` runs, started in the application's folder. */
function doctor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { bin } = JSON.parse(read('package.json'));
  const program = join(app.folder, 'node_modules', OUR_NAME, bin[OUR_NAME]);
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  return runNode([program, ...args], { cwd: app.folder, env: { ...endpoint, ...env } });
}

test('all checks pass', async () => {
  const { code, stdout, stderr } = await doctor(['doctor']);
  expect([code, stderr]).toEqual([0, '']);
  const lines = stdout.split('\n');
  expect(lines[0]).toBe(`${OUR_NAME} ${VERSION}, in ${app.folder}`);
  const names = lines.filter((line) => line.startsWith('ok  ')).map((line) => line.split(/ +/)[1]);
  const all = ['node', 'package', 'api', 'sdk', 'clients', 'started', 'variables', 'requests', 'endpoint'];
  expect(names).toEqual(all);
  expect(lines.at(-2)).toMatch(/^All checks passed\./);
  expect(receiver.spans).toEqual([]);
});

test('works from a folder inside the application', async () => {
  app.write('src/deep/file.js', '');
  const { bin } = JSON.parse(read('package.json'));
  const program = join(app.folder, 'node_modules', OUR_NAME, bin[OUR_NAME]);
  const ended = await runNode([program, 'doctor', '--json'], {
    cwd: join(app.folder, 'src', 'deep'),
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  });
  expect(JSON.parse(ended.stdout)).toMatchObject({ folder: app.folder, ok: true });
});

test('a failed check exits with 1, has the fix, and shows no secret', async () => {
  receiver.respond(() => ({ type: 'json', status: 401, body: {} }));
  const env = {
    CHATDEBUG_CAPTURE: 'everything',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url.replace('//', '//user:topsecret@'),
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20topsecret',
  };
  const { code, stdout, stderr } = await doctor(['doctor'], env);
  expect(code).toBe(1);
  expect(stdout).toContain('Invalid CHATDEBUG_CAPTURE "everything": expected errors, full or off');
  expect(stdout).toContain('Headers sent: authorization.');
  expect(stdout).toMatch(/\nTo fix: variables, endpoint\.\n$/);
  expect(stdout + stderr).not.toContain('topsecret');
});

test("without OpenTelemetry's API the checks that need it fail, with the command that installs it", async () => {
  cpSync(join(OUR_FOLDER, 'dist'), join(app.folder, 'copy/dist'), { recursive: true });
  cpSync(join(OUR_FOLDER, 'package.json'), join(app.folder, 'copy/package.json'));
  const program = join(app.folder, 'copy/dist/cli.js');
  const { stdout } = await runNode([program, 'doctor', '--json'], { cwd: join(app.folder, 'copy') });
  const checks: (Finding & { name: string })[] = JSON.parse(stdout).checks;
  const passed = checks.filter(({ state }) => state === 'ok').map(({ name }) => name);
  expect(passed).toEqual(['node', 'sdk', 'clients']);
  for (const { state, advice } of checks) if (state === 'fail') expect(advice[0]).toContain('npm install ');
});

test('--json prints JSON', async () => {
  const { code, stdout } = await doctor(['doctor', '--json'], { CHATDEBUG_RETAIN: 'all' });
  const report = JSON.parse(stdout);
  expect([code, report]).toEqual([
    1,
    expect.objectContaining({ package: OUR_NAME, version: VERSION, ok: false }),
  ]);
  expect(report.checks.filter(({ state }: { state: string }) => state === 'fail')).toEqual([
    {
      name: 'variables',
      state: 'fail',
      message: 'an invalid variable',
      advice: ['Invalid CHATDEBUG_RETAIN "all": expected failing or run'],
    },
  ]);
});

test('recognises a recording that NODE_OPTIONS starts', async () => {
  const { code, stdout } = await doctor(['doctor'], { NODE_OPTIONS: `--import ${OUR_NAME}/register` });
  expect([code, stdout]).toEqual([0, expect.stringMatching(/ok +started +by NODE_OPTIONS/)]);
});

test.each([
  [['--help'], 0, /^Usage: npx /, ''],
  [['doctor', '--help'], 0, /^Usage: npx /, ''],
  [['--version'], 0, new RegExp(`^${VERSION}\n$`), ''],
  [[], 2, /^$/, 'Missing command. Commands: doctor, case, replay, view, minimise.'],
  [['docter'], 2, /^$/, 'Unknown command "docter". Did you mean doctor? Commands: doctor, case,'],
  [['start'], 2, /^$/, 'Unknown command "start". Commands: doctor, case, replay, view, minimise.'],
  [['case', '--help'], 0, /^Usage: npx \S+ case /, ''],
  [['replay', '--help'], 0, /^Usage: npx \S+ replay /, ''],
  [['view', '--help'], 0, /^Usage: npx \S+ view /, ''],
  [['minimise', '--help'], 0, /^Usage: npx \S+ minimise /, ''],
  [['--help', 'x'], 0, /^Usage: npx \S+ <command> /, ''],
  [['doctor', 'me'], 2, /^$/, "Unexpected argument 'me'"],
  [
    ['doctor', '--timeout', 'soon'],
    2,
    /^$/,
    'Invalid --timeout "soon": expected a number of milliseconds above 0',
  ],
  [['doctor', '--timeout', '0'], 2, /^$/, 'Invalid --timeout "0": expected a number of milliseconds above 0'],
  [['doctor', '--odd'], 2, /^$/, "Unknown option '--odd'"],
])('%j ends with %i', async (args, code, stdout, stderr) => {
  const ended = await doctor(args);
  expect([ended.code, ended.stdout]).toEqual([code, expect.stringMatching(stdout)]);
  expect(ended.stderr.startsWith(stderr)).toBe(true);
  if (code === 2) expect(ended.stderr).toContain('\n\nUsage: npx ');
});

test('loads what a check needs, and no SDK', async () => {
  const loaded = `process.on('exit', () => console.error(
    Object.keys(require.cache).filter((file) => /sdk-trace|exporter-trace|tracing.provider|span-writer/.test(file)).length));`;
  app.write('loaded.cjs', loaded);
  const { stderr } = await doctor(['doctor'], {
    NODE_OPTIONS: `--require ${join(app.folder, 'loaded.cjs')}`,
  });
  expect(stderr).toBe('0\n');
});
