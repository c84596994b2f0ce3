import { readFileSync } from 'node:fs';
import type { Card, RunDetail } from '../../src/debug-tab/contract.js';
import { countIs } from './support/browser.js';
import { cards, errors, expand, full, open, page, row, run, timeline, useTab } from './support/tab.js';

useTab();

describe('the list', () => {
  test('has a card for each run, the newest first', async () => {
    await open(full);
    await countIs(cards(), 4);
    const texts = await cards().allInnerTexts();
    expect(texts.map((text) => text.split('\n')[0])).toEqual(
      Array(4).fill('Do I need an umbrella in Lisbon tomorrow?'),
    );
    expect(texts[3]).toContain('chat_turn · gpt-4o-mini · 2 steps · 205 → 27 tokens');
    expect(texts[1]).toContain('generic: The server had an error while processing your request.');
    expect(texts.map((text) => text.split('\n')[1])).toEqual(['error', 'error', 'completed', 'completed']);
  });

  test('is filtered by text and status', async () => {
    await open(full);
    await page.getByLabel('Filter the runs').fill('travel-1 req_failed_3');
    await page.getByText('No run matches the filter.').waitFor();
    await page.getByLabel('Filter the runs').fill('travel-1 generic');
    await countIs(cards(), 1);
    await page.getByLabel('Filter the runs').fill('');
    await page.getByLabel('Status').selectOption('completed');
    await countIs(cards(), 2);
  });

  test('has the runs of all chats, with their chat, on a page without a chat', async () => {
    const [first] = full;
    const other = { run: { ...first?.run, id: 'other', chatId: 'chat/2 🦊' } as Card, spans: [] };
    await open([...full, other], { path: 'page' });
    await cards().filter({ hasText: 'chat chat/2 🦊' }).click();
    await run().getByText('The end of this run is not recorded').waitFor();
  });
});

