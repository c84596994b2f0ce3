import { channel } from 'node:diagnostics_channel';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { type Instrumentation, registerInstrumentations } from '@opentelemetry/instrumentation';
import {
  ChatDebugInstrumentation,
  type ChatDebugInstrumentationConfig,
  withRun,
  withStep,
} from '../../src/index.js';
import { VERSION } from '../../src/version.js';
import { type ScriptedProvider, startProvider } from '../support/provider.js';
import { type FetchExporter, fetchExporter } from './support/fetch-exporter.js';

const watched = () => channel('undici:request:create').hasSubscribers;

let provider: ScriptedProvider;
let exporter: FetchExporter;
beforeAll(async () => {
  provider = await startProvider();
  provider.reply({ type: 'json', body: {} });
});
afterAll(() => provider.close());
beforeEach(() => {
  exporter = fetchExporter(`${provider.url}/export`);
});

const turn = (chatId: string) =>
  withRun({ chatId }, () => withStep({}, async () => (await fetch(provider.url)).json()));
const chats = () =>
  exporter.spans.flatMap(({ name, attributes }) =>
    name === 'invoke_workflow' ? attributes['gen_ai.conversation.id'] : [],
  );

test('registerInstrumentations accepts it, and its undo disables it', async () => {
  const instrumentation: ChatDebugInstrumentation & Instrumentation<ChatDebugInstrumentationConfig> =
    new ChatDebugInstrumentation({ capture: 'full', exporter });
  expect(watched()).toBe(true);
  const unregister = registerInstrumentations({ instrumentations: [instrumentation] });
  await turn('registered');
  await instrumentation.forceFlush();
  expect(chats()).toEqual(['registered']);
  unregister();
  expect(watched()).toBe(false);
  expect(instrumentation).toMatchObject({
    instrumentationName: 'opentelemetry-instrumentation-chatdebug',
    instrumentationVersion: VERSION,
  });
});

test('enabled: false waits for enable()', async () => {
  const instrumentation = new ChatDebugInstrumentation({ enabled: false, capture: 'full', exporter });
  expect([watched(), instrumentation.getConfig().enabled]).toEqual([false, false]);
  await turn('too early');
  instrumentation.enable();
  instrumentation.enable();
  await turn('enabled');
  await instrumentation.forceFlush();
  instrumentation.disable();
  expect([watched(), chats()]).toEqual([false, ['enabled']]);
});

test('registerInstrumentations enables it despite enabled: false', () => {
  const instrumentation = new ChatDebugInstrumentation({ enabled: false });
  registerInstrumentations({ instrumentations: [instrumentation] })();
  registerInstrumentations({ instrumentations: [instrumentation] });
  expect(watched()).toBe(true);
  instrumentation.disable();
});

test('disable() delivers kept runs, enable() starts again with the same exporter', async () => {
  const instrumentation = new ChatDebugInstrumentation({ capture: 'full', exporter });
  await turn('one');
  instrumentation.disable();
  instrumentation.disable();
  await turn('disabled');
  instrumentation.enable();
  await turn('two');
  await instrumentation.forceFlush();
  instrumentation.disable();
  await exporter.sent();
  expect([chats(), exporter.shutDown, watched()]).toEqual([['one', 'two'], false, false]);
});

test.each([
  [null, 'null'],
  ['full', '"full"'],
  [1, '1'],
])('a configuration that is %p is refused, as by startChatDebug', (config, shown) => {
  const bad = config as unknown as ChatDebugInstrumentationConfig;
  const message = `Invalid config ${shown}: expected an object`;
  expect(() => new ChatDebugInstrumentation(bad)).toThrow(message);
  const instrumentation = new ChatDebugInstrumentation({ enabled: false, capture: 'full' });
  expect(() => instrumentation.setConfig(bad)).toThrow(message);
  expect([watched(), instrumentation.getConfig()]).toEqual([false, { enabled: false, capture: 'full' }]);
});

test('setConfig takes effect with the next enable(), and logs so', async () => {
  const instrumentation = new ChatDebugInstrumentation({ exporter, capture: 'off' });
  await turn('off');
  const said: unknown[] = [];
  const quiet = () => {};
  const warn = (...line: unknown[]) => void said.push(line.at(-1));
  diag.setLogger({ error: quiet, warn, info: quiet, debug: quiet, verbose: quiet }, DiagLogLevel.WARN);
  instrumentation.setConfig({ capture: 'full', exporter, serviceName: 'later' });
  diag.disable();
  expect(said).toEqual(['setConfig() takes effect with the next enable()']);
  await turn('still off');
  instrumentation.disable();
  instrumentation.enable();
  await turn('on');
  await instrumentation.forceFlush();
  instrumentation.disable();
  expect(chats()).toEqual(['on']);
  expect(exporter.spans[0]?.resource.attributes['service.name']).toBe('later');
  expect(instrumentation.getConfig()).toMatchObject({ enabled: true, serviceName: 'later' });
});
