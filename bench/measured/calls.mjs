import { createRequire } from 'node:module';

// By `require` in every variant: instrumentations can patch it without a loader.
const require = createRequire(import.meta.url);

const MODEL = 'gpt-4o-mini';
const SYSTEM = 'You answer in plain words. '.repeat(8);
const PROMPT = 'What should I know about the tides before I go out in a small boat? '.repeat(4);
const REQUEST = {
  model: MODEL,
  temperature: 0.2,
  messages: [
    { role: 'system', content: SYSTEM },
    { role: 'user', content: PROMPT },
  ],
};

/** Each returns a function that makes one call, reads the whole response and returns whether it was correct. */
const CALLS = {
  json: ({ chat }, { text }) => {
    return async () => (await chat.completions.create(REQUEST)).choices[0].message.content === text;
  },
  stream: ({ chat }, { chunks, streamed }) => {
    return async () => {
      let seen = 0;
      let length = 0;
      for await (const chunk of await chat.completions.create({ ...REQUEST, stream: true })) {
        seen += 1;
        length += chunk.choices[0].delta.content?.length ?? 0;
      }
      return seen === chunks && length === streamed;
    };
  },
  'ai-json': (options, { text }) => {
    const { generateText } = require('ai');
    return async () => (await generateText(options)).text === text;
  },
  'ai-stream': (options, { streamed }) => {
    const { streamText } = require('ai');
    return async () => {
      let length = 0;
      for await (const part of streamText(options).textStream) length += part.length;
      return length === streamed;
    };
  },
};

/** Node's own client, with a body read like axios and others read it. */
const OVER_HTTP = {
  http: (base) => `${base}/v1/chat/completions`,
  'http-other': (base) => `${base}/v1/orders`,
};

function callOverHttp(url, { text }) {
  const http = require('node:http');
  const agent = new http.Agent({ keepAlive: true });
  const body = JSON.stringify(REQUEST);
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  return () =>
    new Promise((resolve, reject) => {
      const request = http.request(url, { method: 'POST', agent, headers }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk)).on('error', reject);
        response.on('end', () =>
          resolve(JSON.parse(Buffer.concat(chunks)).choices[0].message.content === text),
        );
      });
      request.on('error', reject).end(body);
    });
}

const KEY = 'sk-bench-0123456789abcdef0123';

/** The client of the call: an openai client, or the options of the AI SDK. */
const WITH = {
  openai: (baseURL, { client }) => {
    const { OpenAI } = require('openai');
    return client(new OpenAI({ apiKey: KEY, baseURL, maxRetries: 0 }));
  },
  ai: (baseURL, { model, telemetry }) => {
    const { createOpenAI } = require('@ai-sdk/openai');
    return {
      model: model(createOpenAI({ apiKey: KEY, baseURL }).chat(MODEL)),
      system: SYSTEM,
      prompt: PROMPT,
      temperature: 0.2,
      maxRetries: 0,
      ...(telemetry && { experimental_telemetry: telemetry }),
    };
  },
};

/** @returns the call of that workload, with what the recorder wraps around client and model */
export function callOf({ kind, path, chunks }, { provider, text, word }, recorder) {
  const urlOf = OVER_HTTP[kind];
  if (urlOf !== undefined) return callOverHttp(urlOf(`${provider}/${path}`), { text });
  const made = WITH[kind.startsWith('ai-') ? 'ai' : 'openai'](`${provider}/${path}/v1`, recorder);
  return CALLS[kind](made, { text, chunks, streamed: (chunks - 1) * word.length });
}
