import { read } from './stream.mjs';

/** Two retries instead of six, whose pauses take a minute. */
const OPTIONS = { apiKey: 'none', maxRetries: 2 };

function langchain(packageName, className, provider, model, options = { ...OPTIONS, model }, rest = {}) {
  return {
    name: `\`${packageName}\``,
    package: packageName,
    over: 'fetch',
    provider,
    model,
    ...rest,
    load: async () => {
      const module = await import(packageName);
      const chat = new module[className](options);
      return {
        generate: (prompt) => chat.invoke(prompt),
        stream: (prompt) => read(chat.stream(prompt), (chunk) => chunk.text),
      };
    },
  };
}

const NOVA = 'us.amazon.nova-lite-v1:0';

export const LANGCHAIN = [
  langchain('@langchain/openai', 'ChatOpenAI', 'openai', 'gpt-4o-mini'),
  langchain('@langchain/anthropic', 'ChatAnthropic', 'anthropic', 'claude-sonnet-4-5'),
  langchain('@langchain/google-genai', 'ChatGoogleGenerativeAI', 'gcp.gemini', 'gemini-2.5-flash'),
  langchain('@langchain/mistralai', 'ChatMistralAI', 'mistral_ai', 'mistral-large-latest'),
  langchain('@langchain/groq', 'ChatGroq', 'groq', 'llama-3.3-70b-versatile'),
  langchain('@langchain/ollama', 'ChatOllama', 'ollama', 'qwen3', { model: 'qwen3', maxRetries: 2 }),
  langchain(
    '@langchain/aws',
    'ChatBedrockConverse',
    'aws.bedrock',
    NOVA,
    {
      model: NOVA,
      region: 'us-east-1',
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'none' },
      maxRetries: 2,
    },
    { over: 'node:http2' },
  ),
];
