import type { Card, RunDetail } from '../../src/debug-tab/contract.js';
import { countIs } from './support/browser.js';
import { cards, full, open, page, run, server, useTab } from './support/tab.js';

useTab();

describe('the state of the server', () => {
  test('the tab appears when there are runs to show, and disappears', async () => {
    await open([], {
      state: { isShown: false, capture: 'errors', canSetCapture: false, hasKeptRuns: false },
    });
    await page.getByText('Nothing is recorded for this chat.').waitFor();
    await server.listened();
    server.send('state', { ...server.state, isShown: true });
    await page.getByText('No runs are recorded yet.').waitFor();
    await page.getByText('Nothing is recorded for this chat.').waitFor({ state: 'hidden' });
    server.send('state', { ...server.state, isShown: false });
    await page.getByText('Nothing is recorded for this chat.').waitFor();
  });

  test('the capture of the chat can be switched if the server allows it', async () => {
    await open(full);
    const box = page.getByRole('checkbox', { name: 'Record this chat in full' });
    await box.check();
    await page.getByText('New runs of this chat are recorded in full.').waitFor();
    expect(server.requests).toContain('PUT capture?chat=travel-1 {"capture":"full"}');
    await box.uncheck();
    await page.getByText('New runs of this chat are recorded if they fail.').waitFor();
    await server.listened();
    server.send('state', { ...server.state, canSetCapture: false });
    await box.waitFor({ state: 'detached' });
  });

  test('errors are shown as text', async () => {
    await open(full);
    await cards().first().waitFor();
    server.fail('runs/', 502, 'Jaeger does not answer');
    await cards().first().click();
    await page.getByText('The server answered with status 502: Jaeger does not answer.').waitFor();
    server.fail('', 403, 'not allowed');
    await page.reload().catch(() => {});
    server.fail('runs', 403, 'not allowed');
    await page.goto(`${server.base}page?chat=travel-1`);
    await page.getByText('The server answered with status 403: not allowed.').waitFor();
    server.fail(undefined);
    await page.route('**/state*', (route) => route.fulfill({ contentType: 'text/html', body: '<p>Log in' }));
    await page.reload();
    await page.getByText('The server did not answer with JSON.').waitFor();
  });
});

test('an element inside another page follows its attributes, and reports when it is empty', async () => {
  const [first] = full;
  const other = {
    run: { ...first?.run, id: 'other', chatId: 'other', firstMessage: 'Of another chat' } as Card,
    spans: [],
  };
  await open([...full, other]);
  await cards().first().waitFor();
  await page.evaluate(`(() => {
    window.told = [];
    const tab = document.querySelector('chat-debug-tab');
    for (const type of ['chat-debug-tab-state', 'chat-debug-tab-select'])
      tab.addEventListener(type, ({ detail }) => told.push(detail));
    tab.setAttribute('chat', 'other');
    tab.setAttribute('run', 'other');
  })()`);
  await run().getByRole('heading', { name: 'Of another chat' }).waitFor();
  await countIs(cards(), 1);
  await run().getByRole('button', { name: 'Copy the trace id' }).press('Escape');
  await page.getByText('Select a run to see its steps.').waitFor();
  await page.waitForFunction('told.length >= 2');
  expect(await page.evaluate('told')).toEqual([{ isShown: true }, { run: undefined }]);
  await page.evaluate(`(() => {
    const tab = document.querySelector('chat-debug-tab');
    tab.remove();
    tab.removeAttribute('run');
    tab.setAttribute('chat', 'travel-1');
    document.querySelector('main').append(tab);
  })()`);
  await cards().nth(3).waitFor();
});

describe('live', () => {
  test('a stream in progress is shown, followed and replaced by its steps', async () => {
    await open(full.slice(0, 1));
    await cards().first().waitFor();
    await server.listened();
    const startedAt = Date.now();
    const live = { step: 1, since: startedAt, bytes: 0, silentMillis: 0 };
    const begun: Card = {
      id: 'live-1',
      chatId: 'travel-1',
      kind: 'chat_turn',
      status: 'in_progress',
      capture: 'full',
      usage: {},
      startedAt,
      live,
    };
    server.runs.push({ run: begun, spans: [] });
    server.send('runs', { runs: [begun] });
    const card = cards().filter({ hasText: 'in progress' });
    await card.waitFor();
    expect(await cards().first().innerText()).toContain('in progress');
    await card.click();
    await run().getByText('The run has not ended yet.').waitFor();
    server.send('runs', { runs: [{ ...begun, live: { ...live, bytes: 2_500, silentMillis: 61_000 } }] });
    await card.filter({ hasText: /step 1, for \d+ s, 2.5 kB, silent for 1 min \d+ s/ }).waitFor();
    const ended = full[2] as RunDetail;
    server.runs[1] = { ...ended, run: { ...ended.run, id: 'live-1' } };
    server.send('runs', { runs: [server.runs[1]?.run] });
    await run().getByText('Timeline').waitFor();
    await card.waitFor({ state: 'detached' });
  });

  test('after a lost connection the list is loaded again', async () => {
    await open(full.slice(0, 1));
    await server.listened();
    await page.getByText('Live.', { exact: true }).waitFor();
    server.runs.push(...full.slice(1));
    server.dropListeners();
    await cards().nth(3).waitFor();
    await page.getByText('Live.', { exact: true }).waitFor();
  });
});
