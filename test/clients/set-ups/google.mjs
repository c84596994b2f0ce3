import { read } from './stream.mjs';

const model = 'gemini-2.5-flash';

const genai = { package: '@google/genai', over: 'fetch', provider: 'gcp.gemini', model };
const load = async (options = { apiKey: 'none' }) => {
  const { GoogleGenAI } = await import('@google/genai');
  return new GoogleGenAI(options);
};

export const GOOGLE = [
  {
    ...genai,
    name: '`@google/genai`: generate content',
    load: async () => {
      const { models } = await load();
      return {
        generate: (prompt) => models.generateContent({ model, contents: prompt }),
        stream: (prompt) =>
          read(models.generateContentStream({ model, contents: prompt }), (chunk) => chunk.text),
      };
    },
  },
  {
    ...genai,
    name: '`@google/genai`: chats',
    load: async () => {
      const { chats } = await load();
      return {
        generate: (message) => chats.create({ model }).sendMessage({ message }),
        stream: (message) =>
          read(chats.create({ model }).sendMessageStream({ message }), (chunk) => chunk.text),
      };
    },
  },
  {
    ...genai,
    name: '`@google/genai`: Vertex AI with a key',
    provider: 'gcp.vertex_ai',
    load: async () => {
      const { models } = await load({ vertexai: true, apiKey: 'none' });
      return {
        generate: (prompt) => models.generateContent({ model, contents: prompt }),
        stream: (prompt) =>
          read(models.generateContentStream({ model, contents: prompt }), (chunk) => chunk.text),
      };
    },
  },
  {
    ...genai,
    name: '`@google/genai`: interactions',
    load: async () => {
      const { interactions } = await load();
      return {
        generate: (input) => interactions.create({ model, input }),
        stream: (input) =>
          read(interactions.create({ model, input, stream: true }), (event) => event.delta?.text),
      };
    },
  },
];
