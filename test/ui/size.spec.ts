import type { Browser } from 'playwright-core';
import type { RunDetail, Span } from '../../src/debug-tab/contract.js';
import { openPage, startBrowser } from './support/browser.js';
import { recordDemo } from './support/demo.js';
import { startFixtureServer } from './support/fixture-server.js';

let browser: Browser;
let turn: RunDetail;

beforeAll(async () => {
  const [full, started] = await Promise.all([recordDemo('full'), startBrowser()]);
  browser = started;
  turn = full[0] as RunDetail;
});
afterAll(() => browser?.close());

async function opened(runs: readonly RunDetail[], path: string, act: (page: Opened) => Promise<void>) {
  const server = await startFixtureServer(runs);
  const watched = await openPage(browser, server.base, path);
  await act(watched.page);
  expect(watched.violations).toEqual([]);
  await watched.close();
  await server.close();
}

type Opened = Awaited<ReturnType<typeof openPage>>['page'];

/** The number of elements within the tab. */
const elements = (page: Opened) =>
  page.evaluate('document.querySelector("chat-debug-tab").shadowRoot.querySelectorAll("*").length');

/** The same step many times. */
function manySteps(count: number, change: (span: Span) => Span): RunDetail {
  const { run, spans } = turn;
  const step = spans.find(({ attributes }) => 'chatdebug.step.number' in attributes) as Span;
  const steps = Array.from({ length: count }, (_, at) =>
    change({
      ...step,
      spanId: `step-${at}`,
      startedAt: step.startedAt + at,
      attributes: { ...step.attributes, 'chatdebug.step.number': at + 1 },
    }),
  );
  const isStep = ({ attributes }: Span) => 'chatdebug.step.number' in attributes;
  return { run, spans: [...spans.filter((span) => !isStep(span)), ...steps] };
}

test('1,000 runs are shown at once, and can be scrolled through', async () => {
  const runs = Array.from({ length: 1_000 }, (_, at) => ({
    run: { ...turn.run, id: `run-${at}`, firstMessage: `Message ${at}`, startedAt: turn.run.startedAt + at },
    spans: [],
  }));
  await opened(runs, 'page', async (page) => {
    await page.getByText('Message 999').waitFor();
    const paint = await page.evaluate(`(() => {
      const [{ startTime }] = performance.getEntriesByName('first-contentful-paint');
      return { firstPaint: Math.round(startTime), cards: Math.round(performance.now()) };
    })()`);
    console.log(`1,000 runs, milliseconds since the navigation began: ${JSON.stringify(paint)}`);
    expect(await elements(page)).toBeLessThan(600);
    await page.locator('.card').first().focus();
    await page.keyboard.press('End');
    await page.getByText('Message 0', { exact: true }).waitFor();
    await page.getByLabel('Filter the runs').fill('message 500');
    await page.getByText('Message 500', { exact: true }).click();
    await page.getByText('The end of this run is not recorded').waitFor();
  });
});

test('a run of 2 MB opens, with its bodies folded', async () => {
  const body = JSON.stringify({ text: 'x'.repeat(1_000_000) });
  const run = manySteps(2, (span) => ({
    ...span,
    events: span.events.map((event) => ({
      ...event,
      attributes: { ...event.attributes, 'chatdebug.attempt.response_body': body },
    })),
  }));
  await opened([run], `page#run=${run.run.id}`, async (page) => {
    await page.getByRole('heading', { name: /^Step 2/ }).waitFor();
    await page.locator('summary', { hasText: /^Attempt 1/ }).click();
    await page.locator('summary', { hasText: /^Response body/ }).click();
    const tab = page.locator('.tab');
    const all = page.getByRole('button', { name: 'Show all, 1.0 MB' });
    await all.waitFor();
    expect((await tab.innerText()).length).toBeLessThan(20_000);
    await all.click();
    await all.waitFor({ state: 'detached' });
    expect((await tab.innerText()).length).toBeGreaterThan(1_000_000);
  });
});

test('a run of 10,000 steps opens', async () => {
  const run = manySteps(10_000, (span) => span);
  await opened([run], `page#run=${run.run.id}`, async (page) => {
    await page.getByRole('heading', { name: 'Step 10000: generate gpt-4o-mini' }).waitFor();
    expect(await elements(page)).toBeLessThan(1_000);
    await page.locator('.row[aria-current="true"]').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Step 1: generate gpt-4o-mini' }).waitFor();
  });
});

test('a message of thousands of parts, and a transcript of thousands of messages, are paged', async () => {
  const messages = Array.from({ length: 3_000 }, (_, at) => ({
    role: 'user',
    parts: [{ type: 'text', content: `Part ${at}` }],
  }));
  const run = manySteps(1, (span) => ({
    ...span,
    attributes: { ...span.attributes, 'gen_ai.input.messages': JSON.stringify(messages) },
  }));
  await opened([run], `page#run=${run.run.id}`, async (page) => {
    await page.locator('summary', { hasText: 'Request: 3,000 messages' }).click();
    await page.getByText('Part 49', { exact: true }).waitFor();
    expect(await elements(page)).toBeLessThan(1_500);
    await page.getByRole('button', { name: 'Show more messages, 2950 left' }).click();
    await page.getByText('Part 249', { exact: true }).waitFor();
  });
});

test('a damaged trace is shown as far as possible', async () => {
  const [first] = turn.spans as [Span];
  const circle = ['a', 'b'].map((id) => ({
    ...first,
    spanId: id,
    parentSpanId: id === 'a' ? 'b' : 'a',
    isOwn: false,
  }));
  const orphan = { ...first, spanId: 'orphan', parentSpanId: 'gone', name: 'orphan' };
  const chain = Array.from({ length: 12_000 }, (_, at) => ({
    ...first,
    spanId: `link-${at}`,
    parentSpanId: `link-${at - 1}`,
    isOwn: false,
    name: 'link',
  }));
  const attributes = {
    ...first.attributes,
    'gen_ai.input.messages': '[{"role":',
    'chatdebug.request.shape': '[7]',
  };
  const run = {
    run: turn.run,
    spans: [...circle, orphan, ...chain, ...turn.spans.slice(1), { ...first, attributes }],
  };
  await opened([run], `page#run=${run.run.id}`, async (page) => {
    await page.getByRole('heading', { name: /^Timeline/ }).waitFor();
    await page.getByRole('heading', { name: /^Step/ }).waitFor();
  });
});
