import OpenAI from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { completion, completionStream } from '../support/openai-replies.js';
import { response, responseStream } from '../support/openai-responses-replies.js';
import { listed, testWhole, told } from './whole.js';

const openai = (url: string) => new OpenAI({ apiKey: 'none', baseURL: `${url}/v1`, maxRetries: 0 });

const MODEL = 'gpt-4o-mini';
const CHAT = { model: MODEL, messages: [{ role: 'user' as const, content: 'Hi' }] };
const STREAM = { ...CHAT, stream: true, stream_options: { include_usage: true } } as const;
const QUESTION = { model: MODEL, input: 'Hi' };
const Answer = z.object({ number: z.number() });
const JSON_ANSWER = '{"number":7}';

const USAGE = { inputTokens: 20, outputTokens: 10 };
const generates = { operation: 'generate', model: MODEL, provider: 'openai', usage: USAGE };
const streams = { ...generates, operation: 'stream' };

describe('chat completions', () => {
  const reply = completion('Hello there.');
  const stream = completionStream('Hello there.');
  testWhole([
    {
      name: 'create',
      reply,
      step: generates,
      call: async (url) => {
        const answer = await openai(url).chat.completions.create(CHAT);
        return [answer, answer._request_id];
      },
    },
    {
      name: 'create().withResponse()',
      reply,
      step: generates,
      call: async (url) => {
        const { data, response, request_id } = await openai(url).chat.completions.create(CHAT).withResponse();
        return [data, told(response), request_id];
      },
    },
    {
      name: 'create().asResponse()',
      reply,
      step: generates,
      call: async (url) => {
        const response = await openai(url).chat.completions.create(CHAT).asResponse();
        return [told(response), await response.text()];
      },
    },
    {
      name: 'parse()',
      reply: completion(JSON_ANSWER),
      step: generates,
      call: (url) =>
        openai(url).chat.completions.parse({ ...CHAT, response_format: zodResponseFormat(Answer, 'answer') }),
    },
    {
      name: 'create({ stream })',
      reply: stream,
      step: streams,
      call: async (url) => listed(await openai(url).chat.completions.create(STREAM)),
    },
    {
      name: 'create({ stream }).withResponse()',
      reply: stream,
      step: streams,
      call: async (url) => {
        const { data, response } = await openai(url).chat.completions.create(STREAM).withResponse();
        return [told(response), await listed(data)];
      },
    },
    {
      name: 'tee()',
      reply: stream,
      step: streams,
      call: async (url) => {
        const branches = (await openai(url).chat.completions.create(STREAM)).tee();
        return Promise.all(branches.map((branch) => listed(branch)));
      },
    },
    {
      name: 'toReadableStream()',
      reply: stream,
      step: streams,
      call: async (url) =>
        new Response((await openai(url).chat.completions.create(STREAM)).toReadableStream()).text(),
    },
    {
      name: 'stream(), its events and its end',
      reply: stream,
      step: streams,
      call: async (url) => {
        const events: unknown[] = [];
        const runner = openai(url).chat.completions.stream({
          ...CHAT,
          stream_options: { include_usage: true },
        });
        runner.on('connect', () => events.push('connect'));
        runner.on('chunk', (chunk) => events.push(chunk));
        runner.on('content', (delta, snapshot) => events.push([delta, snapshot]));
        runner.on('finalContent', (content) => events.push(content));
        runner.on('end', () => events.push('end'));
        return [await runner.finalChatCompletion(), await runner.totalUsage(), events];
      },
    },
  ]);
});

describe('responses', () => {
  testWhole([
    {
      name: 'create',
      reply: response('Hello there.'),
      step: generates,
      call: async (url) => {
        const answer = await openai(url).responses.create(QUESTION);
        return [answer, answer._request_id, answer.output_text];
      },
    },
    {
      name: 'parse()',
      reply: response(JSON_ANSWER),
      step: generates,
      call: (url) =>
        openai(url).responses.parse({ ...QUESTION, text: { format: zodTextFormat(Answer, 'answer') } }),
    },
    {
      name: 'create({ stream })',
      reply: responseStream('Hello there.'),
      step: streams,
      call: async (url) => listed(await openai(url).responses.create({ ...QUESTION, stream: true })),
    },
    {
      name: 'stream(), its events and its end',
      reply: responseStream('Hello there.'),
      step: streams,
      call: async (url) => {
        const deltas: unknown[] = [];
        const runner = openai(url).responses.stream(QUESTION);
        runner.on('response.output_text.delta', ({ delta, snapshot }) => deltas.push([delta, snapshot]));
        return [await listed(runner), await runner.finalResponse(), deltas];
      },
    },
  ]);
});

describe('requests that are not model calls', () => {
  testWhole([
    {
      name: 'embeddings',
      reply: {
        type: 'json',
        body: { object: 'list', data: [{ object: 'embedding', index: 0, embedding: [0.5] }], model: 'e' },
      },
      step: undefined,
      call: (url) => openai(url).embeddings.create({ model: 'e', input: 'Hi', encoding_format: 'float' }),
    },
    {
      name: 'files',
      reply: { type: 'json', body: { id: 'file_1', object: 'file' } },
      step: undefined,
      call: (url) => openai(url).files.create({ purpose: 'batch', file: new File(['{}\n'], 'batch.jsonl') }),
    },
    {
      name: 'a stored completion',
      reply: completion('Hello there.'),
      step: undefined,
      call: (url) => openai(url).chat.completions.retrieve('chatcmpl-1'),
    },
  ]);
});
