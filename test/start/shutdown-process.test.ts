import { type ChildOptions, runNode } from '../support/child.js';
import { startRefusingPort } from '../support/loopback.js';
import { buildTree } from '../support/tree.js';
import { type Endpoints, startEndpoints } from './support/endpoints.js';
import { IMPORT_REGISTER, program } from './support/program.js';

let endpoints: Endpoints;
beforeEach(async () => {
  endpoints = await startEndpoints();
});
afterEach(() => endpoints.close());

const run = (body: string, { env, nodeOptions = [] }: Pick<ChildOptions, 'env' | 'nodeOptions'> = {}) =>
  runNode(program(body), {
    env: { OTEL_EXPORTER_OTLP_TIMEOUT: '300', ...endpoints.env, ...env },
    nodeOptions,
  });

test('shutdown leaves no timer, handle or listener, unreferenced ones included', async () => {
  // A remaining timer would keep the process alive until it is killed.
  const body = `import { createHook } from 'node:async_hooks';
    const timers = new Set();
    createHook({
      init: (id, type) => { if (type === 'Timeout') timers.add(id); },
      destroy: (id) => timers.delete(id),
    }).enable();
    const listeners = process.listenerCount('exit');
    const handle = startChatDebug();
    const whileStarted = [timers.size, process.listenerCount('exit') - listeners];
    await withRun({ chatId: 'c' }, () => withStep({}, () => 1));
    await handle.shutdown();
    while (timers.size > 0) await new Promise(setImmediate);
    const resources = process.getActiveResourcesInfo().filter((name) => !/Pipe|TTY|Immediate/.test(name));
    console.log(JSON.stringify([whileStarted, process.listenerCount('exit') - listeners, resources]));`;
  const { stdout, stderr, code } = await run(body);
  expect([stderr, code, JSON.parse(stdout)]).toEqual(['', 0, [[1, 1], 0, []]]);
  expect(buildTree(endpoints.receiver.spans)).toMatchObject([{ chatId: 'c', steps: [{ number: 1 }] }]);
});

test('with one start never shut down and one that is, the process exits by itself', async () => {
  expect(await run("startChatDebug(); await turn('never'); ")).toMatchObject({ code: 0, stderr: '' });
  const body =
    "const handle = startChatDebug(); await turn('shut down'); await handle.shutdown(); console.log('last line');";
  expect(await run(body)).toMatchObject({ code: 0, stdout: 'last line\n' });
  expect(buildTree(endpoints.receiver.spans).map(({ chatId }) => chatId)).toEqual(['never', 'shut down']);
});

test('an endpoint that refuses or is unreachable does not affect the application', async () => {
  endpoints.receiver.respond(() => ({ type: 'json', status: 400, body: {} }));
  const body = `const handle = startChatDebug({ shutdownTimeoutMillis: 300 }); process.on('unhandledRejection', (e) => console.log('unhandled', e));
    await turn('c'); console.log(await handle.forceFlush()); await turn('d'); console.log(await handle.shutdown());`;
  expect(await run(body)).toMatchObject({ code: 0, stdout: 'undefined\nundefined\n', stderr: '' });
  const { url, release } = await startRefusingPort();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url };
  expect(await run(body, { env })).toMatchObject({ code: 0, stdout: 'undefined\nundefined\n', stderr: '' });
  await release();
});

test('nothing is registered globally, after any start and recording', async () => {
  const body = `import { context, createContextKey, metrics, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
    import { registerInstrumentations } from '@opentelemetry/instrumentation';
    registerInstrumentations({ instrumentations: [new ChatDebugInstrumentation()] });
    await turn('c');
    const seen = await withRun({}, (run) => withStep({}, async () => {
      const key = createContextKey('of the application');
      const span = trace.getTracer('application').startSpan('none');
      const carrier = {};
      propagation.inject(trace.setSpanContext(ROOT_CONTEXT, { traceId: run.traceId, spanId: 'a'.repeat(16), traceFlags: 1 }), carrier);
      return [trace.getActiveSpan() ?? null, span.isRecording(), carrier, propagation.fields(),
        context.with(ROOT_CONTEXT.setValue(key, 1), () => context.active().getValue(key)) ?? null,
        metrics.getMeterProvider().constructor.name];
    }));
    console.log(JSON.stringify(seen));`;
  const { stdout, stderr } = await run(body);
  expect([JSON.parse(stdout), stderr]).toEqual([[null, false, {}, [], null, 'NoopMeterProvider'], '']);
  expect(endpoints.receiver.spans).toHaveLength(4);
});

test('register: the application’s own beforeExit runs as often as it has work', async () => {
  const body =
    "let n = 0; process.on('beforeExit', () => { n += 1; }); process.on('exit', () => console.log(n)); await turn('c');";
  expect(await run(body, { nodeOptions: IMPORT_REGISTER })).toMatchObject({ stdout: '1\n', stderr: '' });
  expect(buildTree(endpoints.receiver.spans)).toMatchObject([{ chatId: 'c', status: 'completed' }]);
});
