// An application with its own tracing: each request is a span that contains a chat turn.
import { SpanStatusCode, trace } from '@opentelemetry/api';
import OpenAI from 'openai';
import { withRun } from 'opentelemetry-instrumentation-chatdebug';

const openai = new OpenAI({ maxRetries: 1 });
const tracer = trace.getTracer('chat-server');

/** The first turn succeeds, the second fails. */
export async function takeTurns() {
  await request('Do I need an umbrella?');
  await request('Which museum is the driest?');
}

function request(question) {
  return tracer.startActiveSpan('POST /chat', async (span) => {
    try {
      await withRun({ chatId: 'travel-1' }, () => answer(question));
    } catch {
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
  });
}

async function answer(question) {
  const messages = [{ role: 'user', content: question }];
  const completion = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages });
  return completion.choices[0].message.content;
}
