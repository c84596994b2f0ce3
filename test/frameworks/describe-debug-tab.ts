import { wholeText } from './chat-client.js';
import { FAIL, startChatProvider } from './chat-provider.js';
import { type ChatServer, startServer } from './conversations.js';

/** Tests of the Debug tab of a chat server. */
export function describeDebugTab(server: () => ChatServer): void {
  test('the Debug tab is shown beside the chat, to the owner of the chat', async () => {
    const provider = await startChatProvider();
    provider.answerTitles();
    const app = startServer(server(), { OPENAI_API_KEY: 'none', OPENAI_BASE_URL: `${provider.url}/v1` });
    try {
      const url = await app.url;
      const visit = await fetch(url);
      const [user = ''] = visit.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '');
      const page = await visit.text();
      expect([visit.status, user]).toEqual([200, expect.stringMatching(/^user=[\w-]{36}$/)]);
      expect(page).toContain('src="/debug-tab/component.js"');
      const [, chatId = ''] = /<chat-debug-tab base="\/debug-tab\/" chat="([\w-]{36})"/.exec(page) ?? [];

      const get = (path: string, cookie = user) => fetch(`${url}/debug-tab/${path}`, { headers: { cookie } });
      const component = await get('component.js');
      expect([component.status, component.headers.get('content-type')]).toEqual([
        200,
        'text/javascript; charset=utf-8',
      ]);
      expect(await component.text()).toContain('chat-debug-tab');
      expect((await fetch(`${url}/debug-tab/page.html`)).status).toBe(200);

      const state = `state?chat=${chatId}`;
      expect(await (await get(state)).json()).toMatchObject({ isShown: false, capture: 'errors' });
      expect(await wholeText(server().ask(url, chatId, [FAIL], undefined, user))).toBe(
        '[An error occurred.]',
      );
      const events = await get(`events?chat=${chatId}`);
      const seen = await until(events, (text) => text.includes('"isShown":true'));
      expect(seen).toContain('"providerStatus":500');
      const { runs } = (await (await get(`runs?chat=${chatId}`)).json()) as { runs: [{ id: string }] };
      expect(runs).toMatchObject([{ chatId, status: 'error', error: { kind: 'generic' } }]);
      const paths = [state, `runs?chat=${chatId}`, `runs/${runs[0].id}`, `export?run=${runs[0].id}`];
      const statuses = (cookie: string) =>
        Promise.all(
          [...paths, `events?chat=${chatId}`].map(async (path) => (await get(path, cookie)).status),
        );
      expect((await Promise.all(paths.map((path) => get(path)))).map(({ status }) => status)).toEqual(
        paths.map(() => 200),
      );
      for (const cookie of ['', 'user=', 'user=somebody-else'])
        expect(await statuses(cookie)).toEqual(Array(5).fill(404));
      const theirs = await server().ask(url, chatId, ['Hello'], undefined, 'user=somebody-else');
      expect(theirs.status).toBe(404);
    } finally {
      await app.stop();
      await provider.close();
    }
  });
}

async function until({ body }: Response, passes: (text: string) => boolean): Promise<string> {
  let text = '';
  for await (const chunk of body ?? []) {
    text += Buffer.from(chunk).toString();
    if (passes(text)) return text;
  }
  throw new Error(`the stream ended: ${text}`);
}
