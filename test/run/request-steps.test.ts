import OpenAI from 'openai';
import { withRun, withStep } from '../../src/index.js';
import { completion, completionStream, openaiError, rateLimited } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
afterEach(() => recording.stop());

const client = (maxRetries = 0): OpenAI =>
  new OpenAI({ apiKey: 'none', baseURL: `${recording.provider.url}/v1`, maxRetries });

const ask = (openai: OpenAI, content = 'Hi') =>
  openai.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content }] });

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(recording.provider.url + path, { method: 'POST', body: JSON.stringify(body), headers });

const SERVER_ERROR = openaiError(500, null, 'server_error', 'Oh.');

describe('in full capture', () => {
  beforeEach(async () => {
    recording = await startRecording();
  });

  test('a recognised request outside every run is a step in a run of its own', async () => {
    recording.provider.reply(completion('Hello.'));
    await ask(client());
    expect(await recording.runs()).toMatchObject([
      {
        kind: 'chat_turn',
        status: 'completed',
        provider: 'openai',
        model: 'gpt-4o-mini',
        firstMessage: 'Hi',
        endpoint: 'POST /v1/chat/completions',
        stepCount: 1,
        usage: { inputTokens: 20, outputTokens: 10 },
        steps: [
          {
            number: 1,
            operation: 'generate',
            status: 'completed',
            span: {
              name: 'chat gpt-4o-mini',
              attributes: {
                'gen_ai.provider.name': 'openai',
                'gen_ai.response.id': 'chatcmpl-1',
                'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
                'gen_ai.response.finish_reasons': ['stop'],
                'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"Hi"}]}]',
                'gen_ai.output.messages':
                  '[{"role":"assistant","parts":[{"type":"text","content":"Hello."}],"finish_reason":"stop"}]',
              },
            },
            attempts: [{ number: 1, status: 'completed', statusCode: 200 }],
          },
        ],
      },
    ]);
  });

  test('a stream has the facts of its content', async () => {
    recording.provider.reply(completionStream('Hello there.'));
    const stream = await client().chat.completions.create({
      model: 'gpt-4o-mini',
      messages: [],
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe('Hello there.');
    const [run] = await recording.runs();
    expect(run?.steps).toMatchObject([
      {
        operation: 'stream',
        status: 'completed',
        usage: { inputTokens: 20, outputTokens: 10 },
        span: {
          attributes: {
            'chatdebug.stream.last_event': '[DONE]',
            'chatdebug.stream.text_deltas': 2,
            'gen_ai.response.time_to_first_chunk': expect.any(Number),
            'gen_ai.response.finish_reasons': ['stop'],
          },
        },
      },
    ]);
  });

  test('a compressed stream has them, as far as its body is kept', async () => {
    recording.provider.reply(completionStream('Hello there.', { encoding: 'gzip' }));
    await (await post('/v1/chat/completions', { model: 'm', messages: [], stream: true })).text();
    const [run] = await recording.runs();
    expect(run?.steps).toMatchObject([
      {
        operation: 'stream',
        usage: { inputTokens: 20 },
        span: { attributes: { 'chatdebug.stream.text_deltas': 2 } },
      },
    ]);
  });

  test('the attempts of one call are one step', async () => {
    recording.provider.reply(SERVER_ERROR, rateLimited(1), completion('Hello.'));
    await ask(client(2));
    expect(await recording.runs()).toMatchObject([
      {
        status: 'completed',
        hasError: false,
        steps: [
          { status: 'completed', attempts: [{ statusCode: 500 }, { statusCode: 429 }, { statusCode: 200 }] },
        ],
      },
    ]);
  });

  test('the attempts are one step if only the body identifies the call', async () => {
    recording.provider.reply(SERVER_ERROR, completion('Hello.'));
    const body = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] };
    await withRun({}, async () => {
      await post('/v1/chat/completions', body);
      await post('/v1/chat/completions', body);
    });
    const [run] = await recording.runs();
    expect(run?.steps.map(({ attempts }) => attempts.map(({ statusCode }) => statusCode))).toEqual([
      [500, 200],
    ]);
  });

  test('the attempts are one step if each claims to be the first, as with LangChain', async () => {
    recording.provider.reply(SERVER_ERROR, completion('Hello.'));
    const body = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] };
    await withRun({}, async () => {
      await post('/v1/chat/completions', body, { 'x-stainless-retry-count': '0' });
      await post('/v1/chat/completions', body, { 'x-stainless-retry-count': '0' });
    });
    const [run] = await recording.runs();
    expect(run?.steps.map(({ attempts }) => attempts.map(({ statusCode }) => statusCode))).toEqual([
      [500, 200],
    ]);
  });

  test.each([
    ['after a success', completion('Hello.'), {}],
    ['with another body', SERVER_ERROR, { seed: 1 }],
    ['after a failure that is not retryable', openaiError(400, null, 'invalid_request_error', 'No.'), {}],
  ])('a request %s is a step of its own', async (_when, first, other) => {
    recording.provider.reply(first, completion('Hello.'));
    await withRun({}, async () => {
      await post('/v1/chat/completions', { model: 'm', messages: [] });
      await post('/v1/chat/completions', { model: 'm', messages: [], ...other });
    });
    const [run] = await recording.runs();
    expect(run?.steps.map(({ attemptCount }) => attemptCount)).toEqual([1, 1]);
  });

  test('two identical parallel requests are two steps', async () => {
    recording.provider.reply(completion('Hello.'));
    await withRun({ chatId: 'c' }, () => Promise.all([ask(client()), ask(client())]));
    expect(await recording.runs()).toMatchObject([{ chatId: 'c', steps: [{ number: 1 }, { number: 2 }] }]);
  });

  test('inside an explicit step no other step opens', async () => {
    recording.provider.reply(completion('Hello.'));
    await withRun({}, () => withStep({ model: 'mine' }, () => ask(client())));
    expect(await recording.stop()).toMatchObject([
      { stepCount: 1, steps: [{ model: 'mine', attemptCount: 1 }] },
    ]);
  });

  test('requests that are not model calls open no step', async () => {
    recording.provider.reply(completion('Hello.'));
    await post('/v1/embeddings', {});
    await post('/v1/messages/count_tokens', {});
    await fetch(`${recording.provider.url}/v1/chat/completions/chatcmpl-1`);
    expect(await recording.runs()).toEqual([]);
  });
});

