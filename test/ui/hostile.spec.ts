import OpenAI from 'openai';
import type { Browser } from 'playwright-core';
import type { Card, RunDetail, Span } from '../../src/debug-tab/contract.js';
import { withRun } from '../../src/index.js';
import { completion } from '../support/openai-replies.js';
import { startRecording } from '../support/recording.js';
import { openPage, startBrowser, unfold, type WatchedPage } from './support/browser.js';
import { type FixtureServer, startFixtureServer, wellFormed } from './support/fixture-server.js';
import { storedRuns } from './support/stored.js';

/** Texts that are harmful if treated as HTML, an address, a style or a script. */
const CORPUS = [
  '<script>attacked()</script>',
  '<img src=x onerror=attacked()>',
  '<svg onload=attacked()><animate onbegin=attacked() attributeName=x dur=1s>',
  '"><iframe srcdoc="<script>parent.attacked()</script>">',
  "'-attacked()-'",
  'javascript:attacked()//',
  '</style><style>@import "http://127.0.0.1:9/x.css"</style>',
  'url(http://127.0.0.1:9/y.png)',
  '<link rel=stylesheet href=http://127.0.0.1:9/z.css>',
  '<meta http-equiv=refresh content="0;url=http://127.0.0.1:9/">',
  '<base href=http://127.0.0.1:9/>',
  '</textarea></pre></template><details open ontoggle=attacked()>',
  '{{constructor.constructor("attacked()")()}}',
  '$' + '{attacked()}',
  '\u202e\u2066<b>\u0000\ufeff\ud83d',
  '__proto__',
];
const ATTACK = CORPUS.join(' ');

let browser: Browser;
let server: FixtureServer;
let watched: WatchedPage;
let recorded: RunDetail;

beforeAll(async () => {
  [recorded, browser] = await Promise.all([recordAttack(), startBrowser()]);
});
afterAll(() => browser?.close());
afterEach(async () => {
  await watched?.close();
  await server?.close();
});

/** A real run with the corpus in every text of people, models, tools and the application. */
async function recordAttack(): Promise<RunDetail> {
  const recording = await startRecording();
  try {
    const toolCalls = [{ id: ATTACK, name: ATTACK, arguments: JSON.stringify({ [ATTACK]: ATTACK }) }];
    recording.provider.reply(completion(ATTACK, { requestId: 'req_1', toolCalls }));
    const openai = new OpenAI({ apiKey: 'k', baseURL: `${recording.provider.url}/v1`, maxRetries: 0 });
    const tool = { name: ATTACK, description: ATTACK, parameters: {} };
    const attributes = { [ATTACK]: ATTACK, 'app.note': ATTACK };
    await withRun({ chatId: ATTACK, kind: ATTACK, firstMessage: ATTACK, ownerId: ATTACK, attributes }, () =>
      openai.chat.completions.create(
        {
          model: ATTACK,
          messages: [{ role: 'user', content: ATTACK }],
          tools: [{ type: 'function', function: tool }],
        },
        // A header may contain printable ASCII only.
        { headers: { 'x-attack': ATTACK.replaceAll(/[^ -~]/g, '') } },
      ),
    );
    const [stored] = storedRuns(await recording.spans());
    return stored as RunDetail;
  } finally {
    await recording.stop();
  }
}

/** The same with the corpus in every text, even where it cannot occur. */
function everywhere({ run, spans }: RunDetail): RunDetail {
  const error = { kind: ATTACK, message: ATTACK, detail: ATTACK, type: ATTACK, requestId: ATTACK };
  const card = {
    ...run,
    kind: ATTACK,
    status: ATTACK,
    provider: ATTACK,
    url: 'javascript:attacked()',
    error,
  };
  return {
    run: { ...card, traceId: ATTACK, capture: ATTACK } as unknown as Card,
    spans: spans.map((span): Span => {
      const attributes = Object.entries(span.attributes).map(([name, value]) => [
        name,
        attacked(name, value),
      ]);
      return {
        ...span,
        name: ATTACK,
        attributes: {
          ...Object.fromEntries(attributes),
          'chatdebug.request.shape': JSON.stringify({
            [ATTACK]: ATTACK,
            flaws: { [ATTACK]: [0] },
            messages: [[ATTACK, `${ATTACK}: ${ATTACK}`]],
          }),
          'chatdebug.error.kind': ATTACK,
          'chatdebug.shortened': [ATTACK],
        },
        events: span.events.map((event) => ({
          ...event,
          attributes: {
            ...event.attributes,
            [`http.request.header.${ATTACK}`]: [ATTACK],
            [`http.response.header.${ATTACK}`]: [ATTACK],
            'chatdebug.attempt.status': ATTACK,
            'chatdebug.attempt.request_id': ATTACK,
            'url.full': `javascript:attacked()`,
            'exception.stacktrace': ATTACK,
          },
        })),
      };
    }),
  };
}

/** Ids, and values that are JSON by the conventions, stay, so that the run is read as one. */
function attacked(name: string, value: unknown): unknown {
  const isKept = /^chatdebug\.(run|step)\.(id|number)$|messages$|definitions$/.test(name);
  return typeof value === 'string' && !isKept ? ATTACK : value;
}

test.each([
  ['texts of people, models and tools', () => recorded],
  ['every text of a run', () => everywhere(recorded)],
])('markup and scripts in %s are shown as text', async (_, stored) => {
  const given = stored();
  server = await startFixtureServer([given]);
  watched = await openPage(browser, server.base, `page?chat=${encodeURIComponent(wellFormed(ATTACK))}`);
  const { page, violations } = watched;
  server.fail('case', 500, ATTACK);
  await page.locator('.card').click();
  await page.getByRole('heading', { name: /^Step 1/ }).waitFor();
  await unfold(page);
  await page.getByRole('button', { name: 'Download as a field case' }).click();
  await page.getByText('The download failed.').waitFor();
  for (const row of await page.locator('.row:not(.pause)').all()) await row.click();
  // Frames and pictures that an attack adds would have been requested by now.
  await page.waitForLoadState('networkidle');
  expect(violations).toEqual([]);
  const text = await page.locator('.tab').innerText();
  expect(text).toContain('<img src=x onerror=attacked()>');
  const elements =
    'document.querySelector("chat-debug-tab").shadowRoot.querySelectorAll("script, img, svg, iframe, style, link, base, meta, b").length';
  expect(await page.evaluate(elements)).toBe(0);
  const links = await page.locator('a').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
  expect(links.filter((link) => !link?.startsWith('http://127.0.0.1:16686/'))).toEqual([]);
});
