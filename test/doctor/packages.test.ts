import { checkApi } from '../../src/doctor/api-copies.js';
import type { Finding } from '../../src/doctor/check.js';
import { checkClients } from '../../src/doctor/clients.js';
import { checkInstalled } from '../../src/doctor/installed.js';
import { checkNode } from '../../src/doctor/node-version.js';
import { OUR_FOLDER, OUR_NAME } from '../../src/doctor/package-file.js';
import { reachablePackages } from '../../src/doctor/package-tree.js';
import { checkSdk } from '../../src/doctor/sdk-line.js';
import { isBelow } from '../../src/doctor/version-number.js';
import { VERSION } from '../../src/version.js';
import { type Application, newApplication } from './support/application.js';

const API = '@opentelemetry/api';
const [{ version: OURS = '' } = {}] = reachablePackages(OUR_FOLDER).filter(({ name }) => name === API);
const [MAJOR, MINOR, PATCH] = OURS.split('.').map(Number);

let app: Application;
beforeEach(() => {
  app = newApplication();
});
afterEach(() => app.remove());

const text = ({ says, advice }: Finding): string => [says, ...advice].join('\n');

/** Installs packages where the application finds them: `a`, or `a/b` for the b that only a finds. */
function install(packages: Readonly<Record<string, string>>, dependencies = Object.keys(packages)): void {
  app.write('package.json', {
    name: 'app',
    dependencies: Object.fromEntries(dependencies.map((name) => [name, '*'])),
  });
  for (const [path, version] of Object.entries(packages)) {
    const name = path.split(' > ').at(-1);
    const inside = Object.keys(packages).filter((one) => one.startsWith(`${path} > `));
    const needs = Object.fromEntries(inside.map((one) => [one.split(' > ').at(-1), '*']));
    const folder = path.split(' > ').join('/node_modules/');
    app.write(`node_modules/${folder}/package.json`, { name, version, dependencies: needs });
  }
}

describe('the API', () => {
  test.each([
    ['none of its own', {}, 'ok', /one copy/],
    ['a second copy of one version', { [API]: OURS }, 'ok', /2 copies of one version/],
    [
      'an older minor version',
      { [API]: `${MAJOR}.${Number(MINOR) - 1}.0` },
      'fail',
      /of different versions\n.*npm dedupe/s,
    ],
    [
      'another one further down',
      { tracing: '1.0.0', [`tracing > ${API}`]: '1.4.1' },
      'fail',
      /1\.4\.1 in node_modules\/tracing/,
    ],
    [
      'another patch version',
      { [API]: `${MAJOR}.${MINOR}.${Number(PATCH) + 1}` },
      'warn',
      /different patch versions/,
    ],
  ] as const)('%s', (_, packages, state, words) => {
    install(
      packages,
      Object.keys(packages).filter((path) => !path.includes(' > ')),
    );
    const finding = checkApi(app.surroundings());
    expect([finding.state, text(finding)]).toEqual([state, expect.stringMatching(words)]);
  });

  test('one that nothing depends on is not loaded, and not counted', () => {
    install({ [API]: '1.2.0' }, []);
    expect(checkApi(app.surroundings()).state).toBe('ok');
  });

  test("pnpm's links lead to one copy", () => {
    const store = `node_modules/.pnpm/api@1/node_modules/${API}`;
    app.write('package.json', { name: 'app', dependencies: { [API]: '*', tracing: '*' } });
    app.write(`${store}/package.json`, { name: API, version: OURS });
    app.write('node_modules/.pnpm/tracing@1/node_modules/tracing/package.json', {
      name: 'tracing',
      version: '1.0.0',
      peerDependencies: { [API]: '*' },
    });
    app.link(`node_modules/${API}`, `${app.folder}/${store}`);
    app.link(`node_modules/.pnpm/tracing@1/node_modules/${API}`, `${app.folder}/${store}`);
    app.link('node_modules/tracing', `${app.folder}/node_modules/.pnpm/tracing@1/node_modules/tracing`);
    const found = reachablePackages(app.folder).map(({ name, folder }) => [name, folder]);
    expect(found).toEqual([
      [API, `${app.folder}/${store}`],
      ['tracing', `${app.folder}/node_modules/.pnpm/tracing@1/node_modules/tracing`],
    ]);
  });
});

describe('the SDK', () => {
  test.each([
    ['none', {}, {}, 'ok', /none of its own/],
    ['2.x', { '@opentelemetry/sdk-trace-base': '2.0.1' }, {}, 'ok', /the application has 2\.0\.1/],
    ['3.x', { '@opentelemetry/sdk-trace': '3.1.1' }, { CHATDEBUG_PIPELINE: 'app' }, 'ok', /has 3\.1\.1/],
    ['1.x', { '@opentelemetry/sdk-trace-base': '1.30.0' }, {}, 'warn', /made for 2\.x and 3\.x/],
    [
      '1.x as the pipeline',
      { '@opentelemetry/sdk-trace-base': '1.30.0' },
      { CHATDEBUG_PIPELINE: 'app' },
      'fail',
      /Leave it out/,
    ],
  ] as const)('%s', (_, packages, env, state, words) => {
    install(packages);
    const finding = checkSdk(app.surroundings(env));
    expect([finding.state, text(finding)]).toEqual([state, expect.stringMatching(words)]);
  });
});

test.each([
  ['none', {}, 'ok', /none of those that are known/],
  ['by fetch', { openai: '6.49.0', ai: '6.0.0' }, 'ok', /^openai 6\.49\.0, ai 6\.0\.0$/],
  [
    'by node:http',
    { openai: '4.104.0', '@anthropic-ai/sdk': '0.39.0' },
    'warn',
    /Of openai 4\.104\.0 and @anthropic-ai\/sdk 0\.39\.0 only/,
  ],
] as const)('clients: %s', (_, packages, state, words) => {
  install(packages);
  const finding = checkClients(app.surroundings());
  expect([finding.state, text(finding)]).toEqual([state, expect.stringMatching(words)]);
});

describe('this package', () => {
  test('is not installed', () => {
    const { state, advice } = checkInstalled(app.surroundings());
    expect([state, advice]).toEqual(['fail', [expect.stringContaining(`npm install ${OUR_NAME}`)]]);
  });

  test('is another copy than the one that looks', () => {
    install({ [OUR_NAME]: '0.0.1' });
    expect(checkInstalled(app.surroundings())).toMatchObject({
      state: 'warn',
      says: `the application has 0.0.1, the doctor is ${VERSION}`,
    });
  });

  test('is the one that looks, by a link', () => {
    app.link(`node_modules/${OUR_NAME}`, OUR_FOLDER);
    expect(checkInstalled(app.surroundings()).state).toBe('ok');
  });
});

test.each([
  ['18.20.8', 'fail'],
  ['20.18.3', 'fail'],
  ['20.19.0', 'ok'],
  ['22.3.0', 'ok'],
  ['26.0.0-nightly', 'ok'],
])('Node.js %s: %s', (version, state) => {
  expect(checkNode(undefined, version).state).toBe(state);
});

test.each([
  ['1.9.0', '1.10.0', true],
  ['1.10.0', '1.9.9', false],
  ['2.0.0', '1.9.9', false],
  ['1.9.1', '1.9.1', false],
  ['v20', '20.0.1', true],
])('%s is below %s: %s', (version, least, below) => {
  expect(isBelow(version, least)).toBe(below);
});
