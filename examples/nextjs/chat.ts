import { openai } from '@ai-sdk/openai';
import { generateText, type ModelMessage, streamText } from 'ai';
import { withRun } from 'opentelemetry-instrumentation-chatdebug';

const model = openai.chat('gpt-5-mini');
/** Longer histories are compacted before they are sent. */
const MAX_MESSAGES = 6;

/** Returns the answer as a streaming response. The signal is aborted if the client disconnects. */
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

/** Compacts the history in a nested run of its own kind. */
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

/** Generates a title in another nested run. It may end after the turn and continues if the client disconnects. */
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
