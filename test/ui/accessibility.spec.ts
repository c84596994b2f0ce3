import { readFileSync } from 'node:fs';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import type { Card, RunDetail } from '../../src/debug-tab/contract.js';
import { keepPicture, openPage, showRun, startBrowser, unfold } from './support/browser.js';
import { recordDemo } from './support/demo.js';
import { type FixtureServer, startFixtureServer } from './support/fixture-server.js';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
let server: FixtureServer;
let runs: readonly RunDetail[];

beforeAll(async () => {
  const [full, errors, started] = await Promise.all([
    recordDemo('full'),
    recordDemo('errors'),
    startBrowser(),
  ]);
  browser = started;
  runs = [...full, ...errors];
});
beforeEach(async () => {
  server = await startFixtureServer(runs);
});
afterEach(() => server.close());
afterAll(() => browser?.close());

async function findings(page: Page): Promise<string[]> {
  const { violations, passes } = (await page.evaluate('axe.run()')) as AxeResults;
  // It has checked the content of the element.
  expect(passes.find(({ id }) => id === 'color-contrast')?.nodes.length).toBeGreaterThan(5);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}

const SCREENS = [
  ['light', 1_200],
  ['dark', 1_200],
  ['light', 420],
] as const;

test.each(SCREENS)('axe finds nothing in the %s scheme at a width of %i', async (colorScheme, width) => {
  const { page, violations, close } = await openPage(browser, server.base, 'page', {
    colorScheme,
    width,
    script: AXE,
  });
  await page.locator('.card').first().waitFor();
  await server.listened();
  const live = { step: 1, since: Date.now(), bytes: 10, silentMillis: 0 };
  const run = { ...runs[0]?.run, id: 'live', status: 'in_progress', startedAt: Date.now(), live } as Card;
  server.send('runs', { runs: [run] });
  await page.locator('.spinner').waitFor();
  expect(await findings(page)).toEqual([]);
  for (const { run } of [runs[2], runs.at(-1)] as RunDetail[]) {
    await showRun(page, server.base, run.id);
    await unfold(page);
    expect(await findings(page)).toEqual([]);
    await keepPicture(page, `${colorScheme} ${width} ${run.capture} ${run.status}`);
  }
  expect(violations).toEqual([]);
  await close();
});

test('everything is reachable by keyboard', async () => {
  const { page, violations, close } = await openPage(browser, server.base, 'page?chat=travel-1');
  const { keyboard } = page;
  await page.locator('.card').first().waitFor();
  const tabUntil = async (name: RegExp): Promise<void> => {
    for (let presses = 0; presses < 60; presses += 1) {
      await keyboard.press('Tab');
      if (name.test(await focused(page))) return;
    }
    throw new Error(`Tab does not come to ${name}`);
  };
  await tabUntil(/Record this chat in full/);
  await keyboard.press('Space');
  await page.getByText('New runs of this chat are recorded in full.').waitFor();
  await tabUntil(/^Filter the runs/);
  await keyboard.type('generic');
  await tabUntil(/^Status/);
  await tabUntil(/generic: The server had an error/);
  await keyboard.press('Tab');
  // The list is one tab stop. Arrow keys move within it.
  expect(await focused(page)).not.toMatch(/generic: The server/);
  await keyboard.press('Shift+Tab');
  const before = await focused(page);
  await keyboard.press('ArrowDown');
  await focusIs(page, (name) => `${name} !== ${JSON.stringify(before)}`);
  await keyboard.press('Home');
  await focusIs(page, (name) => `${name} === ${JSON.stringify(before)}`);
  await keyboard.press('Enter');
  await page.getByRole('heading', { name: /^Step/ }).waitFor();
  await focusIs(page, /^(chat_turn|Do I need an umbrella)/);
  await tabUntil(/^Copy the trace id/);
  await keyboard.press('Enter');
  await page.getByText('Copied.').waitFor();
  await tabUntil(/^step \d: chat gpt-4o-mini/);
  await keyboard.press('ArrowDown');
  await focusIs(page, /^attempt 1: 500 failed/);
  await keyboard.press('End');
  await focusIs(page, /^attempt 3: 500 failed/);
  await keyboard.press('Enter');
  await tabUntil(/^Attempt 3/);
  await keyboard.press('Space');
  await page.locator('details:not([open]) > summary', { hasText: /^Attempt 3/ }).waitFor();
  await keyboard.press('Escape');
  await focusIs(page, (name) => `${name} === ${JSON.stringify(before)}`);
  await page.getByText('Select a run to see its steps.').waitFor();
  expect(violations).toEqual([]);
  await close();
});

const FOCUSED = `(() => {
  const element = document.activeElement?.shadowRoot?.activeElement;
  const label = element?.getAttribute('aria-label') ?? element?.closest('label')?.innerText;
  return (label ?? element?.innerText ?? '').trim();
})()`;

/** The name of the focused element. */
async function focused(page: Page): Promise<string> {
  return String(await page.evaluate(FOCUSED));
}

/** Waits until the focused element has this name. The page moves the focus after it has rendered. */
async function focusIs(page: Page, wanted: RegExp | ((name: string) => string)): Promise<void> {
  await page.waitForFunction(wanted instanceof RegExp ? `${wanted}.test(${FOCUSED})` : wanted(FOCUSED));
}
