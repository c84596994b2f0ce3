import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import type { Browser, Locator, Page } from 'playwright-core';
import { createDebugTab, type DebugTab, processRuns, toNodeHandler } from '../../src/debug-tab/index.js';
import { withRun } from '../../src/index.js';
import { completion, completionStream, openaiError } from '../support/openai-replies.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';
import { countIs, openPage, startBrowser, type WatchedPage } from './support/browser.js';

/** The page with its own server, in an application that records. */
let browser: Browser;
let recording: Recording;
let tab: DebugTab;
let server: Server;
let watched: WatchedPage;
let page: Page;
let openai: OpenAI;
const inFull = new Set<string>();

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

beforeEach(async () => {
  inFull.clear();
  recording = await startRecording({
    capture: undefined,
    captureFor: ({ chatId }) => (inFull.has(chatId ?? '') ? 'full' : 'errors'),
  });
  openai = new OpenAI({ apiKey: 'k', baseURL: `${recording.provider.url}/v1`, maxRetries: 0 });
  tab = createDebugTab({
    source: processRuns(),
    authorize: (_, chatId) => chatId !== 'of somebody else',
    setCapture: (chatId, capture) => void (capture === 'full' ? inFull.add(chatId) : inFull.delete(chatId)),
  });
  server = createServer(toNodeHandler(tab)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
});
afterEach(async () => {
  expect(watched.violations).toEqual([]);
  await watched.close();
  tab.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await recording.stop();
});

async function open(chatId: string): Promise<void> {
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/debug-tab/`;
  watched = await openPage(browser, base, `?chat=${encodeURIComponent(chatId)}`);
  page = watched.page;
}

function turn(chatId: string, reply: Reply): Promise<unknown> {
  recording.provider.reply(reply);
  const messages = [{ role: 'user' as const, content: 'Rain?' }];
  return withRun({ chatId, ownerId: 'u' }, async () => {
    const stream = await openai.chat.completions.create({ model: 'model-1', messages, stream: true });
    for await (const _ of stream);
  }).catch(() => {});
}

const cards = (): Locator => page.getByRole('list', { name: 'Runs, the newest first' }).getByRole('button');
const BROKEN = openaiError(500, null, 'server_error', 'Something broke');
const CHAT = 'a/ü 🙂?&"';

test('the tab appears with the first failure of a chat, and shows it', async () => {
  await open(CHAT);
  await page.getByText('Nothing is recorded for this chat.').waitFor();
  await turn(CHAT, completion('Fine.'));
  await turn(CHAT, BROKEN);
  await recording.handle.forceFlush();
  await page.reload();
  await cards().filter({ hasText: 'generic: Something broke' }).click();
  await page.getByRole('heading', { name: 'Step 1: stream model-1' }).waitFor();
  await countIs(cards(), 1);
});

test('a turn is shown while it runs, in full capture if switched on, and then with its steps', async () => {
  await turn(CHAT, BROKEN);
  await open(CHAT);
  await page.getByRole('checkbox', { name: 'Record this chat in full' }).check();
  await page.getByText('New runs of this chat are recorded in full.').waitFor();
  const whole = completionStream('It rains.');
  const hanging = turn(CHAT, { ...whole, events: whole.events.slice(0, 2), hangAfter: 2 });
  const live = cards().filter({ hasText: 'in progress' });
  await live.filter({ hasText: /step 1, for \d+ s/ }).click();
  await page.getByText('The run has not ended yet.').waitFor();
  await recording.provider.close();
  await hanging;
  await page.getByRole('heading', { name: 'Step 1: stream model-1' }).waitFor();
  await page.getByText('timeout', { exact: true }).first().waitFor();
});

test('a successful turn in errors capture disappears when it ends', async () => {
  await turn(CHAT, BROKEN);
  await open(CHAT);
  await cards().first().waitFor();
  let answer = (_: Reply): void => {};
  recording.provider.route(() => new Promise((resolve) => (answer = resolve)));
  const slow = turn(CHAT, BROKEN);
  await cards().filter({ hasText: 'in progress' }).waitFor();
  answer(completionStream('It rains.'));
  await slow;
  await cards().filter({ hasText: 'in progress' }).waitFor({ state: 'detached' });
  await countIs(cards(), 1);
});

test('a chat of another user is not shown', async () => {
  await turn('of somebody else', BROKEN);
  await open('of somebody else');
  await page.getByText('The server answered with status 404: not found.').waitFor();
  expect(await page.locator('.tab').count()).toBe(0);
});
