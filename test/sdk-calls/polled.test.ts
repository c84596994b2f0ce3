// Sets a dispatcher where Google's client looks for one: under jest Node's own is in another realm.

import { GoogleGenAI } from '@google/genai';
import Replicate from 'replicate';
import { Agent } from 'undici';
import { withRun } from '../../src/index.js';
import * as names from '../../src/semconv.js';
import { text } from '../support/attributes.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';
import { recorded, recordedJson } from '../wire/recorded.js';

let recording: Recording;
afterEach(() => recording.stop());

const json = (body: unknown, status = 200): Reply => ({ type: 'json', status, body });
const sse = (body: string): Reply => ({
  type: 'text',
  body,
  headers: { 'content-type': 'text/event-stream' },
});

/** The steps of the only run. */
const steps = async () => {
  const [run, ...others] = await recording.stop();
  expect(others).toEqual([]);
  return (run?.steps ?? []).map((step) => ({
    ...step,
    requests: step.attempts.map(({ method, statusCode }) => `${method} ${statusCode}`),
    output: JSON.parse(text(step.span, names.ATTR_GEN_AI_OUTPUT_MESSAGES) ?? '[]'),
    input: JSON.parse(text(step.span, names.ATTR_GEN_AI_INPUT_MESSAGES) ?? '[]'),
  }));
};

const ASKED = [{ role: 'user', parts: [{ type: 'text', content: 'Rain?' }] }];

describe("Gemini's interactions", () => {
  const client = () => {
    const gemini = new GoogleGenAI({ apiKey: 'none', httpOptions: { baseUrl: recording.provider.url } });
    return gemini.interactions;
  };
  const PROMPT = { model: 'gemini-3-flash', input: 'Rain?' } as const;
  const USAGE = { inputTokens: 130, outputTokens: 42, reasoningTokens: 30, cacheReadTokens: 100 };
  const answer = recordedJson('interactions-response.json') as object;

  test.each([false, true])('a call, as a stream: %p', async (stream) => {
    recording = await startRecording();
    recording.provider.reply(stream ? sse(recorded('interactions-stream.sse')) : json(answer));
    await withRun({}, async () => {
      if (!stream) return client().create(PROMPT);
      for await (const _ of await client().create({ ...PROMPT, stream: true }));
      return undefined;
    });
    const [step] = await steps();
    expect(step).toMatchObject({
      status: 'completed',
      provider: 'gcp.gemini',
      model: 'gemini-3-flash',
      operation: stream ? 'stream' : 'generate',
      usage: USAGE,
      input: ASKED,
      requests: ['POST 200'],
    });
    expect(step?.output[0].parts).toContainEqual({ type: 'text', content: 'Twelve degrees. 🌧️' });
  });

  test('a background call is one step with its polls', async () => {
    recording = await startRecording();
    const done = { ...answer, status: 'completed' };
    const begun = { id: 'v1_ChdT', object: 'interaction', status: 'in_progress', model: 'gemini-3-flash' };
    recording.provider.reply(json(begun), json(begun), json(done));
    await withRun({}, async () => {
      let { id, status } = await client().create({ ...PROMPT, background: true });
      while (status === 'in_progress') ({ id, status } = await client().get(id));
    });
    expect(await steps()).toMatchObject([
      { status: 'completed', usage: USAGE, input: ASKED, requests: ['POST 200', 'GET 200', 'GET 200'] },
    ]);
  });

  test('a failing stream is a failed step, and the client throws the same error as without recording', async () => {
    recording = await startRecording({ capture: 'errors' });
    const failed = `event: error\ndata: ${JSON.stringify({ event_type: 'error', error: { code: 'internal', message: 'The engine stopped.' } })}\n\n`;
    recording.provider.reply(
      sse(
        recorded('interactions-stream.sse')
          .slice(0, 600)
          .replace(/[^\n]*$/, '') + failed,
      ),
    );
    await withRun({}, async () => {
      for await (const _ of await client().create({ ...PROMPT, stream: true }));
    }).catch(() => {});
    expect(await steps()).toMatchObject([{ status: 'error', requests: ['POST 200'] }]);
  });
});

describe("Replicate's predictions", () => {
  const MODEL = 'meta/meta-llama-3-70b-instruct';
  const INPUT = { input: { prompt: 'Rain?' } };
  const answer = recordedJson('predictions-response.json') as { urls: object };
  const begun = () => ({
    ...answer,
    status: 'starting',
    output: null,
    metrics: {},
    urls: { ...answer.urls, stream: STREAM.replace('PORT', new URL(recording.provider.url).port) },
  });
  const STREAM = 'http://stream.replicate.com:PORT/v1/files/bcwr-1';

  /** Reaches the loopback provider by the host name of streams. */
  const dispatcher = new Agent({
    connect: {
      lookup: (_name, options, done) =>
        options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4),
    },
  });
  afterAll(() => dispatcher.close());

  const client = () =>
    new Replicate({
      auth: 'none',
      baseUrl: `${recording.provider.url}/v1`,
      useFileOutput: false,
      fetch: (input, init) => fetch(input, { ...init, dispatcher } as object),
    });

  test('one with a blocking request is one step', async () => {
    recording = await startRecording();
    recording.provider.reply(json(answer, 201));
    expect(await withRun({}, () => client().run(MODEL, INPUT))).toEqual(['They ', 'pounce. ', '🦊']);
    const [step] = await steps();
    expect(step).toMatchObject({
      status: 'completed',
      provider: 'replicate',
      model: MODEL,
      usage: { inputTokens: 20, outputTokens: 5 },
      input: ASKED,
      requests: ['POST 201'],
    });
    expect(step?.output[0].parts).toEqual([{ type: 'text', content: 'They pounce. 🦊' }]);
  });

  test('one with polls is one step', async () => {
    recording = await startRecording();
    recording.provider.reply(json(begun(), 201), json({ ...begun(), status: 'processing' }), json(answer));
    await withRun({}, () => client().run(MODEL, { ...INPUT, wait: { mode: 'poll', interval: 1 } }));
    expect(await steps()).toMatchObject([
      { status: 'completed', model: MODEL, input: ASKED, requests: ['POST 201', 'GET 200', 'GET 200'] },
    ]);
  });

  test('one with a stream is one step', async () => {
    recording = await startRecording();
    recording.provider.reply(json(begun(), 201), sse(recorded('predictions-stream.sse')));
    const pieces: string[] = [];
    await withRun({}, async () => {
      for await (const event of client().stream(MODEL, INPUT)) pieces.push(`${event}`);
    });
    expect(pieces.join('')).toBe('They pounce. 🦊');
    const [step, ...others] = await steps();
    expect(others).toEqual([]);
    expect(step).toMatchObject({
      status: 'completed',
      operation: 'stream',
      model: MODEL,
      input: ASKED,
      requests: ['POST 201', 'GET 200'],
    });
    expect(step?.output[0].parts).toEqual([{ type: 'text', content: 'They pounce. 🦊' }]);
  });

  test('one that fails is kept in errors capture, without content', async () => {
    recording = await startRecording({ capture: 'errors' });
    const failed = { ...begun(), status: 'failed', error: 'The engine stopped.' };
    recording.provider.reply(json(begun(), 201), json(failed));
    await withRun({}, () => client().run(MODEL, { ...INPUT, wait: { mode: 'poll', interval: 1 } })).catch(
      () => {},
    );
    expect(await steps()).toMatchObject([
      { status: 'error', model: MODEL, requests: ['POST 201', 'GET 200'], input: [], output: [] },
    ]);
  });
});
