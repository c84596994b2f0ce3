import OpenAI from 'openai';
import { completion, completionStream, openaiError } from '../../support/openai-replies.js';
import type { Reply } from '../../support/reply.js';
import { EXCHANGE_HEADER, type Exchange } from './exchange.js';
import type { Planting } from './planting.js';

/** The length of one text, in characters. */
const TEXT = [10_000];

type Messages = OpenAI.ChatCompletionMessageParam[];

/** A chat request of the OpenAI SDK: messages, tools and their arguments. The response is successful, streamed or an error. */
export function chatExchange(planting: Planting): Exchange {
  const stream = planting.chance(0.4);
  const request = {
    model: planting.chance(0.05) ? planting.line('model') : 'gpt-4o-mini',
    messages: messages(planting),
    user: planting.line('chat parameter'),
    ...(planting.chance(0.3) && { tools: [tool(planting)] }),
  };
  const apiKey = planting.secret('request header');
  const defaultHeaders = { [EXCHANGE_HEADER]: String(planting.seed) };
  const maxRetries = planting.chance(0.1) ? 1 : 0;
  return {
    reply: reply(planting, stream),
    call: async (origin) => {
      const openai = new OpenAI({ apiKey, baseURL: `${origin}/v1`, maxRetries, defaultHeaders });
      if (!stream) await openai.chat.completions.create(request);
      else for await (const _ of await openai.chat.completions.create({ ...request, stream }));
    },
  };
}

function messages(planting: Planting): Messages {
  const place = 'chat message';
  const all: Messages = [{ role: 'system', content: planting.text(place) }];
  if (planting.chance(0.3)) {
    const call = { name: 'f', arguments: planting.json('arguments of a tool') };
    all.push(
      { role: 'assistant', tool_calls: [{ id: 'call_1', type: 'function', function: call }] },
      { role: 'tool', tool_call_id: 'call_1', content: planting.json('result of a tool') },
    );
  }
  const content = planting.chance(0.2)
    ? planting.across('chat message: across the bound', TEXT)
    : planting.text(place);
  all.push({ role: 'user', content: planting.chance(0.5) ? content : [{ type: 'text', text: content }] });
  return all;
}

function tool(planting: Planting): OpenAI.ChatCompletionTool {
  const city = {
    type: 'string',
    description: planting.text('definition of a tool'),
    default: planting.text('definition of a tool'),
  };
  const parameters = { type: 'object', properties: { city } };
  return {
    type: 'function',
    function: { name: 'f', description: planting.text('definition of a tool'), parameters },
  };
}

function reply(planting: Planting, stream: boolean): Reply {
  if (planting.chance(0.3)) {
    const status = planting.pick([400, 401, 403, 404, 429, 500, 503]);
    const message = planting.across('error of the provider', [40, 200, 500]);
    const code = planting.chance(0.1) ? planting.line('error code') : 'odd';
    return openaiError(status, code, 'invalid_request_error', message, { 'retry-after-ms': '1' });
  }
  const place = stream ? 'streamed answer' : 'answer';
  const text = planting.chance(0.1)
    ? planting.across(`${place}: across the bound`, [10_000, 50_000])
    : planting.text(place);
  // A secret that a stream splits into several events stays: docs/redaction.md says so.
  if (stream) return completionStream([text, ' ', planting.text(place)]);
  const toolCalls = [{ id: 'call_2', name: 'f', arguments: planting.json('arguments of a tool') }];
  return completion(text, planting.chance(0.3) ? { toolCalls } : {});
}
