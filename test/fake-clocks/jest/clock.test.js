const OpenAI = require('openai');
const { startChatDebug, withRun } = require('opentelemetry-instrumentation-chatdebug');

const { PROVIDER_URL = '' } = process.env;
const MESSAGES = [{ role: 'user', content: 'Hello' }];
const FAKES = {
  default: {},
  'not microtasks': { doNotFake: ['nextTick', 'queueMicrotask'] },
  legacy: { legacyFakeTimers: true },
};

afterEach(() => void jest.useRealTimers());

test.each(Object.entries(FAKES))('%s', async (chatId, fakes) => {
  jest.useFakeTimers(fakes.legacyFakeTimers ? fakes : { ...fakes, now: 0 });
  const chatDebug = startChatDebug({ capture: 'full' });
  const openai = new OpenAI({ apiKey: 'none', baseURL: `${PROVIDER_URL}/v1` });
  await withRun({ chatId }, async () => {
    const response = await fetch(`${PROVIDER_URL}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', messages: MESSAGES }),
    });
    await response.text();
    expect(jest.getTimerCount()).toBe(0);
    await openai.chat.completions.create({ model: 'm', messages: MESSAGES });
  });
  expect(jest.getTimerCount()).toBe(0);
  await chatDebug.forceFlush();
  await chatDebug.shutdown();
  expect(jest.getTimerCount()).toBe(0);
});
