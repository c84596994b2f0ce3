import { openai } from '@ai-sdk/openai';
import { generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';
import { withRun } from 'opentelemetry-instrumentation-chatdebug';

const model = openai.chat('gpt-5-mini');

const forecast = tool({
  description: "Tomorrow's weather in a city",
  inputSchema: jsonSchema({ type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }),
  execute: async ({ city }) => ({ city, rainMillimetres: 11, celsius: 14 }),
});

/** The answer to the last message, as a response. A client that goes away aborts the signal. */
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

/** A run of its own kind inside the turn, which waits for it. */
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

/** Another one, for which nobody waits: it may end after its turn, and goes on where the client has gone. */
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
    // A chat without a title is no failed turn.
    console.error('no title:', error.message);
  }
}
