import { startNode } from '../support/child.js';
import { openaiError } from '../support/openai-replies.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { startProvider } from '../support/provider.js';

const PROGRAM = `
import OpenAI from 'openai';
import { withRun, withStep } from 'opentelemetry-instrumentation-chatdebug';
const openai = new OpenAI({ apiKey: 'none', maxRetries: 2 });
await withRun({ runId: 'killed', kind: 'quickgen', chatId: 'c' }, async () => {
  const ask = async () => void (await openai.chat.completions.create({ model: 'm', messages: [] }));
  await withStep({ model: 'm' }, ask).catch(() => console.log('failed'));
  await new Promise((resolve) => setTimeout(resolve, 60_000));
});
`;

test('a step that failed right before its process was killed is delivered', async () => {
  const [provider, receiver] = await Promise.all([startProvider(), startOtlpReceiver()]);
  provider.reply(openaiError(400, null, 'invalid_request_error', 'messages: too few'));
  const child = startNode(
    { source: PROGRAM, type: 'module' },
    {
      nodeOptions: ['--import', 'opentelemetry-instrumentation-chatdebug/register'],
      env: { OPENAI_BASE_URL: `${provider.url}/v1`, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    },
  );
  await child.line('failed');
  await receiver.waitForSpans(1);
  child.kill('SIGKILL');
  expect(await child.ended).toMatchObject({ signal: 'SIGKILL', stderr: '' });
  expect(receiver.spans).toMatchObject([
    {
      name: 'chat m',
      attributes: {
        'chatdebug.run.id': 'killed',
        'chatdebug.run.kind': 'quickgen',
        'gen_ai.conversation.id': 'c',
        'chatdebug.error.kind': 'generic',
        'chatdebug.error.detail': 'messages: too few',
      },
    },
  ]);
  await Promise.all([provider.close(), receiver.close()]);
});
