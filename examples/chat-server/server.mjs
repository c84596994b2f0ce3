// A chat server: answers are streamed as server-sent events. It is started with the recording switched on:
//   node --import opentelemetry-instrumentation-chatdebug/register server.mjs
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { withRun } from 'opentelemetry-instrumentation-chatdebug';
import { startScriptedProvider } from './scripted-provider.mjs';

if (process.env.OPENAI_API_KEY === undefined) {
  process.env.OPENAI_API_KEY = 'none';
  process.env.OPENAI_BASE_URL = `${await startScriptedProvider()}/v1`;
}
// Now, since the AI SDK reads the variables when it is loaded.
const { answer, compact, makeTitle } = await import('./chat.mjs');

/** A history that is longer is summed up before it is sent. */
const MAX_MESSAGES = 6;

const chats = new Map();
const app = new Hono();

/** One chat turn is one run. Its answer is a stream, which the run waits for. */
app.post('/chats/:id', async ({ req }) => {
  const id = req.param('id');
  const { message } = await req.json();
  const chat = chats.get(id) ?? { id, title: undefined, messages: [] };
  chats.set(id, chat);
  return withRun(
    { kind: 'chat_turn', chatId: id, firstMessage: chat.messages[0]?.content ?? message },
    async () => {
      chat.messages.push({ role: 'user', content: message });
      // Nobody waits for the title: it may come after the answer.
      if (chat.messages.length === 1) void makeTitle(chat);
      if (chat.messages.length > MAX_MESSAGES) await compact(chat, req.raw.signal);
      return answer(chat, req.raw.signal);
    },
  );
});

app.get('/chats/:id', (context) => context.json(chats.get(context.req.param('id')) ?? {}));

const port = Number(process.env.PORT ?? 3000);
const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, (address) => {
  console.log(`http://127.0.0.1:${address.port}`);
});
// The process ends once the answers under way have been given, and what is kept by then is delivered.
process.once('SIGTERM', () => server.close());
