import { runNode } from '../support/child.js';
import { completion, openaiError } from '../support/openai-replies.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { startProvider } from '../support/provider.js';
import { buildTree } from '../support/tree.js';
import { read } from './pages.js';

const [, source = ''] = /<!-- program -->\n```js\n(.*?)```/s.exec(read('README.md')) ?? [];

async function run(...replies: Parameters<Awaited<ReturnType<typeof startProvider>>['reply']>) {
  const [provider, receiver] = await Promise.all([startProvider(), startOtlpReceiver()]);
  provider.reply(...replies);
  const env = {
    OPENAI_API_KEY: 'none',
    OPENAI_BASE_URL: `${provider.url}/v1`,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  };
  const nodeOptions = ['--import', 'opentelemetry-instrumentation-chatdebug/register'];
  const ended = await runNode({ source, type: 'module' }, { nodeOptions, env });
  await Promise.all([provider.close(), receiver.close()]);
  return { ended, runs: buildTree(receiver.spans) };
}

test("README's program runs unchanged, and a success is not recorded", async () => {
  const { ended, runs } = await run(completion('Yes.'));
  expect([ended, runs]).toEqual([{ code: 0, signal: null, stdout: 'Yes.\n', stderr: '' }, []]);
});

test('the run arrives if the call fails with an unclassified error', async () => {
  const failed = openaiError(500, null, 'server_error', 'Broken', { 'retry-after-ms': '1' });
  const { ended, runs } = await run(failed);
  expect(ended.code).toBe(1);
  expect(runs).toMatchObject([
    { chatId: 'chat-1', status: 'error', steps: [{ model: 'gpt-4o-mini', attempts: [{}, {}, {}] }] },
  ]);
});
