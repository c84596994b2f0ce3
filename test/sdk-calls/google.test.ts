// Sets a dispatcher where Google's client looks for one: under jest Node's own is in another realm.
import 'undici';
import { GoogleGenAI } from '@google/genai';
import { content, contentStream } from '../support/gemini-replies.js';
import { listed, testWhole } from './whole.js';

const gemini = (url: string) => new GoogleGenAI({ apiKey: 'none', httpOptions: { baseUrl: url } });

const MODEL = 'gemini-2.5-flash';
const PROMPT = { model: MODEL, contents: 'Hi' };
const USAGE = { inputTokens: 20, outputTokens: 10 };
const generates = { operation: 'generate', model: MODEL, provider: 'gcp.gemini', usage: USAGE };
const streams = { ...generates, operation: 'stream' };

testWhole([
  {
    name: 'generateContent',
    reply: content('Hello there.'),
    step: generates,
    call: async (url) => {
      const { text, candidates, usageMetadata, responseId } =
        await gemini(url).models.generateContent(PROMPT);
      return { text, candidates, usageMetadata, responseId };
    },
  },
  {
    name: 'generateContentStream',
    reply: contentStream('Hello there.'),
    step: streams,
    call: async (url) => {
      const chunks = await listed(await gemini(url).models.generateContentStream(PROMPT));
      return chunks.map(({ text, candidates, usageMetadata }) => ({ text, candidates, usageMetadata }));
    },
  },
  {
    name: 'a chat',
    reply: contentStream('Hello there.'),
    step: streams,
    call: async (url) => {
      const chat = gemini(url).chats.create({ model: MODEL });
      const chunks = await listed(await chat.sendMessageStream({ message: 'Hi' }));
      return [chunks.map(({ text }) => text), chat.getHistory()];
    },
  },
  {
    name: 'countTokens',
    reply: { type: 'json', body: { totalTokens: 8 } },
    step: undefined,
    call: async (url) => (await gemini(url).models.countTokens(PROMPT)).totalTokens,
  },
]);
