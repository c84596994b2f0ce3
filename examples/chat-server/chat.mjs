import { openai } from '@ai-sdk/openai';
import { generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';
import { withRun } from 'opentelemetry-instrumentation-chatdebug';

const model = openai.chat('gpt-5-mini');

const forecast = tool({
  description: "Tomorrow's weather in a city",
  inputSchema: jsonSchema({ type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }),
  execute: async ({ city }) => ({ city, rainMillimetres: 11, celsius: 14 }),
});

/** Returns the answer to the last message as a streaming response. The signal is aborted if the client disconnects. */
export function answer(chat, signal) {
  const result = streamText({
    model,
    messages: chat.messages,
    tools: { forecast },
    stopWhen: stepCountIs(5),
    abortSignal: signal,
    onError: ({ error }) => console.error('no answer:', error.message),
    onFinish: ({ text }) => {
      chat.messages.push({ role: 'assistant', content: text });
    },
  });
  return result.toUIMessageStreamResponse();
}

/** Compacts the history in a nested run of its own kind. The turn waits for it. */
export function compact(chat, signal) {
  return withRun({ kind: 'compaction', chatId: chat.id }, async () => {
    const { text } = await generateText({
      model,
      system: 'Sum up this conversation.',
      messages: chat.messages.slice(0, -1),
      abortSignal: signal,
    });
    chat.messages = [{ role: 'assistant', content: text }, ...chat.messages.slice(-1)];
  });
}

/** Generates a title in another nested run. It may end after the turn and continues if the client disconnects. */
export async function makeTitle(chat) {
  try {
    chat.title = await withRun({ kind: 'title_generation', chatId: chat.id }, async () => {
      const { text } = await generateText({
        model,
        system: 'Name this conversation in three words.',
        messages: chat.messages.slice(0, 1),
      });
      return text;
    });
  } catch (error) {
    // A missing title does not fail the turn.
    console.error('no title:', error.message);
  }
}
