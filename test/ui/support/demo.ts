import { SCRIPT } from '../../../examples/demo/script.js';
import type { RunDetail } from '../../../src/debug-tab/contract.js';
import { runNode } from '../../support/child.js';
import { startOtlpReceiver } from '../../support/otlp-receiver.js';
import { startProvider } from '../../support/provider.js';
import { storedRuns } from './stored.js';

/**
 * The runs of the demo's chat application, the oldest first: a turn with a tool call and a stream, one with a retry,
 * one that fails after three attempts, and in full capture one with a refused key.
 */
export async function recordDemo(capture: 'errors' | 'full'): Promise<readonly RunDetail[]> {
  const [provider, receiver] = await Promise.all([startProvider(), startOtlpReceiver()]);
  provider.reply(...SCRIPT);
  const app = await runNode(
    ['--import', 'opentelemetry-instrumentation-chatdebug/register', 'examples/demo/chat-app.mjs'],
    {
      env: {
        CHATDEBUG_CAPTURE: capture,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OPENAI_API_KEY: 'sk-demo-Jq7Zt0WmXc4RbV9LhKf2',
        OPENAI_BASE_URL: `${provider.url}/v1`,
      },
    },
  );
  await Promise.all([provider.close(), receiver.close()]);
  if (app.code !== 0) throw new Error(`the demo's application failed: ${app.stderr}`);
  return storedRuns(receiver.spans);
}
