// A chat server that streams answers as server-sent events, with a page that has a Debug tab beside the chat. Start it
// with recording enabled:
//   node --import opentelemetry-instrumentation-chatdebug/register server.mjs
import { AsyncResource } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { serve } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { setCookie } from 'hono/cookie';
import { parse } from 'hono/utils/cookie';
import { chatDebug, withRun } from 'opentelemetry-instrumentation-chatdebug';
import { createDebugTab, processRuns } from 'opentelemetry-instrumentation-chatdebug/debug-tab';
import { page } from './page.mjs';
import { startScriptedProvider } from './scripted-provider.mjs';

if (process.env.OPENAI_API_KEY === undefined) {
  process.env.OPENAI_API_KEY = 'none';
  process.env.OPENAI_BASE_URL = `${await startScriptedProvider()}/v1`;
}
// Imported only now, since the AI SDK reads the variables when it is loaded.
const { answer, compact, makeTitle } = await import('./chat.mjs');

/** Longer histories are compacted before they are sent. */
const MAX_MESSAGES = 6;

const chats = new Map();
const app = new Hono();

/** Replaces a session: a visitor without a user id gets one. */
const userOf = (request) => parse(request.headers.get('cookie') ?? '').user;

/** Returns the chat of this user, or `undefined` if it belongs to another user. */
function chatOf(id, user) {
  const chat = chats.get(id) ?? { id, owner: user, title: undefined, messages: [] };
  chats.set(id, chat);
  return chat.owner === user ? chat : undefined;
}

/** Each visit starts a chat. */
app.get('/', (context) => {
  const user = userOf(context.req.raw) ?? randomUUID();
  setCookie(context, 'user', user, { httpOnly: true, sameSite: 'Strict' });
  return context.html(page(chatOf(randomUUID(), user)));
});
app.get('/chat-page.js', serveStatic({ root: import.meta.dirname }));

/** One chat turn is one run. The run waits for its streamed answer. */
app.post('/chats/:id', async ({ req, env, notFound }) => {
  const user = userOf(req.raw);
  const chat = chatOf(req.param('id'), user);
  if (chat === undefined) return notFound();
  const { message } = await req.json();
  const firstMessage = chat.messages[0]?.content ?? message;
  return withRun({ kind: 'chat_turn', chatId: chat.id, ownerId: user, firstMessage }, async () => {
    // The turn ends with its response: its run need not wait for another step.
    env.outgoing.once(
      'close',
      AsyncResource.bind(() => void chatDebug().forceFlush()),
    );
    chat.messages.push({ role: 'user', content: message });
    // Not awaited: the title may arrive after the answer.
    if (chat.messages.length === 1) void makeTitle(chat);
    if (chat.messages.length > MAX_MESSAGES) await compact(chat, req.raw.signal);
    return answer(chat, req.raw.signal);
  });
});

/** Users see only the runs of their own chats. */
const debugTab = createDebugTab({
  source: processRuns(),
  authorize: (request, chatId) =>
    chats.get(chatId)?.owner === userOf(request) && userOf(request) !== undefined,
});
app.all('/debug-tab/*', (context) => debugTab(context.req.raw));

const port = Number(process.env.PORT ?? 3000);
const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, (address) => {
  console.log(`http://127.0.0.1:${address.port}`);
});
// The process exits after the running answers have ended. Kept runs are delivered before.
process.once('SIGTERM', () => {
  debugTab.close();
  server.close();
});
