import { runNode } from '../support/child.js';
import { completion, completionStream } from '../support/openai-replies.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { runs } from '../support/property.js';
import { startProvider } from '../support/provider.js';

const COUNT = runs(10_000, 500);

/** Calls whose bodies are strings, which a heap snapshot shows. A chunk of bytes is held and released with them. */
const HEALTHY_CALLS = `
  const { startChatDebug, withRun } = require('opentelemetry-instrumentation-chatdebug');
  const { Agent, request } = require('node:http');
  const { getHeapSnapshot } = require('node:v8');
  const handle = startChatDebug({ failureContent: true });
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  const half = 'TEXT';
  const call = (i) => withRun({ chatId: 'c' }, () => new Promise((resolve, reject) => {
    const sent = request(process.env.URL, { method: 'POST', agent }, (response) => {
      response.resume().on('close', resolve);
    }).on('error', reject);
    sent.write('{"model":"m","stream":' + (i % 2 === 0) + ',');
    sent.end('"messages":[{"role":"user","content":"MARKED-' + half + ' ' + i + '"}]}');
  }));
  async function markers() {
    let found = 0;
    let last = '';
    for await (const chunk of getHeapSnapshot()) {
      const text = last + chunk;
      found += text.split('MARKED-' + half).length - 1;
      last = text.slice(-10);
    }
    return found;
  }
  (async () => {
    let calls = 0;
    for (; calls < ${COUNT}; calls += 20) await Promise.all(Array.from({ length: 20 }, (_, j) => call(calls + j)));
    await handle.forceFlush();
    agent.destroy();
    // A held one, to show that such a text is found.
    globalThis.held = JSON.parse('["MARKED-' + half + '"]');
    for (let i = 0; i < 5; i++) { await new Promise(setImmediate); gc(); }
    console.log(calls + ' calls, ' + handle.stats().bodyBytes + ' bytes, ' + (await markers()) + ' markers');
    await handle.shutdown();
  })();`;

test('the content of healthy calls is neither sent nor held', async () => {
  const [provider, receiver] = await Promise.all([startProvider(), startOtlpReceiver()]);
  provider.route(({ body }) =>
    body.includes('"stream":true') ? completionStream(['AN', 'SWE', 'RED']) : completion('ANSWERED'),
  );
  const child = await runNode(
    { source: HEALTHY_CALLS, type: 'commonjs' },
    {
      nodeOptions: ['--expose-gc'],
      env: { URL: `${provider.url}/v1/chat/completions`, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    },
  ).finally(() => Promise.all([provider.close(), receiver.close()]));
  // The source of the program has the marker in two halves.
  expect(child).toMatchObject({ code: 0, stdout: `${COUNT} calls, 0 bytes, 1 markers\n`, stderr: '' });
  expect(provider.requests).toHaveLength(COUNT);
  expect(receiver.spans).toEqual([]);
});
