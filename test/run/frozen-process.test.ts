import { startNode } from '../support/child.js';
import { completion, completionStream, openaiError } from '../support/openai-replies.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { type ScriptedProvider, startProvider } from '../support/provider.js';
import { buildTree, type RunTree } from '../support/tree.js';

/** The two functions of docs/serverless.md, on a platform that stops the process after the response. */
const PLATFORM = `
  import { createOpenAI } from '@ai-sdk/openai';
  import { generateText, streamText } from 'ai';
  import { chatDebug, withRun } from 'opentelemetry-instrumentation-chatdebug';

  const model = createOpenAI({ apiKey: 'none', baseURL: process.env.PROVIDER_URL }).chat('gpt-5-mini');
  const waitedFor = [];
  const waitUntil = (promise) => waitedFor.push(promise);

  const whole = async ({ chatId, messages }) => {
    try {
      return await withRun({ chatId }, () => generateText({ model, messages, maxRetries: 0 }));
    } finally {
      await chatDebug().forceFlush();
    }
  };

  const streamed = async (request) => {
    const { chatId, messages } = await request.json();
    return withRun({ chatId }, async () => {
      const result = streamText({ model, messages, maxRetries: 0, onError() {} });
      waitUntil(result.consumeStream().then(() => chatDebug().forceFlush()));
      return result.toUIMessageStreamResponse();
    });
  };

  const event = { chatId: 'c', messages: [{ role: 'user', content: 'Do I need an umbrella?' }] };
  if (process.env.FUNCTION === 'whole') await whole(event).catch(() => {});
  else {
    const request = new Request('http://function/', { method: 'POST', body: JSON.stringify(event) });
    await streamed(request).then((response) => response.text());
  }
  await Promise.all(waitedFor);
  console.log('frozen');
  process.kill(process.pid, 'SIGSTOP');`;

let provider: ScriptedProvider;
let receiver: OtlpReceiver;
beforeEach(async () => {
  [provider, receiver] = await Promise.all([startProvider(), startOtlpReceiver()]);
});
afterEach(async () => {
  await Promise.all([provider.close(), receiver.close()]);
});

/** The data received before the process is frozen. */
async function arrived(name: string, capture: string): Promise<RunTree[]> {
  const child = startNode(
    { source: PLATFORM, type: 'module' },
    {
      nodeOptions: ['--import', 'opentelemetry-instrumentation-chatdebug/register'],
      env: {
        CHATDEBUG_CAPTURE: capture,
        CHATDEBUG_LINGER_MILLIS: '3600000',
        FUNCTION: name,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        PROVIDER_URL: `${provider.url}/v1`,
      },
    },
  );
  try {
    await child.line('frozen');
    return buildTree(receiver.spans);
  } finally {
    child.kill('SIGKILL');
    await child.ended;
  }
}

describe.each([
  ['whole', completion('Yes.')],
  ['streamed', completionStream('Yes, bring one.')],
])('a function whose answer is %s, with a flush before the process is frozen', (name, answer) => {
  test('delivers a successful turn in full capture', async () => {
    provider.reply(answer);
    const steps = [{ number: 1, status: 'completed' }];
    expect(await arrived(name, 'full')).toMatchObject([{ chatId: 'c', status: 'completed', steps }]);
  });

  test('delivers a failed turn by default', async () => {
    provider.reply(openaiError(500, null, 'server_error', 'Odd'));
    const steps = [{ number: 1, status: 'error', attempts: [{ statusCode: 500 }] }];
    expect(await arrived(name, 'errors')).toMatchObject([{ chatId: 'c', status: 'error', steps }]);
  });
});
