// A small chat application with one chat, four turns and OpenAI's client. It uses withRun to mark a turn. Everything
// else is configured at start-up:
//   node --import opentelemetry-instrumentation-chatdebug/register examples/demo/chat-app.mjs
import OpenAI from 'openai';
import { withRun } from 'opentelemetry-instrumentation-chatdebug';

const openai = new OpenAI(); // Reads OPENAI_API_KEY and OPENAI_BASE_URL. Retries twice.
const model = 'gpt-4o-mini';
const questions = [
  'Do I need an umbrella in Lisbon tomorrow?',
  'And what should I wear?',
  'Which museum is the driest?',
  'Then where is the best coffee?',
];
const history = [{ role: 'system', content: 'You are a laconic travel guide.' }];
const tools = [
  {
    type: 'function',
    function: {
      name: 'forecast',
      description: "Tomorrow's weather in a city",
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  },
];

for (const question of questions) await turn(question);

/** One chat turn is one run. */
async function turn(question) {
  console.log(`you:   ${question}`);
  const chat = { kind: 'chat_turn', chatId: 'travel-1', firstMessage: questions[0] };
  try {
    await withRun(chat, () => answer(question));
  } catch (error) {
    console.log(`guide: Sorry, I can't answer that now: ${error.message}`);
  }
}

async function answer(question) {
  history.push({ role: 'user', content: question });
  let reply = await generate();
  if (reply.tool_calls) {
    history.push(reply, ...reply.tool_calls.map(callTool));
    reply = await stream();
  }
  history.push(reply);
  console.log(`guide: ${reply.content}`);
}

/** One model call, including all retries of the client, is one step. */
async function generate() {
  const completion = await openai.chat.completions.create({ model, messages: history, tools });
  return completion.choices[0].message;
}

async function stream() {
  const chunks = await openai.chat.completions.create({
    model,
    messages: history,
    stream: true,
    stream_options: { include_usage: true },
  });
  let content = '';
  for await (const chunk of chunks) content += chunk.choices[0]?.delta.content ?? '';
  return { role: 'assistant', content };
}

function callTool({ id, function: { arguments: json } }) {
  const { city } = JSON.parse(json);
  return {
    role: 'tool',
    tool_call_id: id,
    content: JSON.stringify({ city, rainMillimetres: 11, celsius: 14 }),
  };
}
