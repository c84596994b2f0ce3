import { completion, completionStream, openaiError } from '../support/openai-replies.js';
import { type ScriptedProvider, startProvider } from '../support/provider.js';
import type { Reply, SseReply } from '../support/reply.js';

export const ANSWER = 'Eleven millimetres, most of it sideways.';

/** Messages with other responses. */
export const FAIL = 'fail';
export const HANG = 'hang';

export interface ChatProvider extends ScriptedProvider {
  /** Titles are delayed by this time. */
  answerTitles(): void;
}

interface ChatRequest {
  readonly stream?: boolean;
  readonly tools?: unknown;
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
}

/** Responds to the requests of the two chat servers by their content. */
export async function startChatProvider(): Promise<ChatProvider> {
  const provider = await startProvider();
  let answerTitles = () => {};
  const titles = new Promise<void>((resolve) => {
    answerTitles = resolve;
  });
  provider.route(async ({ body }) => {
    const request: ChatRequest = JSON.parse(body.toString());
    if (JSON.stringify(request.messages[0]).includes('Name this conversation')) {
      await titles;
      return completion('Rain in Lisbon');
    }
    return request.stream === true ? streamed(request) : completion('It was about rain.');
  });
  return { ...provider, answerTitles };
}

function streamed({ messages, tools }: ChatRequest): Reply {
  const last = messages.at(-1);
  const text = JSON.stringify(last?.content);
  if (text.includes(FAIL)) return openaiError(500, null, 'server_error', 'Odd', { 'retry-after-ms': '10' });
  if (text.includes(HANG)) return { ...completionStream(ANSWER), hangAfter: 3 };
  if (tools !== undefined && last?.role === 'user') return toolCall();
  return completionStream(ANSWER);
}

function toolCall(): SseReply {
  const call = { name: 'forecast', arguments: '{"city":"Lisbon"}' };
  const delta = {
    role: 'assistant',
    tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: call }],
  };
  const chunk = (choice: object) => ({
    data: { id: 'chatcmpl-1', model: 'm', choices: [{ index: 0, ...choice }] },
  });
  return { type: 'sse', events: [chunk({ delta }), chunk({ delta: {}, finish_reason: 'tool_calls' })] };
}
