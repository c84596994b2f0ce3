/** `load` returns a model of the AI SDK, or a name for its default provider. */
function aiSdk(name, packageName, provider, model, load, rest = {}) {
  return {
    name,
    package: packageName,
    over: 'fetch',
    provider,
    model,
    load: async () => {
      const { generateText, streamText } = await import(rest.core ?? 'ai');
      const languageModel = await load();
      return {
        generate: async (prompt) => (await generateText({ model: languageModel, prompt })).text,
        stream: async (prompt) => {
          let text = '';
          const { fullStream } = streamText({ model: languageModel, prompt, onError: () => {} });
          for await (const part of fullStream) {
            if (part.type === 'error') throw part.error;
            if (part.type === 'text-delta') text += part.text;
          }
          return text;
        },
      };
    },
  };
}

const KEY = { apiKey: 'none' };
const AWS = { region: 'us-east-1', accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'none' };

/** The AI SDK with a provider that `create` of its package makes. */
const provided = (name, create, provider, model, options = KEY, choose = (made) => made(model)) =>
  aiSdk(`\`${name}\``, name, provider, model, async () => {
    const module = await import(name);
    return choose(module[create](options));
  });

const AI_7 = { core: 'ai7' };
const GATEWAY_MODEL = 'openai/gpt-4o-mini';
const LLAMA = 'llama-3.3-70b';

export const AI_SDK = [
  provided('@ai-sdk/openai', 'createOpenAI', 'openai', 'gpt-4o-mini'),
  aiSdk('`@ai-sdk/openai`: chat completions', '@ai-sdk/openai', 'openai', 'gpt-4o-mini', async () => {
    const { createOpenAI } = await import('@ai-sdk/openai');
    return createOpenAI(KEY).chat('gpt-4o-mini');
  }),
  provided('@ai-sdk/azure', 'createAzure', 'azure.ai.openai', 'gpt-4o-mini', {
    ...KEY,
    resourceName: 'example',
  }),
  aiSdk('`@ai-sdk/anthropic`', '@ai-sdk/anthropic', 'anthropic', 'claude-sonnet-4-5', async () => {
    const { createAnthropic } = await import('@ai-sdk/anthropic');
    return createAnthropic(KEY)('claude-sonnet-4-5');
  }),
  provided('@ai-sdk/google', 'createGoogleGenerativeAI', 'gcp.gemini', 'gemini-2.5-flash'),
  provided('@ai-sdk/cohere', 'createCohere', 'cohere', 'command-a-03-2025'),
  provided('@ai-sdk/mistral', 'createMistral', 'mistral_ai', 'mistral-large-latest'),
  provided('@ai-sdk/xai', 'createXai', 'x_ai', 'grok-4', KEY, (made) => made.chat('grok-4')),
  provided('@ai-sdk/groq', 'createGroq', 'groq', 'llama-3.3-70b-versatile'),
  provided('@ai-sdk/deepseek', 'createDeepSeek', 'deepseek', 'deepseek-chat'),
  provided('@ai-sdk/togetherai', 'createTogetherAI', 'together_ai', 'meta-llama/Llama-3.3-70B'),
  provided(
    '@ai-sdk/fireworks',
    'createFireworks',
    'fireworks_ai',
    'accounts/fireworks/models/llama-v3p3-70b',
  ),
  provided('@ai-sdk/cerebras', 'createCerebras', 'cerebras', LLAMA),
  provided('@ai-sdk/perplexity', 'createPerplexity', 'perplexity', 'sonar'),
  provided('@ai-sdk/amazon-bedrock', 'createAmazonBedrock', 'aws.bedrock', 'us.amazon.nova-lite-v1:0', AWS),
  aiSdk(
    '`@ai-sdk/amazon-bedrock/anthropic`',
    '@ai-sdk/amazon-bedrock',
    'aws.bedrock',
    'us.anthropic.claude-sonnet-4-v1:0',
    async () => {
      const { createBedrockAnthropic } = await import('@ai-sdk/amazon-bedrock/anthropic');
      return createBedrockAnthropic(AWS)('us.anthropic.claude-sonnet-4-v1:0');
    },
  ),
  provided('@ai-sdk/openai-compatible', 'createOpenAICompatible', 'llm.example.com', 'acme-large', {
    ...KEY,
    name: 'acme',
    baseURL: 'https://llm.example.com/v1',
    includeUsage: true,
  }),
  provided('@openrouter/ai-sdk-provider', 'createOpenRouter', 'openrouter', GATEWAY_MODEL),
  aiSdk('`ai` with a model given by its name', 'ai', 'vercel', GATEWAY_MODEL, async () => GATEWAY_MODEL),
  aiSdk(
    '`ai` 7 with a model given by its name',
    'ai7',
    'vercel',
    GATEWAY_MODEL,
    async () => GATEWAY_MODEL,
    AI_7,
  ),
  aiSdk(
    '`@ai-sdk/openai` of AI SDK 7',
    'ai7-openai',
    'openai',
    'gpt-4o-mini',
    async () => (await import('ai7-openai')).createOpenAI(KEY)('gpt-4o-mini'),
    AI_7,
  ),
  aiSdk(
    '`@ai-sdk/anthropic` of AI SDK 7',
    'ai7-anthropic',
    'anthropic',
    'claude-sonnet-4-5',
    async () => (await import('ai7-anthropic')).createAnthropic(KEY)('claude-sonnet-4-5'),
    AI_7,
  ),
];
