import type { Browser } from 'playwright-core';
import { SCENARIOS } from '../outcomes/scenarios.js';
import { keepPicture, openPage, showRun, startBrowser, type WatchedPage } from './support/browser.js';
import { type FixtureServer, startFixtureServer } from './support/fixture-server.js';
import { type Outcome, recordOutcomes } from './support/recorded.js';

let browser: Browser;
let server: FixtureServer;
let watched: WatchedPage;
let outcomes: readonly Outcome[];

beforeAll(async () => {
  outcomes = await recordOutcomes();
  browser = await startBrowser();
  server = await startFixtureServer(outcomes.flatMap(({ stored }) => stored ?? []));
  watched = await openPage(browser, server.base);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** The words of docs/outcomes.md as the page shows them. */
function words(expected: string): { status: string; kind: string | undefined; attempts: string[] } {
  const [head = '', tail = ''] = expected.split(': ');
  const [status = '', kind] = head.split(' ');
  const attempts = tail.split('; ').map((attempt) => {
    const [, code, outcome = 'completed'] = /^(no answer|\d+),? ?(\w+)?$/.exec(attempt) ?? [];
    return `${code === 'no answer' ? 'no response' : code} · ${outcome}`;
  });
  return { status, kind, attempts };
}

const ROWS = [
  ...SCENARIOS.map(({ name, expected }) => [name, expected] as const),
  ['the process ends in the middle', 'interrupted: 200 interrupted'] as const,
];

describe.each(['full', 'errors'] as const)('in %s capture', (capture) => {
  const rows = capture === 'full' ? ROWS : ROWS.filter(([, expected]) => expected.startsWith('error'));

  test.each(rows)('%s', async (name, expected) => {
    const { page, violations } = watched;
    const stored = outcomes.find((one) => one.name === name && one.capture === capture)?.stored;
    const { status, kind, attempts } = words(expected);
    await showRun(page, server.base, stored?.run.id);
    const run = page.getByRole('article', { name: 'Run' });
    const text = await run.innerText();
    expect(text).toContain(status);
    if (kind !== undefined) expect(text).toContain(kind);
    expect(text).toContain(`1 step`);
    expect(await run.locator('summary', { hasText: /^Attempt \d/ }).allInnerTexts()).toEqual(
      attempts.map((attempt, at) => expect.stringContaining(`Attempt ${at + 1}: ${attempt} · `)),
    );
    expect(text.includes('Errors capture: the messages')).toBe(capture === 'errors');
    await keepPicture(page, `outcome ${capture} ${name}`);
    expect(violations).toEqual([]);
  });
});
