import OpenAI from 'openai';
import { startChatDebug, withRun } from 'opentelemetry-instrumentation-chatdebug';
import { afterEach, expect, test, vi } from 'vitest';

const { PROVIDER_URL = '' } = process.env;
const MESSAGES = [{ role: 'user', content: 'Hello' }];
const FAKES = {
  default: {},
  immediate: { toFake: ['setImmediate', 'clearImmediate', 'performance', 'Date'] },
  everything: {
    toFake: [
      ...['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'],
      ...['performance', 'Date'],
    ],
  },
};

const NAMES = ['setTimeout', 'setInterval', 'setImmediate'];
let restore = () => {};
afterEach(() => {
  restore();
  vi.useRealTimers();
});

/** Fakes the clock, and gives the scripts that then set a timer. Node's own fetch does. */
function fakeClock(fakes) {
  vi.useFakeTimers({ ...fakes, now: 0 });
  const scripts = [];
  const faked = NAMES.map((name) => [name, globalThis[name]]);
  for (const [name, set] of faked) {
    globalThis[name] = (...args) => {
      scripts.push(new Error('set').stack.split('\n')[2]);
      return set(...args);
    };
  }
  restore = () => void Object.assign(globalThis, Object.fromEntries(faked));
  return scripts;
}

test.each(Object.entries(FAKES))('%s', async (chatId, fakes) => {
  const scripts = fakeClock(fakes);
  const chatDebug = startChatDebug({ capture: 'full' });
  expect(vi.getTimerCount()).toBe(0);
  const openai = new OpenAI({ apiKey: 'none', baseURL: `${PROVIDER_URL}/v1` });
  await withRun({ chatId }, async () => {
    const response = await fetch(`${PROVIDER_URL}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', messages: MESSAGES }),
    });
    await response.text();
    await openai.chat.completions.create({ model: 'm', messages: MESSAGES });
  });
  const count = vi.getTimerCount();
  await chatDebug.forceFlush();
  await chatDebug.shutdown();
  expect(vi.getTimerCount()).toBe(count);
  expect(scripts.filter((line) => /node_modules.(opentelemetry-|@opentelemetry)/.test(line))).toEqual([]);
  expect(Date.now()).toBe(0);
});