describe('a run in full capture', () => {
  const openTurn = async (number: number) => {
    await open(full);
    await cards()
      .nth(4 - number)
      .click();
    await run().waitFor();
  };

  test('shows the transcript, parameters, tools, usage and stream of its steps', async () => {
    await openTurn(1);
    await row('step 1: chat gpt-4o-mini').click();
    await page.getByRole('heading', { name: /^Step 1/ }).waitFor();
    await expand('Tools (1)');
    await expand(/^forecast: Tomorrow's weather/);
    const step1 = await run().innerText();
    expect(step1).toContain('Request: 2 messages');
    expect(step1).toContain('You are a laconic travel guide.');
    expect(step1).toContain('tool call forecast call_1');
    expect(step1).toContain('"city": "Lisbon"');
    expect(step1).toContain('"required": [');
    expect(step1).toMatch(/input tokens\s+84/);
    await row('step 2: chat gpt-4o-mini').click();
    await page.getByRole('heading', { name: /^Step 2/ }).waitFor();
    await expand('Parameters');
    const step2 = await run().innerText();
    expect(step2).toContain('tool result call_1');
    expect(step2).toContain('"rainMillimetres": 11');
    expect(step2).toMatch(/assistant\s*0?\s*· finish reason stop/);
    expect(step2).toContain('Yes. Eleven millimetres, most of it sideways.');
    expect(step2).toMatch(/last event\s+\[DONE\]/);
    expect(step2).toMatch(/stream\s+true/);
    expect(step2).not.toContain('errors capture');
    await expand(/^Attempt 1/);
    await run().getByText('first chunks').waitFor();
    expect(await run().innerText()).toMatch(/longest pause\s+\d+ ms, after [\d.]+ (bytes|kB)/);
  });

  test('compares the requests of two steps', async () => {
    await openTurn(1);
    await row('step 2: chat gpt-4o-mini').click();
    await page.getByRole('heading', { name: /^Step 2/ }).waitFor();
    await expand('Compare with the request of another step');
    const text = await run().innerText();
    expect(text).toContain('2 messages unchanged');
    expect(text.match(/\+ added/g)).toHaveLength(2);
    expect(text).not.toContain('− removed');
  });

  test('shows attempts with headers, bodies and pauses, and copies one as curl', async () => {
    await openTurn(2);
    await row('attempt 2: 200').waitFor();
    expect(await timeline().innerText()).toMatch(
      /attempt 1: 429 failed[\s\S]*waits \(asked for 300 ms\)[\s\S]*attempt 2: 200 completed/,
    );
    await row('attempt 1: 429').click();
    await run()
      .locator('details[open] > summary', { hasText: /^Attempt 1/ })
      .waitFor();
    await expand('Request headers');
    await expand('Response body');
    const text = await run().innerText();
    expect(text).toMatch(/authorization\s+\[REDACTED\]/);
    expect(text).toMatch(/request id|req_too_many/);
    expect(text).toContain('Secrets are redacted: put your own in the place of [REDACTED].');
    await run().getByRole('button', { name: 'Copy as curl' }).click();
    await run().getByText('Copied.').waitFor();
    const command = await page.evaluate('navigator.clipboard.readText()');
    expect(command).toMatch(
      /^curl --globoff --request POST --url 'http:\/\/127.0.0.1:\d+\/v1\/chat\/completions' \\\n/,
    );
    expect(command).toContain("--header 'authorization: [REDACTED]'");
    expect(command).toContain('--data-raw \'{"model":"gpt-4o-mini"');
  });

  test('has the trace id, a link to the trace, and downloads', async () => {
    await openTurn(3);
    await run().getByRole('button', { name: 'Copy the trace id' }).click();
    await run().getByText('Copied.').waitFor();
    const { traceId, id } = full[2]?.run ?? {};
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(traceId);
    const link = run().getByRole('link', { name: 'Open the trace in 127.0.0.1:16686' });
    expect(await link.getAttribute('href')).toBe(`http://127.0.0.1:16686/trace/${traceId}`);
    const downloading = page.waitForEvent('download');
    await run().getByRole('button', { name: 'Download as JSON' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe(`run-${id}.json`);
    expect(JSON.parse(readFileSync(await download.path(), 'utf8'))).toMatchObject({ version: 1 });
    await run().getByRole('button', { name: 'Download as a field case' }).click();
    await run().getByText('This server gives no field cases.').waitFor();
  });
});

test('a run in errors capture shows the error, the shape of the request, and what is absent', async () => {
  await open(errors);
  await cards().first().click();
  await run()
    .getByRole('heading', { name: /^Step 1/ })
    .waitFor();
  const text = await run().innerText();
  expect(text).toContain('Recorded in errors capture');
  expect(text).toContain('OpenAI returned an unexpected error.');
  expect(text).toMatch(/fingerprint\s+[0-9a-f]{16}/);
  expect(text).toMatch(/request id\s+req_failed_3/);
  expect(text).toMatch(/What the request was made of[\s\S]*message count\s+8[\s\S]*0 system text 31/);
  expect(text).not.toContain('laconic');
});

test('the flaws of a request are marked', async () => {
  const shape = {
    format: 'openai-chat',
    flaws: { 'no result': [2] },
    message_count: 3,
    messages: [
      ['system', 'text 8'],
      ['user', 'text 5'],
      ['assistant', 'call #1 forecast 17: no result'],
    ],
  };
  await open(
    errors.map((stored) => withStepAttribute(stored, 'chatdebug.request.shape', JSON.stringify(shape))),
  );
  await cards().first().click();
  await run().getByText('no result: message 2').waitFor();
  expect(await run().locator('mark').allInnerTexts()).toEqual(['no result']);
});

function withStepAttribute({ run, spans }: RunDetail, name: string, value: string): RunDetail {
  const changed = spans.map((span) =>
    'chatdebug.step.number' in span.attributes
      ? { ...span, attributes: { ...span.attributes, [name]: value } }
      : span,
  );
  return { run, spans: changed };
}

test('spans of other instrumentations in the trace are dimmed', async () => {
  const [stored] = errors;
  const { traceId = '' } = stored?.run ?? {};
  const other = {
    traceId,
    spanId: 'abc',
    name: 'GET /weather',
    startedAt: stored?.run.startedAt ?? 0,
    durationMillis: 5,
    attributes: { 'http.route': '/weather' },
    events: [],
    isOwn: false,
  };
  await open([{ run: stored?.run as Card, spans: [...(stored?.spans ?? []), other] }]);
  await cards().first().click();
  await row('GET /weather').click();
  await run().getByText('A span of another instrumentation in the same trace.').waitFor();
  expect(await row('GET /weather').getAttribute('class')).toBe('row other');
});

test('a step of a nested run is shown like any other', async () => {
  const [outer, inner] = full as [RunDetail, RunDetail];
  await open([{ run: outer.run, spans: [...outer.spans, ...inner.spans] }]);
  await cards().first().click();
  await row('step 1: chat gpt-4o-mini').nth(1).click();
  await run().getByText('A coat. It is fourteen degrees and wet.').first().waitFor();
});
