import { request } from 'node:http';
import Anthropic from '@anthropic-ai/sdk';
import axios from 'axios';
import OpenAI from 'openai';
import OpenAI4 from 'openai4';
import { fetch as undiciFetch, request as undiciRequest } from 'undici';
import { withRun, withStep } from '../../src/index.js';
import { type Recording, startRecording } from '../support/recording.js';

/** Neither half has the shape of a key. */
const HALVES = ['Qz-first-half', 'Qz-other-half'];
const KEY = HALVES.join('\n');
const authorization = `Bearer ${KEY}`;
const MESSAGES = [{ role: 'user' as const, content: 'hello' }];

/** Each sends a request with the key in a header, which is refused before anything is sent. */
const CLIENTS: Readonly<Record<string, (url: string) => Promise<unknown>>> = {
  fetch: (url) => fetch(url, { method: 'POST', headers: { authorization } }),
  'fetch, a header without a scheme': (url) => fetch(url, { method: 'POST', headers: { 'x-api-key': KEY } }),
  Headers: async (url) => fetch(url, { headers: new Headers([['authorization', authorization]]) }),
  'Headers.set': async () => new Headers().set('authorization', authorization),
  'fetch of undici': (url) => undiciFetch(url, { headers: { authorization } }),
  'request of undici': (url) => undiciRequest(url, { headers: { authorization } }),
  openai: (baseURL) =>
    new OpenAI({ apiKey: KEY, baseURL, maxRetries: 0 }).chat.completions.create({
      model: 'm',
      messages: MESSAGES,
    }),
  'openai 4, which has node-fetch': (baseURL) =>
    new OpenAI4({ apiKey: KEY, baseURL, maxRetries: 0 }).chat.completions.create({
      model: 'm',
      messages: MESSAGES,
    }),
  anthropic: (baseURL) =>
    new Anthropic({ apiKey: KEY, baseURL, maxRetries: 0 }).messages.create({
      model: 'm',
      max_tokens: 5,
      messages: MESSAGES,
    }),
  'node:http': (url) =>
    new Promise((resolve, reject) => {
      request(url, { method: 'POST', headers: { authorization } }, resolve).on('error', reject).end();
    }),
  axios: (url) => axios.post(url, {}, { headers: { authorization } }),
  'axios with fetch': (url) => axios.post(url, {}, { adapter: 'fetch', headers: { authorization } }),
};

let recording: Recording;
afterEach(() => recording.stop());

describe.each(['full', 'errors'] as const)('capture %s', (capture) => {
  test.each(Object.entries(CLIENTS))('a key with a line break is not written: %s', async (_name, send) => {
    recording = await startRecording({ capture });
    await withRun({}, () =>
      withStep({ model: 'm' }, async () => void (await send(recording.provider.url))),
    ).catch(() => {});
    expect(await recording.stop()).toHaveLength(1);
    const sent = String(recording.receiver.bodies);
    for (const half of HALVES) expect(sent).not.toContain(half);
  });
});

test("the rest of the error's text is written", async () => {
  recording = await startRecording({ capture: 'full' });
  const send = async () => new Headers({ authorization });
  await withRun({}, () => withStep({}, send)).catch(() => {});
  expect(await recording.runs()).toMatchObject([{ steps: [{ status: 'error' }] }]);
  expect(String(recording.receiver.bodies)).toContain(
    'Headers.append: \\"[REDACTED]\\" is an invalid header value',
  );
});
