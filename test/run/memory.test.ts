import { runNode } from '../support/child.js';
import { completion } from '../support/openai-replies.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { runs } from '../support/property.js';
import { startProvider } from '../support/provider.js';

const COUNT = runs(12_000, 2_400);
const ROUND = COUNT / 4;

const PROGRAM = `
const { withRun, withStep, startChatDebug } = require('opentelemetry-instrumentation-chatdebug');
const handle = startChatDebug();
const url = process.env.PROVIDER_URL + '/v1/chat/completions';
const turn = (i) => withRun({ chatId: 'chat ' + i, firstMessage: 'x'.repeat(100) }, () =>
  withStep({}, async () => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify({ turn: i, text: 'y'.repeat(2000) }) });
    await response.json();
  }));
async function turns(count) {
  for (let i = 0; i < count; i += 20) await Promise.all(Array.from({ length: 20 }, (_, j) => turn(i + j)));
  await handle.forceFlush();
  for (let i = 0; i < 3; i++) { await new Promise(setImmediate); gc(); }
  return process.memoryUsage().heapUsed + process.memoryUsage().external;
}
(async () => {
  await turns(600);
  // Warm-up grows once, a leak grows in each round.
  const used = [];
  for (let round = 0; round < 4; round++) used.push(await turns(${ROUND}));
  console.log(Math.min(...used.slice(1).map((now, i) => now - used[i])));
  await handle.shutdown();
})();
`;

test(`${COUNT} runs leave nothing in memory, although their sockets stay open`, async () => {
  const [provider, receiver] = await Promise.all([startProvider(), startOtlpReceiver()]);
  provider.reply(completion('x'.repeat(1000)));
  try {
    const child = await runNode(
      { source: PROGRAM, type: 'commonjs' },
      {
        nodeOptions: ['--expose-gc'],
        env: { PROVIDER_URL: provider.url, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
      },
    );
    expect(child).toMatchObject({ code: 0, stderr: '' });
    // A record with its bodies holds about 6,000.
    expect(Number(child.stdout)).toBeLessThan(500 * ROUND);
  } finally {
    await Promise.all([provider.close(), receiver.close()]);
  }
});
