import { inspect } from 'node:util';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import OpenAI from 'openai';
import { type OwnFormat, withRun } from '../../../src/index.js';
import { completion, completionStream, openaiError } from '../../support/openai-replies.js';
import { type Recording, startRecording } from '../../support/recording.js';

let recording: Recording;
let said: string[];
beforeEach(() => {
  said = [];
  const log = (...line: unknown[]) => void said.push(line.join(' '));
  const silent = () => {};
  diag.setLogger(
    { error: log, warn: log, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
});
afterEach(async () => {
  await recording.stop();
  diag.disable();
});

const post = async (path: string, body: unknown) => {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
  return (await fetch(recording.provider.url + path, init)).text();
};

/** The attributes of the only step, of the only run. */
const step = async () => {
  const [run, ...others] = await recording.stop();
  expect(others).toEqual([]);
  expect(run?.steps).toHaveLength(1);
  return run?.steps[0];
};

const GATEWAY: OwnFormat = {
  name: 'acme-gateway',
  match: ({ pathname }) => pathname === '/acme/generate',
  like: 'openai-chat',
};

const IN_HOUSE: OwnFormat = {
  name: 'in-house',
  match({ method, pathname }) {
    const [, model] = /^\/models\/([^/]+)\/answer$/.exec(pathname) ?? [];
    return method === 'POST' && model !== undefined && { model };
  },
  request: (body) => {
    const { instructions, turns } = body as { instructions: string; turns: string[] };
    return { system: instructions, messages: turns.map((content) => ({ role: 'user', content })) };
  },
  response: (body) => {
    const { answer, why, tokens } = body as { answer: string; why: string; tokens: [number, number] };
    return { text: answer, finishReason: why, usage: { inputTokens: tokens[0], outputTokens: tokens[1] } };
  },
  streamEvent: (data, event) => {
    if (event === 'end') return { finishReason: 'done', usage: { outputTokens: Number(data) } };
    return { text: (data as { piece: string }).piece };
  },
};

const ASKED = { instructions: 'Be brief.', turns: ['How do foxes hunt?'] };

// The first tests, since a warning is given once in a minute.
describe('functions that misbehave', () => {
  const fail = () => {
    throw new Error('odd');
  };

  test('the call keeps its metadata, the application its response, and diag is told once', async () => {
    recording = await startRecording({ formats: [{ ...IN_HOUSE, request: fail, response: fail }] });
    recording.provider.reply({ type: 'json', body: { id: 'r-1', answer: 'They pounce.' } });
    expect(await post('/models/fox-1/answer', ASKED)).toContain('They pounce.');
    const recorded = await step();
    expect(recorded).toMatchObject({ model: 'fox-1', status: 'completed', statusCode: 200 });
    expect(recorded?.attempts[0]?.responseBody).toContain('They pounce.');
    expect(said.filter((line) => line.includes('a function of a format failed'))).toHaveLength(1);
  });

  test.each([
    null,
    'text',
    7,
    [1],
    { text: 7, usage: 'much', finishReason: {} },
    { usage: { inputTokens: -1 } },
  ])('they return something useless: %j', async (value) => {
    const odd = () => value as never;
    recording = await startRecording({ formats: [{ ...IN_HOUSE, request: odd, response: odd }] });
    recording.provider.reply({ type: 'json', body: {} });
    await post('/models/fox-1/answer', ASKED);
    expect(await step()).toMatchObject({ model: 'fox-1', status: 'completed', usage: {} });
  });

  test('match throws, returns a promise, or makes a request itself', async () => {
    const asked: string[] = [];
    const nested = (): boolean => {
      asked.push('nested');
      void fetch(`${recording.provider.url}/nested`).catch(() => {});
      return false;
    };
    const formats: OwnFormat[] = [
      { name: 'a', match: fail },
      { name: 'b', match: (async () => true) as never },
      { name: 'c', match: nested },
      GATEWAY,
    ];
    recording = await startRecording({ formats });
    recording.provider.reply(completion('They pounce.'));
    await post('/acme/generate', { model: 'm', messages: [] });
    expect(await step()).toMatchObject({ provider: 'acme-gateway', status: 'completed' });
    expect(asked).toEqual(['nested']);
    expect(said.join('\n')).toContain('match of a format failed');
    expect(said.join('\n')).toContain('match of a format returned a promise');
  });
});

describe('a format based on a known one', () => {
  test('is read like it: request, response, stream', async () => {
    recording = await startRecording({ formats: [GATEWAY] });
    const { provider } = recording;
    const usage = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };
    provider.reply(completionStream(['They ', 'pounce.'], { usage }));
    const body = { model: 'm-1', stream: true, messages: [{ role: 'user', content: 'How do foxes hunt?' }] };
    await post('/acme/generate', body);
    const recorded = await step();
    expect(recorded).toMatchObject({ provider: 'acme-gateway', model: 'm-1', status: 'completed' });
    expect(recorded?.usage).toMatchObject({ inputTokens: 7, outputTokens: 5 });
    expect(recorded?.span.attributes['gen_ai.input.messages']).toContain('How do foxes hunt?');
    expect(recorded?.span.attributes['gen_ai.output.messages']).toContain('They pounce.');
  });

  test('is judged like it, in both captures', async () => {
    const cut = completionStream(['They '], {});
    for (const capture of ['errors', 'full'] as const) {
      recording = await startRecording({ formats: [GATEWAY], capture, keepKinds: ['generic', 'timeout'] });
      recording.provider.reply({ ...cut, done: false, events: cut.events.slice(0, 1) });
      await post('/acme/generate', { model: 'm', stream: true, messages: [] });
      expect(await step()).toMatchObject({ status: 'error', error: { type: 'StreamEndedEarlyError' } });
    }
  });

  test('takes precedence over the known format of the same path, and over openSteps', async () => {
    const format: OwnFormat = { ...GATEWAY, match: ({ pathname }) => pathname.endsWith('/chat/completions') };
    const seen: unknown[] = [];
    const runFor = (request: { format: string }) => void seen.push(request.format);
    recording = await startRecording({ formats: [format], openSteps: [], runFor });
    recording.provider.reply(completion('They pounce.'));
    const client = new OpenAI({ apiKey: 'k', baseURL: `${recording.provider.url}/v1` });
    await client.chat.completions.create({ model: 'm', messages: [] });
    expect(await step()).toMatchObject({ provider: 'acme-gateway', status: 'completed' });
    expect(seen).toEqual(['acme-gateway']);
  });

  test('its failed request leaves its shape and no content', async () => {
    recording = await startRecording({ formats: [GATEWAY], capture: 'errors' });
    recording.provider.reply(openaiError(400, null, 'invalid_request_error', 'odd'));
    await post('/acme/generate', { model: 'm', messages: [{ role: 'user', content: 'SECRET' }] });
    const recorded = await step();
    const shape = String(recorded?.span.attributes['chatdebug.request.shape']);
    expect(JSON.parse(shape)).toMatchObject({ format: 'acme-gateway', messages: [['user', 'text 6']] });
    expect(inspect(recorded, { depth: 20 })).not.toContain('SECRET');
  });
});

describe('a format described by functions', () => {
  test('has what they return: model, messages, usage, finish reason', async () => {
    recording = await startRecording({ formats: [IN_HOUSE] });
    recording.provider.reply({ type: 'json', body: { answer: 'They pounce.', why: 'ok', tokens: [9, 4] } });
    await post('/models/fox-1/answer', ASKED);
    const recorded = await step();
    expect(recorded).toMatchObject({ provider: 'in-house', model: 'fox-1', status: 'completed' });
    expect(recorded?.usage).toMatchObject({ inputTokens: 9, outputTokens: 4 });
    const { attributes = {} } = recorded?.span ?? {};
    expect(attributes['gen_ai.response.finish_reasons']).toEqual(['ok']);
    expect(JSON.parse(String(attributes['gen_ai.system_instructions']))).toEqual([
      { type: 'text', content: 'Be brief.' },
    ]);
    expect(JSON.parse(String(attributes['gen_ai.input.messages']))).toEqual([
      { role: 'user', parts: [{ type: 'text', content: 'How do foxes hunt?' }] },
    ]);
    expect(JSON.parse(String(attributes['gen_ai.output.messages']))).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: 'They pounce.' }], finish_reason: 'ok' },
    ]);
  });

  test.each([
    [
      'server-sent events',
      'text/event-stream',
      'data: {"piece":"They "}\n\ndata: {"piece":"pounce."}\n\nevent: end\ndata: 4\n\n',
    ],
    ['JSON lines', 'application/x-ndjson', '{"piece":"They "}\n{"piece":"pounce."}\n'],
  ])('assembles a stream from the pieces: %s', async (_, type, body) => {
    recording = await startRecording({ formats: [IN_HOUSE] });
    recording.provider.reply({ type: 'text', body, headers: { 'content-type': type } });
    await post('/models/fox-1/answer', ASKED);
    const recorded = await step();
    // A clean end completes it, since its last event is unknown.
    expect(recorded).toMatchObject({ status: 'completed' });
    const [output] = JSON.parse(String(recorded?.span.attributes['gen_ai.output.messages']));
    expect(output.parts).toEqual([{ type: 'text', content: 'They pounce.' }]);
    expect(recorded?.usage.outputTokens).toBe(type.startsWith('text') ? 4 : undefined);
  });

  test.each([
    ['a refused request', { type: 'json', status: 500, body: { error: { message: 'The engine stopped.' } } }],
    ['an error in place of an answer', { type: 'json', body: { error: { message: 'The engine stopped.' } } }],
    ['a cut stream', { type: 'sse', events: ['data: {"piece":"a"}\n\n', 'x'], cutAfter: 1 }],
    ['JSON that ends in the middle', { type: 'json', body: '{"answer": "They' }],
    [
      'a web page',
      { type: 'text', body: '<!doctype html><html></html>', headers: { 'content-type': 'text/html' } },
    ],
  ] as const)('fails in both captures: %s', async (_, reply) => {
    const errors: unknown[] = [];
    for (const capture of ['errors', 'full'] as const) {
      recording = await startRecording({
        formats: [IN_HOUSE],
        capture,
        keepKinds: ['generic', 'timeout', 'config'],
      });
      recording.provider.reply(reply as never);
      await withRun({}, () => post('/models/fox-1/answer', ASKED)).catch(() => {});
      const recorded = await step();
      expect(recorded?.status).toBe('error');
      errors.push([recorded?.error?.type, recorded?.error?.kind]);
    }
    expect(errors[0]).toEqual(errors[1]);
  });
});
