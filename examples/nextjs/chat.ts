import { openai } from '@ai-sdk/openai';
import { generateText, type ModelMessage, streamText } from 'ai';
import { withRun } from 'opentelemetry-instrumentation-chatdebug';

const model = openai.chat('gpt-5-mini');
/** A history that is longer is summed up before it is sent. */
const MAX_MESSAGES = 6;

/** The answer, as a response. A client that goes away aborts the signal. */
export async function answer(
  chatId: string,
  history: ModelMessage[],
  signal: AbortSignal,
): Promise<Response> {
  const messages = history.length > MAX_MESSAGES ? await compacted(chatId, history, signal) : history;
  return streamText({
    model,
    messages,
    abortSignal: signal,
    onError: ({ error }) => console.error('no answer:', error instanceof Error ? error.message : error),
  }).toUIMessageStreamResponse();
}

/** A run of its own kind, inside the turn. */
function compacted(chatId: string, history: ModelMessage[], signal: AbortSignal): Promise<ModelMessage[]> {
  return withRun({ kind: 'compaction', chatId }, async (): Promise<ModelMessage[]> => {
    const { text } = await generateText({
      model,
      system: 'Sum up this conversation.',
      messages: history.slice(0, -1),
      abortSignal: signal,
    });
    return [{ role: 'assistant', content: text }, ...history.slice(-1)];
  });
}

/** Another one, for which the answer does not wait: it may end after its turn, and goes on where the client has gone. */
export function title(chatId: string, question: ModelMessage): Promise<string> {
  return withRun({ kind: 'title_generation', chatId }, async () => {
    const { text } = await generateText({
      model,
      system: 'Name this conversation in three words.',
      messages: [question],
    });
    return text;
  });
}
