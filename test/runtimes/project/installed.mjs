import { request } from 'node:http';
import OpenAI from 'openai';
import {
  installFetch,
  recordedFetch,
  startChatDebug,
  withRun,
} from 'opentelemetry-instrumentation-chatdebug';

/** The effect of `installFetch` on the global `fetch`, and the recorded calls. */
const bare = globalThis.fetch;
const uninstall = installFetch();
const installed = globalThis.fetch;
const again = installFetch();
const handle = startChatDebug({ capture: 'full' });
const client = new OpenAI({ apiKey: 'none', baseURL: `${process.env.PROVIDER_URL}/json/v1`, maxRetries: 0 });
const ask = (chatId) =>
  withRun({ chatId }, () => client.chat.completions.create({ model: 'gpt-4o-mini', messages: [] }));

/** A fetch over Node's HTTP client, which its channels show as well. */
const overHttp = (url, { method, body }) =>
  new Promise((resolve, reject) => {
    const sent = request(url, { method }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve(new Response(text, { headers: { 'content-type': 'application/json' } })),
      );
    });
    sent.on('error', reject).end(body);
  });

await ask('installed');
await withRun({ chatId: 'over http' }, async () => {
  const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [] });
  const url = `${process.env.PROVIDER_URL}/json/v1/chat/completions`;
  await (await recordedFetch(overHttp)(url, { method: 'POST', body })).text();
});
// Two parallel calls, each in a run of its own.
await Promise.all([ask('first'), ask('second')]);
again();
const isStillInstalled = globalThis.fetch === installed;
uninstall();
const isRestored = globalThis.fetch === bare;
const later = new OpenAI({ apiKey: 'none', baseURL: `${process.env.PROVIDER_URL}/json/v1`, maxRetries: 0 });
await withRun({ chatId: 'restored' }, () =>
  later.chat.completions.create({ model: 'gpt-4o-mini', messages: [] }),
);

// A later replacement stays, and records nothing any more.
const undo = installFetch();
const inner = globalThis.fetch;
const wrapper = (...args) => inner(...args);
globalThis.fetch = wrapper;
undo();
const isWrapperLeft = globalThis.fetch === wrapper;
await withRun({ chatId: 'undone' }, () =>
  wrapper(`${process.env.PROVIDER_URL}/json/v1/chat/completions`, { method: 'POST', body: '{}' }),
);

await handle.shutdown();
console.log(
  JSON.stringify({
    isReplaced: installed !== bare,
    isSameOnce: recordedFetch(installed) === installed,
    isStillInstalled,
    isRestored,
    isWrapperLeft,
  }),
);
process.exit();
