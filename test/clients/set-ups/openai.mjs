import { delta, read, user } from './stream.mjs';

const model = 'gpt-4o-mini';

/** Chat completions, which many other providers support as well. */
const chat = (client, options = { model }) => ({
  generate: (prompt) => client.chat.completions.create({ ...options, messages: user(prompt) }),
  stream: (prompt) =>
    read(
      client.chat.completions.create({
        ...options,
        messages: user(prompt),
        stream: true,
        stream_options: { include_usage: true },
      }),
      delta,
    ),
});

const responses = (client) => ({
  generate: (prompt) => client.responses.create({ model, input: prompt }),
  stream: (prompt) =>
    read(client.responses.create({ model, input: prompt, stream: true }), (event) =>
      event.type === 'response.output_text.delta' ? event.delta : '',
    ),
});

const load = async (module, options = {}) => {
  const { default: OpenAI } = await import(module);
  return new OpenAI({ apiKey: 'none', ...options });
};

const openai = { package: 'openai', over: 'fetch', provider: 'openai', model };
const openai4 = { ...openai, package: 'openai4', over: 'node:http' };

export const OPENAI = [
  { ...openai, name: '`openai`: chat completions', load: async () => chat(await load('openai')) },
  {
    ...openai,
    name: '`openai`: chat completions by `.stream()`',
    load: async () => {
      const client = await load('openai');
      return {
        generate: (prompt) => client.chat.completions.parse({ model, messages: user(prompt) }),
        stream: async (prompt) => {
          const options = { include_usage: true };
          const stream = client.chat.completions.stream({
            model,
            messages: user(prompt),
            stream_options: options,
          });
          return (await stream.finalChatCompletion()).choices[0].message.content;
        },
      };
    },
  },
  { ...openai, name: '`openai`: responses', load: async () => responses(await load('openai')) },
  {
    ...openai,
    name: '`openai`: responses in the background',
    noStream: true,
    load: async () => {
      const client = await load('openai');
      return {
        generate: async (prompt) => {
          let response = await client.responses.create({ model, input: prompt, background: true });
          while (response.status === 'queued') response = await client.responses.retrieve(response.id);
          return response;
        },
      };
    },
  },
  {
    ...openai,
    name: '`openai`: completions',
    model: 'gpt-3.5-turbo-instruct',
    load: async () => {
      const client = await load('openai');
      const options = { model: 'gpt-3.5-turbo-instruct' };
      return {
        generate: (prompt) => client.completions.create({ ...options, prompt }),
        stream: (prompt) =>
          read(
            client.completions.create({ ...options, prompt, stream: true }),
            (chunk) => chunk.choices[0].text,
          ),
      };
    },
  },
  {
    ...openai,
    name: '`openai`: `AzureOpenAI`',
    provider: 'azure.ai.openai',
    load: async () => {
      const { AzureOpenAI } = await import('openai');
      const endpoint = 'https://example.openai.azure.com';
      return chat(
        new AzureOpenAI({ endpoint, apiKey: 'none', apiVersion: '2025-04-01-preview', deployment: model }),
      );
    },
  },
  {
    ...openai,
    name: '`openai` for another host',
    provider: 'llm.example.com',
    model: 'acme-large',
    load: async () =>
      chat(await load('openai', { baseURL: 'https://llm.example.com/v1' }), { model: 'acme-large' }),
  },
  {
    ...openai,
    package: 'openai6',
    name: '`openai` 6: chat completions',
    load: async () => chat(await load('openai6')),
  },
  {
    ...openai,
    package: 'openai6',
    name: '`openai` 6: responses',
    load: async () => responses(await load('openai6')),
  },
  { ...openai4, name: '`openai` 4: chat completions', load: async () => chat(await load('openai4')) },
  { ...openai4, name: '`openai` 4: responses', load: async () => responses(await load('openai4')) },
];