test('in errors mode a failed call is kept with its model, and a successful one leaves nothing', async () => {
  recording = await startRecording({ capture: 'errors' });
  recording.provider.reply(completion('Hello.'), SERVER_ERROR);
  await ask(client());
  await expect(ask(client())).rejects.toThrow();
  expect(await recording.runs()).toMatchObject([
    {
      status: 'error',
      steps: [{ model: 'gpt-4o-mini', error: { kind: 'generic' }, attempts: [{ statusCode: 500 }] }],
    },
  ]);
  expect(JSON.stringify(recording.receiver.bodies.map(String))).not.toContain('Hi');
});

test('an error inside a stream with status 200 is an error in errors mode too', async () => {
  recording = await startRecording({ capture: 'errors' });
  recording.provider.reply({
    type: 'sse',
    events: [
      { data: { id: 'c', choices: [{ index: 0, delta: { content: 'He' }, finish_reason: null }] } },
      { data: { error: { message: 'The server had an error.', type: 'server_error', code: null } } },
    ],
  });
  const stream = await client().chat.completions.create({ model: 'm', messages: [], stream: true });
  await expect(
    (async () => {
      for await (const _ of stream);
    })(),
  ).rejects.toThrow();
  expect(await recording.runs()).toMatchObject([
    {
      status: 'error',
      steps: [{ status: 'error', statusCode: 200, error: { kind: 'generic', type: 'server_error' } }],
    },
  ]);
});

test('the option chooses the formats that open steps', async () => {
  recording = await startRecording({ openSteps: ['anthropic-messages'] });
  recording.provider.reply(completion('Hello.'));
  await ask(client());
  await post('/v1/messages', { model: 'claude', messages: [] });
  expect(await recording.runs()).toMatchObject([{ provider: 'anthropic', model: 'claude' }]);
});

test('the application names automatic runs, or refuses them', async () => {
  recording = await startRecording({
    runFor: (request) =>
      request.header('X-Chat') === 'none'
        ? false
        : { kind: 'quickgen', chatId: request.header('x-chat'), attributes: { format: request.format } },
  });
  recording.provider.reply(completion('Hello.'));
  await post('/v1/chat/completions', { model: 'm', messages: [] }, { 'x-chat': 'none' });
  await post('/v1/chat/completions', { model: 'm', messages: [] }, { 'x-chat': 'c-1' });
  expect(await recording.runs()).toMatchObject([
    { kind: 'quickgen', chatId: 'c-1', span: { attributes: { format: 'openai-chat' } } },
  ]);
});

test('a run without capture opens no step', async () => {
  recording = await startRecording();
  recording.provider.reply(completion('Hello.'));
  await withRun({ capture: 'off' }, () => ask(client()));
  expect(await recording.runs()).toEqual([]);
});
