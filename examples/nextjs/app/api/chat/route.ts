import type { ModelMessage } from 'ai';
import { after } from 'next/server';
import { chatDebug, withRun } from 'opentelemetry-instrumentation-chatdebug';
import { answer, title } from '../../../chat';
import { claim } from '../../../chats';
import { userOf } from '../../../user';

const titles = new Map<string, string>();

/** One chat turn is one run. The run waits for its streamed answer. */
export async function POST(request: Request): Promise<Response> {
  const { chatId, messages }: { chatId: string; messages: ModelMessage[] } = await request.json();
  const user = userOf(request);
  if (!claim(chatId, user)) return new Response('Not found', { status: 404 });
  return withRun({ kind: 'chat_turn', chatId, ownerId: user }, () => {
    const titled = messages.length === 1 ? makeTitle(chatId, messages[0]) : undefined;
    // Platforms that freeze the process after the response wait for this.
    after(async () => {
      await titled;
      await chatDebug().forceFlush();
    });
    return answer(chatId, messages, request.signal);
  });
}

/** A missing title does not fail the turn. */
async function makeTitle(chatId: string, question: ModelMessage): Promise<void> {
  await title(chatId, question).then(
    (text) => titles.set(chatId, text),
    (error: unknown) => console.error('no title:', error),
  );
}

export function GET(request: Request): Response {
  const chatId = new URL(request.url).searchParams.get('chatId') ?? '';
  return Response.json({ title: titles.get(chatId) });
}
