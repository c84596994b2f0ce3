import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { buildTree } from '../support/tree.js';
import { wholeText } from './chat-client.js';
import { ANSWER, startChatProvider } from './chat-provider.js';
import { type ChatServer, SOMEBODY, startServer } from './conversations.js';
import { describeConversations } from './describe-conversations.js';
import { describeDebugTab } from './describe-debug-tab.js';
import { type InstalledExample, installExample } from './installed-example.js';

let example: InstalledExample;
beforeAll(() => {
  example = installExample('nextjs');
});

const NEXT = 'node_modules/next/dist/bin/next';

const server = (): ChatServer => ({
  cwd: example.directory,
  argv: [NEXT, 'start', '--hostname', '127.0.0.1', '--port', '0'],
  // A run whose function returned a stream waits that long: earlier spans were flushed after the response.
  env: { CHATDEBUG_LINGER_MILLIS: '3600000' },
  // It stores nothing, so each request has the whole chat.
  async ask(url, chatId, texts, signal, cookie = SOMEBODY) {
    const said = texts.flatMap((content) => [
      { role: 'user', content },
      { role: 'assistant', content: 'Yes.' },
    ]);
    return fetch(`${url}/api/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify({ chatId, messages: said.slice(0, -1) }),
      signal: signal ?? null,
    });
  },
});

describe.each(['--turbopack', '--webpack'])('built with %s', (bundler) => {
  beforeAll(() => example.node(NEXT, 'build', bundler), 240_000);

  describeConversations(server, { calls: 1, flushes: true, besides: edgeRoute });
  describeDebugTab(server);

  test('in the Edge Runtime a turn is recorded by its entry', async () => {
    const [provider, receiver] = await Promise.all([startChatProvider(), startOtlpReceiver()]);
    const app = startServer(server(), {
      ...{ OPENAI_API_KEY: 'none', OPENAI_BASE_URL: `${provider.url}/v1`, CHATDEBUG_CAPTURE: 'full' },
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    });
    try {
      const messages = [{ role: 'user', content: 'Do I need an umbrella?' }];
      const body = JSON.stringify({ chatId: 'edge', messages });
      expect(await wholeText(fetch(`${await app.url}/api/edge-chat`, { method: 'POST', body }))).toBe(ANSWER);
      const turns = () => buildTree(receiver.spans).filter(({ chatId }) => chatId === 'edge');
      await receiver.waitForSpans(() => turns().some(({ span }) => span !== undefined), 60_000);
      const attempt = { statusCode: 200, requestBody: expect.stringContaining('umbrella') };
      const step = { operation: 'stream', provider: 'openai', model: 'gpt-5-mini', attempts: [attempt] };
      expect(turns()).toMatchObject([{ kind: 'chat_turn', status: 'completed', steps: [step] }]);
    } finally {
      await app.stop();
      await Promise.all([provider.close(), receiver.close()]);
    }
  });

  test('without a key it uses scripted responses', async () => {
    const app = startServer(server());
    const url = await app.url;
    const page = await fetch(url);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('aria-label="Message"')]);
    expect(await wholeText(server().ask(url, 'offline', ['Hello']))).toBe('Yes. Eleven millimetres.');
    expect(await app.stop()).toMatchObject({ stderr: '' });
  });
});

/** The main entry does nothing there, and does not fail. */
async function edgeRoute(url: string): Promise<void> {
  const response = await fetch(`${url}/api/edge`);
  expect([response.status, await response.json()]).toEqual([200, { traceId: null, kind: 'rate_limit' }]);
}
