import type { Browser, Locator, Page } from 'playwright-core';
import type { RunDetail } from '../../../src/debug-tab/contract.js';
import { openPage, startBrowser, type WatchedPage } from './browser.js';
import { recordDemo } from './demo.js';
import { type FixtureServer, startFixtureServer } from './fixture-server.js';

let browser: Browser;

/** The demo's runs, in each capture. */
export let full: readonly RunDetail[];
export let errors: readonly RunDetail[];

export let server: FixtureServer;
export let page: Page;
let watched: WatchedPage;

/** Registers the hooks of a test file: a browser for all tests, a server and a page for each that calls `open`. */
export function useTab(): void {
  beforeAll(async () => {
    [full, errors, browser] = await Promise.all([recordDemo('full'), recordDemo('errors'), startBrowser()]);
  });
  afterEach(async () => {
    expect(watched.violations).toEqual([]);
    await watched.close();
    await server.close();
  });
  afterAll(() => browser?.close());
}

/**
 * Opens the page on a server that has `runs`.
 *
 * @param state the state of the chat, by default that the tab is shown
 */
export async function open(
  runs: readonly RunDetail[],
  { path = 'page?chat=travel-1', state }: { path?: string; state?: FixtureServer['state'] } = {},
): Promise<void> {
  server = await startFixtureServer(runs);
  if (state) server.state = state;
  watched = await openPage(browser, server.base, path);
  page = watched.page;
}

export const cards = (): Locator =>
  page.getByRole('list', { name: 'Runs, the newest first' }).getByRole('button');

export const run = (): Locator => page.getByRole('article', { name: 'Run' });

export const timeline = (): Locator => page.getByRole('list', { name: 'Steps and attempts over time' });

export const row = (name: string): Locator => timeline().getByRole('button', { name });

/** Opens a part of the run and returns it once it is rendered. */
export async function expand(title: string | RegExp): Promise<Locator> {
  const summary = run().locator('summary', { hasText: title });
  await summary.click();
  const content = summary.locator('xpath=following-sibling::*');
  await content.waitFor();
  return content;
}
