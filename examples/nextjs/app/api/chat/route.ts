import type { ModelMessage } from 'ai';
import { after } from 'next/server';
import { chatDebug, withRun } from 'opentelemetry-instrumentation-chatdebug';
import { answer, title } from '../../../chat';

const titles = new Map<string, string>();

/** One chat turn is one run; its answer is a stream, which the run waits for. */
export async function POST(request: Request): Promise<Response> {
  const { chatId, messages }: { chatId: string; messages: ModelMessage[] } = await request.json();
  return withRun({ kind: 'chat_turn', chatId }, () => {
    const titled = messages.length === 1 ? makeTitle(chatId, messages[0]) : undefined;
    // A platform that freezes the process after the response waits for this.
    after(async () => {
      await titled;
      await chatDebug().forceFlush();
    });
    return answer(chatId, messages, request.signal);
  });
}

/** A chat without a title is no failed turn. */
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
