import { read, user } from './stream.mjs';

const model = 'claude-sonnet-4-5';
const options = { max_tokens: 100 };

const textDelta = (event) => (event.type === 'content_block_delta' ? event.delta.text : '');

const messages = (client, name = model) => ({
  generate: (prompt) => client.messages.create({ ...options, model: name, messages: user(prompt) }),
  stream: (prompt) =>
    read(
      client.messages.create({ ...options, model: name, messages: user(prompt), stream: true }),
      textDelta,
    ),
});

const load = async (module) => {
  const { default: Anthropic } = await import(module);
  return new Anthropic({ apiKey: 'none' });
};

const anthropic = { package: '@anthropic-ai/sdk', over: 'fetch', provider: 'anthropic', model };

export const ANTHROPIC = [
  { ...anthropic, name: '`@anthropic-ai/sdk`', load: async () => messages(await load('@anthropic-ai/sdk')) },
  {
    ...anthropic,
    name: '`@anthropic-ai/sdk` by `.stream()`',
    load: async () => {
      const client = await load('@anthropic-ai/sdk');
      return {
        ...messages(client),
        stream: async (prompt) =>
          (await client.messages.stream({ ...options, model, messages: user(prompt) }).finalMessage())
            .content,
      };
    },
  },
  {
    ...anthropic,
    package: 'anthropic-sdk-0.39',
    over: 'node:http',
    name: '`@anthropic-ai/sdk` 0.39',
    load: async () => messages(await load('anthropic-sdk-0.39')),
  },
  {
    package: '@anthropic-ai/bedrock-sdk',
    over: 'fetch',
    name: '`@anthropic-ai/bedrock-sdk`',
    provider: 'aws.bedrock',
    model: 'anthropic.claude-sonnet-4-5-20250929-v1:0',
    load: async () => {
      const { AnthropicBedrock } = await import('@anthropic-ai/bedrock-sdk');
      const credentials = { awsAccessKey: 'AKIDEXAMPLE', awsSecretKey: 'none', awsRegion: 'us-east-1' };
      return messages(new AnthropicBedrock(credentials), 'anthropic.claude-sonnet-4-5-20250929-v1:0');
    },
  },
  {
    package: '@anthropic-ai/vertex-sdk',
    over: 'fetch',
    name: '`@anthropic-ai/vertex-sdk`',
    provider: 'gcp.vertex_ai',
    model,
    load: async () => {
      const { AnthropicVertex } = await import('@anthropic-ai/vertex-sdk');
      const authClient = { getRequestHeaders: async () => new Headers({ authorization: 'Bearer none' }) };
      return messages(new AnthropicVertex({ authClient, region: 'us-east5', projectId: 'p' }));
    },
  },
];
