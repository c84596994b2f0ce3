import { SCRIPT } from '../../../examples/demo/script.js';
import { runNode } from '../../support/child.js';
import { startProvider } from '../../support/provider.js';

export const DEMO_CHAT = 'travel-1';
/** Not a real key. The tests search the stored data for it. */
export const DEMO_KEY = 'sk-demo-Jq7Zt0WmXc4RbV9LhKf2';

/** Runs the demo's chat application, four turns, against its scripted provider. */
export async function runDemo(env: Readonly<Record<string, string>>): Promise<void> {
  const provider = await startProvider();
  provider.reply(...SCRIPT);
  const app = await runNode(
    ['--import', 'opentelemetry-instrumentation-chatdebug/register', 'examples/demo/chat-app.mjs'],
    {
      env: { OPENAI_API_KEY: DEMO_KEY, OPENAI_BASE_URL: `${provider.url}/v1`, ...env },
    },
  );
  await provider.close();
  if (app.code !== 0) throw new Error(`the demo's application ended with ${app.code}\n${app.stderr}`);
}
