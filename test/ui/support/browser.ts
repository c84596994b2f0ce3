import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { REPOSITORY } from '../../support/child.js';
import { findChromium } from './chromium.js';

/** A page that collects violations. */
export interface WatchedPage {
  readonly page: Page;
  /** Requests to other servers, violations of the CSP, errors of scripts. */
  readonly violations: readonly string[];
  close(): Promise<void>;
}

interface PageOptions {
  readonly colorScheme?: 'light' | 'dark';
  readonly width?: number;
  /** Runs in the page before its own scripts. */
  readonly script?: string;
}

export async function startBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    throw new Error('No Chromium: run npm run build:browser, or set CHATDEBUG_TEST_CHROMIUM to its path');
  }
  // Chromium's sandbox does not work as root.
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({ executablePath, chromiumSandbox: !isRoot });
}

/** Opens an address of the server at `base`. */
export async function openPage(
  browser: Browser,
  base: string,
  path = 'page',
  { colorScheme = 'light', width = 1_200, script = '' }: PageOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const violations: string[] = [];
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !/^(data|blob):/.test(url)) violations.push(`request to ${url}`);
  });
  page.on('pageerror', (error) => violations.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    violations.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.exposeFunction('noteViolation', (text: string) => violations.push(text));
  await page.addInitScript(`
    addEventListener('securitypolicyviolation', (event) =>
      noteViolation('policy: ' + event.violatedDirective + ' ' + event.blockedURI));
    globalThis.attacked = () => noteViolation('a script of the content ran');
  `);
  await page.addInitScript(script);
  await page.goto(`${base}${path}`);
  return { page, violations, close: () => context.close() };
}

/** Loads the page with a run. A change of the fragment alone would show the previous run until this one is loaded. */
export async function showRun(page: Page, base: string, id: string | undefined): Promise<void> {
  await page.goto('about:blank');
  await page.goto(`${base}page#run=${id}`);
  await page.getByRole('article', { name: 'Run' }).getByRole('heading', { name: /^Step/ }).waitFor();
}

/** Waits until the page has this many elements: elements rendered after an action must not be counted at once. */
export async function countIs(locator: Locator, count: number): Promise<void> {
  if (count > 0) await locator.nth(count - 1).waitFor({ state: 'attached' });
  await locator.nth(count).waitFor({ state: 'detached' });
}

/** Opens everything that is folded, also inside. */
export async function unfold(page: Page): Promise<void> {
  await page.evaluate(`(async () => {
    const { shadowRoot } = document.querySelector('chat-debug-tab');
    for (;;) {
      const folded = shadowRoot.querySelectorAll('details:not([open])');
      if (folded.length === 0) return;
      for (const details of folded) details.open = true;
      await new Promise((resolve) => setTimeout(resolve));
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  })()`);
}

const ARTEFACTS = join(REPOSITORY, '.cache', 'ui');

/** Saves a screenshot of the page. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  mkdirSync(ARTEFACTS, { recursive: true });
  const file = `${name.replace(/[^\w.-]+/g, '-').slice(0, 80)}.png`;
  await page.screenshot({ path: join(ARTEFACTS, file), animations: 'disabled' });
}
