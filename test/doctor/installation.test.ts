import type { Finding } from '../../src/doctor/check.js';
import {
  checkApi,
  checkClients,
  checkInstalled,
  checkNode,
  checkSdk,
  OUR_FOLDER,
  OUR_NAME,
  reachablePackages,
} from '../../src/doctor/installation.js';
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

const text = ({ message, advice }: Finding): string => [message, ...advice].join('\n');

/** Installs packages for the application: `a`, or `a/b` for a `b` that only `a` resolves. */
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
    ['no own copy', {}, 'ok', /one copy/],
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
    const finding = checkApi(app.context());
    expect([finding.state, text(finding)]).toEqual([state, expect.stringMatching(words)]);
  });

  test('a copy that nothing depends on is neither loaded nor counted', () => {
    install({ [API]: '1.2.0' }, []);
    expect(checkApi(app.context()).state).toBe('ok');
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
    ['none', {}, {}, 'ok', /none in the application/],
    ['2.x', { '@opentelemetry/sdk-trace-base': '2.0.1' }, {}, 'ok', /^2\.0\.1$/],
    ['3.x', { '@opentelemetry/sdk-trace': '3.1.1' }, { CHATDEBUG_PIPELINE: 'app' }, 'ok', /^3\.1\.1$/],
    ['1.x', { '@opentelemetry/sdk-trace-base': '1.30.0' }, {}, 'warn', /require 2\.x or 3\.x/],
    [
      '1.x as the pipeline',
      { '@opentelemetry/sdk-trace-base': '1.30.0' },
      { CHATDEBUG_PIPELINE: 'app' },
      'fail',
      /unset CHATDEBUG_PIPELINE/,
    ],
  ] as const)('%s', (_, packages, env, state, words) => {
    install(packages);
    const finding = checkSdk(app.context(env));
    expect([finding.state, text(finding)]).toEqual([state, expect.stringMatching(words)]);
  });
});

test.each([
  ['none', {}, 'ok', /no known client/],
  ['by fetch', { openai: '6.49.0', ai: '6.0.0' }, 'ok', /^openai 6\.49\.0, ai 6\.0\.0$/],
  [
    'by node:http',
    { openai: '4.104.0', '@anthropic-ai/sdk': '0.39.0' },
    'ok',
    /^openai 4\.104\.0, @anthropic-ai\/sdk 0\.39\.0$/,
  ],
  [
    'by node:http2',
    { '@aws-sdk/client-bedrock-runtime': '3.1164.0' },
    process.versions.node.startsWith('20.') ? 'warn' : 'ok',
    /client-bedrock-runtime 3\.1164\.0/,
  ],
] as const)('clients: %s', (_, packages, state, words) => {
  install(packages);
  const finding = checkClients(app.context());
  expect([finding.state, text(finding)]).toEqual([state, expect.stringMatching(words)]);
});

describe('this package', () => {
  test('is not installed', () => {
    const { state, advice } = checkInstalled(app.context());
    expect([state, advice]).toEqual(['fail', [expect.stringContaining(`npm install ${OUR_NAME}`)]]);
  });

  test('is another copy than the running one', () => {
    install({ [OUR_NAME]: '0.0.1' });
    expect(checkInstalled(app.context())).toMatchObject({
      state: 'warn',
      message: `the application has 0.0.1, this doctor is ${VERSION} in ${OUR_FOLDER}`,
    });
  });

  test('is the running one, by a link', () => {
    app.link(`node_modules/${OUR_NAME}`, OUR_FOLDER);
    expect(checkInstalled(app.context()).state).toBe('ok');
  });
});

test.each([
  ['18.20.8', 'fail'],
  ['20.18.3', 'fail'],
  ['20.19.0', 'ok'],
  ['22.3.0', 'ok'],
  ['20.19.0-nightly', 'fail'],
  ['26.0.0-nightly', 'ok'],
])('Node.js %s: %s', (version, state) => {
  expect(checkNode(undefined, version).state).toBe(state);
});
