import { join } from 'node:path';
import * as manifest from '../../package.json';
import type * as AiSdk from '../../src/ai-sdk/index.js';
import type * as Main from '../../src/index.js';
import type * as Query from '../../src/query/index.js';
import { REPOSITORY } from '../support/child.js';
import { exportsWithoutNode, loadWithoutNode } from './edge-runtime.js';

const CONDITIONS = ['edge-light', 'workerd', 'browser'] as const;
const ENTRIES = ['.', './register', './ai-sdk', './query'] as const;

const names = (module: object) => Object.keys(module).sort();
const methods = ({ prototype }: { prototype: object }) => Object.getOwnPropertyNames(prototype).sort();

const main = loadWithoutNode<typeof Main>(manifest.exports['.']['edge-light'].default);
const aiSdk = loadWithoutNode<typeof AiSdk>(manifest.exports['./ai-sdk']['edge-light'].default);

describe.each(ENTRIES)('%s', (entry) => {
  const targets = manifest.exports[entry];

  test.each(CONDITIONS)(
    'under %s it has the same names as in Node.js, and loads nothing of Node.js',
    async (condition) => {
      // In Node.js, loading it starts the recording.
      const inNode: object = entry === './register' ? {} : require(join(REPOSITORY, targets.default));
      const { import: module, default: commonJs } = targets[condition];
      expect(names(loadWithoutNode(commonJs))).toEqual(names(inNode));
      expect((await exportsWithoutNode(module)).sort()).toEqual(names(inNode));
    },
  );

  test('its conditions come before those of Node.js and after the types', () => {
    expect(Object.keys(targets).filter((key) => key !== 'import')).toEqual([
      'types',
      ...CONDITIONS,
      'default',
    ]);
    expect(Object.keys(targets).at(-1)).toBe('default');
  });
});

test("/edge has the names of the main entry, and loads only what Vercel's Edge Runtime has of Node.js", async () => {
  const file = manifest.exports['./edge']['edge-light'];
  const exported = await exportsWithoutNode(file, 'node:async_hooks', 'node:buffer', 'node:util');
  expect(exported.sort()).toEqual(names(require(join(REPOSITORY, manifest.exports['.'].default))));
});

test('/query needs no Node.js', () => {
  const query = loadWithoutNode<typeof Query>(manifest.exports['./query'].default);
  expect(typeof query.jaegerRuns({ endpoint: 'http://localhost:16686', service: 's' }).list).toBe('function');
});

test('functions that take a function call it and return its result', async () => {
  const answer = {};
  expect(main.withRun({ chatId: 'c' }, () => answer)).toBe(answer);
  expect(main.withStep({ operation: 'stream' }, () => answer)).toBe(answer);
  expect(main.reuseStep(() => answer)).toBe(answer);
  expect(main.startRun({}).with(() => answer)).toBe(answer);
  const error = new Error('odd');
  await expect(main.withRun({}, () => Promise.reject(error))).rejects.toBe(error);
});

test('runs and steps accept every call', () => {
  const run = main.startRun({ runId: 'r' });
  expect([run.id, run.traceId]).toEqual(['r', undefined]);
  expect(main.startRun({}).id).toMatch(/^[0-9a-f]{8}-/);
  run.fail(new Error('odd'));
  run.end();
  main.withStep({}, (step) => {
    step.usage({ inputTokens: 1 });
    step.fail(new Error('odd'));
    step.interrupt();
    step.complete();
    expect(step.number).toBe(0);
  });
});

test.each([
  ['startChatDebug', () => main.startChatDebug({ capture: 'full' })],
  ['chatDebug', () => main.chatDebug()],
])('the handle of %s does nothing', async (_, start) => {
  const handle = start();
  await handle.forceFlush();
  await handle.shutdown();
  expect(handle.stats()).toMatchObject({ liveRuns: 0, runs: { started: 0 } });
  expect(await handle.captureOf({ chatId: 'c' })).toBe('off');
  expect(handle.keptRuns('c')).toEqual([]);
});

test('the instrumentation has the same methods as in Node.js', async () => {
  const inNode: typeof Main = require(join(REPOSITORY, manifest.exports['.'].default));
  expect(methods(main.ChatDebugInstrumentation)).toEqual(methods(inNode.ChatDebugInstrumentation));
  const instrumentation = new main.ChatDebugInstrumentation({ capture: 'full' });
  instrumentation.enable();
  await instrumentation.forceFlush();
  instrumentation.disable();
  expect(instrumentation.getConfig()).toEqual({ capture: 'full', enabled: true });
});

test('pure functions work as elsewhere', () => {
  expect(main.classifyError({ status: 429, headers: { 'retry-after': '2' } })).toMatchObject({
    kind: 'rate_limit',
    retryAfterMillis: 2000,
  });
  const error = main.attachClassification(new Error('odd'), { kind: 'config' });
  expect(main.explainError(error).classification.kind).toBe('config');
  expect(String(new main.ErrorKindSampler())).toContain('keepKinds=generic');
});

test('a fetch is returned unchanged, and the global one stays in place', () => {
  expect(main.recordedFetch(fetch)).toBe(fetch);
  const bare = globalThis.fetch;
  main.installFetch()();
  expect(globalThis.fetch).toBe(bare);
});

test('models and providers are returned unchanged, and the middleware makes the call', async () => {
  const model = { specificationVersion: 'v3', provider: 'p', modelId: 'm' };
  expect(aiSdk.wrapModel(model)).toBe(model);
  expect(aiSdk.wrapProvider(model)).toBe(model);
  const answer = {};
  const middleware = aiSdk.chatDebugMiddleware({ specificationVersion: 'v3' });
  const call = { params: {}, model };
  expect(await middleware.wrapGenerate({ ...call, doGenerate: async () => answer })).toBe(answer);
  expect(await middleware.wrapStream({ ...call, doStream: async () => answer })).toBe(answer);
  expect(middleware.specificationVersion).toBe('v3');
});
