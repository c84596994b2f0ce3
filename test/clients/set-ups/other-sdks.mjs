import { delta, read, user } from './stream.mjs';

/** A client with OpenAI's `chat.completions.create`. */
const openaiLike = (packageName, provider, model, load) => ({
  name: `\`${packageName}\``,
  package: packageName,
  over: 'fetch',
  provider,
  model,
  load: async () => {
    const client = await load(await import(packageName));
    return {
      generate: (prompt) => client.chat.completions.create({ model, messages: user(prompt) }),
      stream: (prompt) =>
        read(client.chat.completions.create({ model, messages: user(prompt), stream: true }), delta),
    };
  },
});

const mistral = {
  package: '@mistralai/mistralai',
  over: 'fetch',
  provider: 'mistral_ai',
  model: 'mistral-large-latest',
};
const loadMistral = async () => {
  const { Mistral } = await import('@mistralai/mistralai');
  return new Mistral({ apiKey: 'none' });
};

const ollama = { package: 'ollama', over: 'fetch', provider: 'ollama', model: 'qwen3' };
const LLAMA = 'meta-llama/Llama-3.3-70B-Instruct';

export const OTHER_SDKS = [
  {
    ...mistral,
    name: '`@mistralai/mistralai`: chat',
    load: async () => {
      const { chat } = await loadMistral();
      const { model } = mistral;
      return {
        generate: (prompt) => chat.complete({ model, messages: user(prompt) }),
        stream: (prompt) =>
          read(chat.stream({ model, messages: user(prompt) }), ({ data }) => data.choices[0]?.delta.content),
      };
    },
  },
  {
    ...mistral,
    name: '`@mistralai/mistralai`: fill in the middle',
    model: 'codestral-latest',
    load: async () => {
      const { fim } = await loadMistral();
      const model = 'codestral-latest';
      return {
        generate: (prompt) => fim.complete({ model, prompt }),
        stream: (prompt) => read(fim.stream({ model, prompt }), ({ data }) => data.choices[0]?.delta.content),
      };
    },
  },
  {
    ...mistral,
    name: '`@mistralai/mistralai`: conversations',
    load: async () => {
      const { beta } = await loadMistral();
      const { model } = mistral;
      return {
        generate: (inputs) => beta.conversations.start({ model, inputs }),
        stream: (inputs) =>
          read(beta.conversations.startStream({ model, inputs }), ({ data }) => data.content),
      };
    },
  },
  {
    name: '`cohere-ai`',
    package: 'cohere-ai',
    over: 'fetch',
    provider: 'cohere',
    model: 'command-a-03-2025',
    load: async () => {
      const { CohereClientV2 } = await import('cohere-ai');
      const client = new CohereClientV2({ token: 'none' });
      const options = { model: 'command-a-03-2025' };
      return {
        generate: (prompt) => client.chat({ ...options, messages: user(prompt) }),
        stream: (prompt) =>
          read(client.chatStream({ ...options, messages: user(prompt) }), (event) =>
            event.type === 'content-delta' ? event.delta.message.content.text : '',
          ),
      };
    },
  },
  {
    ...ollama,
    name: '`ollama`: chat',
    load: async () => {
      const { Ollama } = await import('ollama');
      const client = new Ollama();
      const { model } = ollama;
      return {
        generate: (prompt) => client.chat({ model, messages: user(prompt) }),
        stream: (prompt) =>
          read(
            client.chat({ model, messages: user(prompt), stream: true }),
            ({ message }) => message.content,
          ),
      };
    },
  },
  {
    ...ollama,
    name: '`ollama`: generate',
    load: async () => {
      const { Ollama } = await import('ollama');
      const client = new Ollama();
      const { model } = ollama;
      return {
        generate: (prompt) => client.generate({ model, prompt }),
        stream: (prompt) =>
          read(client.generate({ model, prompt, stream: true }), ({ response }) => response),
      };
    },
  },
  {
    name: '`replicate` inside `withRun`',
    package: 'replicate',
    over: 'fetch',
    provider: 'replicate',
    model: 'meta/meta-llama-3-70b-instruct',
    inRun: true,
    noStreamUsage: true,
    note: 'outside `withRun` the stream of a prediction is a run of its own, because its request has no credentials',
    load: async () => {
      const { default: Replicate } = await import('replicate');
      const client = new Replicate({ auth: 'none', useFileOutput: false });
      const model = 'meta/meta-llama-3-70b-instruct';
      return {
        generate: async (prompt) => (await client.run(model, { input: { prompt } })).join(''),
        stream: (prompt) =>
          read(client.stream(model, { input: { prompt } }), (event) => {
            if (event.event === 'error') throw new Error(event.data);
            return event.event === 'output' ? event.data : '';
          }),
      };
    },
  },
  {
    name: '`@huggingface/inference`',
    package: '@huggingface/inference',
    over: 'fetch',
    provider: 'huggingface',
    model: LLAMA,
    load: async () => {
      const { InferenceClient } = await import('@huggingface/inference');
      const client = new InferenceClient('hf_none');
      return {
        generate: (prompt) => client.chatCompletion({ model: LLAMA, messages: user(prompt) }),
        stream: (prompt) =>
          read(client.chatCompletionStream({ model: LLAMA, messages: user(prompt) }), delta),
      };
    },
  },
  openaiLike(
    'groq-sdk',
    'groq',
    'llama-3.3-70b-versatile',
    ({ default: Groq }) => new Groq({ apiKey: 'none' }),
  ),
  openaiLike(
    'together-ai',
    'together_ai',
    'meta-llama/Llama-3.3-70B',
    ({ default: T }) => new T({ apiKey: 'none' }),
  ),
  {
    name: '`@azure-rest/ai-inference`',
    package: '@azure-rest/ai-inference',
    over: 'node:http',
    provider: 'azure.ai.inference',
    model: 'Llama-3.3-70B-Instruct',
    load: async () => {
      const { default: ModelClient, isUnexpected } = await import('@azure-rest/ai-inference');
      const { AzureKeyCredential } = await import('@azure/core-auth');
      const { createParser } = await import('eventsource-parser');
      const client = ModelClient(
        'https://example.services.ai.azure.com/models',
        new AzureKeyCredential('none'),
      );
      const request = (prompt, rest = {}) =>
        client.path('/chat/completions').post({
          body: { model: 'Llama-3.3-70B-Instruct', messages: user(prompt), ...rest },
        });
      return {
        generate: async (prompt) => {
          const response = await request(prompt);
          if (isUnexpected(response)) throw new Error(JSON.stringify(response.body));
          return response.body;
        },
        stream: async (prompt) => {
          const response = await request(prompt, { stream: true }).asNodeStream();
          if (response.status !== '200') throw new Error(`status ${response.status}`);
          let text = '';
          const parser = createParser({
            onEvent: ({ data }) => {
              if (data !== '[DONE]') text += delta(JSON.parse(data)) ?? '';
            },
          });
          for await (const chunk of response.body) parser.feed(chunk.toString());
          return text;
        },
      };
    },
  },
];
