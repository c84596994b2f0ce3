import { wholeText } from './chat-client.js';
import { type ChatServer, SOMEBODY, startServer } from './conversations.js';
import { describeConversations } from './describe-conversations.js';
import { describeDebugTab } from './describe-debug-tab.js';
import { type InstalledExample, installExample } from './installed-example.js';

let example: InstalledExample;
beforeAll(() => {
  example = installExample('chat-server');
});

const server = (): ChatServer => ({
  cwd: example.directory,
  argv: ['--import', 'opentelemetry-instrumentation-chatdebug/register', 'server.mjs'],
  // It stores the chats, so each message is sent alone.
  async ask(url, chatId, texts, signal, cookie = SOMEBODY) {
    const post = (message: string) =>
      fetch(`${url}/chats/${chatId}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie },
        body: JSON.stringify({ message }),
        signal: signal ?? null,
      });
    for (const text of texts.slice(0, -1)) await wholeText(post(text));
    return post(texts.at(-1) ?? '');
  },
});

describeConversations(server, { calls: 2, flushes: false });
describeDebugTab(server);

test('without a key it uses scripted responses', async () => {
  const app = startServer(server());
  const response = server().ask(await app.url, 'offline', ['Do I need an umbrella?']);
  expect(await wholeText(response)).toBe('Yes. Eleven millimetres.');
  expect(await app.stop()).toMatchObject({ code: 0, stderr: '' });
});
