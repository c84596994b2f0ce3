import Anthropic from '@anthropic-ai/sdk';
import { message, messageStream } from '../support/anthropic-replies.js';
import { listed, testWhole, told } from './whole.js';

const claude = (url: string) => new Anthropic({ apiKey: 'none', baseURL: url, maxRetries: 0 });

const MODEL = 'claude-1';
const PROMPT = { model: MODEL, max_tokens: 64, messages: [{ role: 'user' as const, content: 'Hi' }] };
const STREAM = { ...PROMPT, stream: true } as const;
const USAGE = { inputTokens: 20, outputTokens: 10 };
const generates = { operation: 'generate', model: MODEL, provider: 'anthropic', usage: USAGE };
const streams = { ...generates, operation: 'stream' };

describe('messages', () => {
  const reply = message('Hello there.');
  const stream = messageStream('Hello there.');
  testWhole([
    {
      name: 'create',
      reply,
      step: generates,
      call: async (url) => {
        const answer = await claude(url).messages.create(PROMPT);
        return [answer, answer._request_id];
      },
    },
    {
      name: 'create().withResponse()',
      reply,
      step: generates,
      call: async (url) => {
        const { data, response, request_id } = await claude(url).messages.create(PROMPT).withResponse();
        return [data, told(response), request_id];
      },
    },
    {
      name: 'create().asResponse()',
      reply,
      step: generates,
      call: async (url) => {
        const response = await claude(url).messages.create(PROMPT).asResponse();
        return [told(response), await response.json()];
      },
    },
    {
      name: 'create({ stream })',
      reply: stream,
      step: streams,
      call: async (url) => listed(await claude(url).messages.create(STREAM)),
    },
    {
      name: 'tee()',
      reply: stream,
      step: streams,
      call: async (url) => {
        const branches = (await claude(url).messages.create(STREAM)).tee();
        return Promise.all(branches.map((branch) => listed(branch)));
      },
    },
    {
      name: 'toReadableStream()',
      reply: stream,
      step: streams,
      call: async (url) =>
        new Response((await claude(url).messages.create(STREAM)).toReadableStream()).text(),
    },
    {
      name: 'stream(), its events and its end',
      reply: stream,
      step: streams,
      call: async (url) => {
        const events: unknown[] = [];
        const runner = claude(url).messages.stream(PROMPT);
        runner.on('connect', () => events.push('connect'));
        runner.on('streamEvent', (event) => events.push(event));
        runner.on('text', (delta, snapshot) => events.push([delta, snapshot]));
        runner.on('message', (whole) => events.push(whole));
        runner.on('end', () => events.push('end'));
        return [await runner.finalMessage(), await runner.finalText(), runner.request_id, events];
      },
    },
    {
      name: 'stream().withResponse()',
      reply: stream,
      step: streams,
      call: async (url) => {
        const { data, response, request_id } = await claude(url).messages.stream(PROMPT).withResponse();
        return [told(response), request_id, await listed(data)];
      },
    },
  ]);
});

describe('requests that are not model calls', () => {
  testWhole([
    {
      name: 'countTokens',
      reply: { type: 'json', body: { input_tokens: 8 } },
      step: undefined,
      call: (url) =>
        claude(url).messages.countTokens({ model: MODEL, messages: [{ role: 'user', content: 'Hi' }] }),
    },
    {
      name: 'batches',
      reply: {
        type: 'json',
        body: { id: 'msgbatch_1', type: 'message_batch', processing_status: 'in_progress' },
      },
      step: undefined,
      call: (url) => claude(url).messages.batches.create({ requests: [{ custom_id: '1', params: PROMPT }] }),
    },
    {
      name: 'files',
      reply: { type: 'json', body: { id: 'file_1', type: 'file', filename: 'a.txt' } },
      step: undefined,
      call: (url) =>
        claude(url).beta.files.upload({ file: new File(['Hi'], 'a.txt', { type: 'text/plain' }) }),
    },
  ]);
});
