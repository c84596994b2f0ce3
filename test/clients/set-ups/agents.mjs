import { read, user } from './stream.mjs';

const openai = { over: 'fetch', provider: 'openai', model: 'gpt-4o-mini' };

/** Agent frameworks, which call models through their own clients. */
export const AGENTS = [
  {
    ...openai,
    name: '`@mastra/core`',
    package: '@mastra/core',
    load: async () => {
      const { Agent } = await import('@mastra/core/agent');
      const agent = new Agent({ id: 'a', name: 'a', instructions: 'Be brief.', model: 'openai/gpt-4o-mini' });
      return {
        generate: async (prompt) => {
          const { text, error } = await agent.generate(prompt);
          if (error !== undefined) throw error;
          return text;
        },
        stream: async (prompt) => {
          const result = await agent.stream(prompt);
          const text = await read(result.textStream, (piece) => piece);
          if (result.error !== undefined) throw result.error;
          return text;
        },
      };
    },
  },
  {
    ...openai,
    name: '`@llamaindex/openai`',
    package: '@llamaindex/openai',
    load: async () => {
      const { OpenAI } = await import('@llamaindex/openai');
      const llm = new OpenAI({ apiKey: 'none', model: 'gpt-4o-mini', maxRetries: 2 });
      return {
        generate: async (prompt) => (await llm.chat({ messages: user(prompt) })).message.content,
        stream: (prompt) =>
          read(
            llm.chat({
              messages: user(prompt),
              stream: true,
              additionalChatOptions: { stream_options: { include_usage: true } },
            }),
            (chunk) => chunk.delta,
          ),
      };
    },
  },
];
