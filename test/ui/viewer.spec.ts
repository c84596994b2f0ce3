import type { Browser, Locator, Page } from 'playwright-core';
import { jsonSpan, newId, runIds, runSpan, send, viewers } from '../viewer/support.js';
import { countIs, keepPicture, openPage, startBrowser, type WatchedPage } from './support/browser.js';

const { start, remove } = viewers();
/** The state of the page. */
interface Window {
  getComputedStyle(element: unknown): { readonly opacity: string };
}

let browser: Browser;
let watched: WatchedPage;
let page: Page;

beforeAll(async () => {
  browser = await startBrowser();
});
afterEach(async () => {
  expect(watched.violations).toEqual([]);
  await watched.close();
});
afterAll(async () => {
  await browser?.close();
  await remove();
});

async function open(viewer: { readonly url: string }, path = ''): Promise<void> {
  watched = await openPage(browser, `${viewer.url}/`, path);
  page = watched.page;
}

const cards = (): Locator => page.getByRole('list', { name: /^Runs, / }).getByRole('button');
const failure = {
  'chatdebug.run.status': 'error',
  'chatdebug.error.kind': 'generic',
  'chatdebug.error.message': 'It broke.',
};

test('runs of all chats appear without a reload, the newest failed one first', async () => {
  const viewer = await start();
  const now = Date.now();
  await open(viewer);
  await page.getByText('No runs are recorded yet.').waitFor();
  await send(
    viewer,
    runSpan('failed before', { chat: 'a', at: now - 9_000, attributes: failure }),
    runSpan('well', { chat: 'b', at: now - 1_000 }),
  );
  await page.getByText('chat b').waitFor();
  await send(viewer, runSpan('failed now', { chat: 'c', at: now - 5_000, attributes: failure }));
  await page.getByText('chat c').waitFor();
  expect((await cards().allInnerTexts()).map((text) => /chat (\w)/.exec(text)?.[1])).toEqual(['c', 'a', 'b']);
  await page.getByLabel('Order').selectOption('newest');
  await cards().first().filter({ hasText: 'chat b' }).waitFor();
  expect((await cards().allInnerTexts()).map((text) => /chat (\w)/.exec(text)?.[1])).toEqual(['b', 'c', 'a']);
});

test('spans of other instrumentations are dimmed in the waterfall of a run', async () => {
  const viewer = await start();
  const traceId = newId(32);
  const server = jsonSpan({ traceId, name: 'POST /chat', durationMillis: 100 });
  const run = runSpan('a', { traceId, chat: 'c', parentSpanId: server.spanId });
  await send(viewer, server, run, jsonSpan({ traceId, parentSpanId: run.spanId, name: 'SELECT users' }));
  await open(viewer, '#run=a');
  await page.getByText('SELECT users').waitFor();
  const rows = page.locator('.waterfall .row');
  expect(await rows.evaluateAll((all) => all.map((row) => row.className))).toEqual([
    'row other',
    'row run',
    'row other',
  ]);
  const opacity = (row: number) =>
    rows
      .nth(row)
      .locator('.bar-of')
      .evaluate((bar) => (globalThis as unknown as Window).getComputedStyle(bar).opacity);
  expect([await opacity(0), await opacity(1)]).toEqual(['0.5', '1']);
  await rows.nth(2).click();
  await page.getByText('A span of another instrumentation in the same trace.').waitFor();
  await keepPicture(page, 'viewer-other-spans');
});

test('one chat is shown alone, and deleted after a confirmation, also on other pages', async () => {
  const viewer = await start();
  const chat = 'team/a b/🦉?#%2F <img src=x onerror=attacked()>';
  await send(viewer, runSpan('mine', { chat }), runSpan('yours', { chat: 'another' }));
  await open(viewer);
  await page.getByText('chat another').waitFor();
  const other = await openPage(browser, `${viewer.url}/`, '#run=mine');
  await other.page.getByRole('heading', { name: 'chat_turn' }).waitFor();

  await page.getByText(`chat ${chat}`).click();
  await page.getByRole('link', { name: 'Only this chat' }).click();
  await page.getByText(`Chat ${chat}`).waitFor();
  await countIs(cards(), 1);
  await page.getByRole('button', { name: 'Delete this chat' }).click();
  await page.getByRole('button', { name: 'Keep' }).click();
  expect(await runIds(viewer)).toHaveLength(2);
  await page.getByRole('button', { name: 'Delete this chat' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByText('Nothing is recorded for this chat.').waitFor();
  expect(await runIds(viewer)).toEqual(['yours']);

  await other.page.getByText('Select a run to see its steps.').waitFor();
  await countIs(other.page.locator('.card'), 1);
  await other.page.getByRole('button', { name: 'Delete everything' }).click();
  await other.page.getByRole('button', { name: 'Delete', exact: true }).click();
  await other.page.getByText('No runs are recorded yet.').waitFor();
  expect(await runIds(viewer)).toEqual([]);
  expect(other.violations).toEqual([]);
  await other.close();
});
