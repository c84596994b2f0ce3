import { openAiChat } from '../../../src/wire/recognition/openai.js';
import { eventsOf, factsOf, recorded, recordedJson } from '../recorded.js';

const stream = (name: string) => factsOf(openAiChat, eventsOf(recorded(`openai-${name}.sse`)));

const answer = (name: string) => openAiChat.readResponse(recordedJson(`openai-${name}.json`));

const text = (content: string) => ({ type: 'text', content });
const thought = (content: string) => ({ type: 'reasoning', content });

const ANSWER = {
  id: 'chatcmpl-1',
  model: 'gpt-4.1-2025-04-14',
  finishReasons: ['stop', 'tool_calls'],
  usage: {
    inputTokens: 120,
    outputTokens: 60,
    reasoningTokens: 20,
    cacheReadTokens: 100,
    cacheCreationTokens: undefined,
  },
  output: [
    {
      role: 'assistant',
      parts: [text('It says "data: [DONE]" and {"error":{"code":1}}.\ndata: [DONE]\nevent: error 🌧️')],
      finish_reason: 'stop',
    },
    {
      role: 'assistant',
      parts: [
        {
          type: 'tool_call',
          id: 'call_a',
          name: 'get_weather',
          arguments: { city: 'Ghent', error: { type: 'error' } },
        },
        { type: 'tool_call', id: 'call_b', name: 'sql', arguments: 'select 1' },
      ],
      finish_reason: 'tool_calls',
    },
  ],
  warningCount: 0,
  serviceTier: 'default',
  systemFingerprint: 'fp_1',
};

test('a response without streaming', () => {
  expect(answer('chat-response')).toEqual(ANSWER);
});

test('the same response as a stream', () => {
  expect(stream('chat-stream')).toEqual({
    ...ANSWER,
    counts: { parts: 14, textDeltas: 3, reasoningDeltas: 0, toolCalls: 2, sources: 1, errors: 0 },
    lastError: undefined,
    lastEvent: '[DONE]',
  });
});

test("Mistral's lists of parts, streamed and not", () => {
  expect(stream('mistral')).toMatchObject(answer('mistral'));
  expect(answer('mistral').output[0]?.parts).toEqual([
    thought('Let me see.'),
    text('Paris'),
    { type: 'reference', size: 40 },
    text('.'),
    { type: 'tool_call', id: 'Xy1', name: 'map', arguments: { place: 'Paris' } },
  ]);
});

const weather = (id: string, city: string) => ({
  type: 'tool_call',
  id,
  name: 'get_weather',
  arguments: { city },
});

test.each([
  ['azure', [text('Good day')], { inputTokens: 9, outputTokens: 3 }, { textDeltas: 2 }],
  [
    'openrouter',
    [thought('Two and two.'), text('Four.')],
    {
      inputTokens: 1000,
      outputTokens: 12,
      reasoningTokens: 6,
      cacheReadTokens: 0,
      cacheCreationTokens: 980,
    },
    { reasoningDeltas: 2, textDeltas: 2, sources: 1, parts: 8 },
  ],
  [
    'groq',
    [thought('Easy.'), text('Yes.')],
    { inputTokens: 70, outputTokens: 5, reasoningTokens: 2 },
    { reasoningDeltas: 1 },
  ],
  [
    'deepseek',
    [thought('Hmm.'), text('Nine')],
    { inputTokens: 30, outputTokens: 8, reasoningTokens: 4, cacheReadTokens: 16 },
    { reasoningDeltas: 2 },
  ],
  [
    'xai',
    [thought('Searching'), text('Found')],
    { inputTokens: 40, outputTokens: 102, reasoningTokens: 100, cacheReadTokens: 5, textInputTokens: 40 },
    { sources: 2 },
  ],
  [
    'ollama',
    [thought('Two calls.'), weather('call_x1', 'Ghent'), weather('call_x2', 'Paris')],
    {},
    { toolCalls: 2 },
  ],
  [
    'vllm',
    [thought('So'), { type: 'tool_call', id: 'chatcmpl-tool-1', name: 'now', arguments: { zone: 'UTC' } }],
    { inputTokens: 11, outputTokens: 20 },
    { toolCalls: 1, reasoningDeltas: 1 },
  ],
  ['refusal', [{ type: 'refusal', content: "I can't help with that." }], {}, { textDeltas: 0 }],
])('a stream of %s', (name, parts, usage, counts) => {
  const facts = stream(name);
  expect(facts.output).toHaveLength(1);
  expect(facts.output[0]?.parts).toEqual(parts);
  expect(facts.usage).toEqual(usage);
  expect(facts.counts).toMatchObject({ errors: 0, ...counts });
  expect(facts).toMatchObject({ lastEvent: '[DONE]', lastError: undefined });
});

test.each([
  ['error', { lastEvent: 'error', finishReasons: [] }, 'The server had an error'],
  ['openrouter-error', { lastEvent: '[DONE]', finishReasons: ['error'] }, 'disconnected'],
  ['vllm-error', { lastEvent: '[DONE]', finishReasons: [] }, 'EngineCore'],
])('a stream of %s', (name, expected, message) => {
  const facts = stream(name);
  expect(facts).toMatchObject({ ...expected, counts: { errors: 1, textDeltas: 1 } });
  expect(facts.lastError).toContain(message);
  expect(facts.lastError).not.toContain('choices');
});

test.each([
  ['as a text', undefined, '{"error":"Overloaded"}', '{"error":"Overloaded"}'],
  [
    'of one choice',
    undefined,
    '{"choices":[{"error":{"code":502},"delta":{"content":"a"}}]}',
    '{"error":{"code":502}}',
  ],
  ['named by its event alone', 'error', '{"message":"gone"}', '{"message":"gone"}'],
  ['that is no JSON', 'error', 'upstream is gone', 'upstream is gone'],
])('an error %s', (_, event, data, lastError) => {
  expect(factsOf(openAiChat, [[event, data]])).toMatchObject({
    counts: { parts: 1, errors: 1 },
    lastError,
    lastEvent: 'error',
  });
});

test('an unfinished choice does not end the stream', () => {
  const events = eventsOf(recorded('openai-chat-stream.sse'));
  expect(factsOf(openAiChat, events.slice(0, 11))).toMatchObject({
    finishReasons: ['stop'],
  });
  expect(factsOf(openAiChat, events.slice(0, 12))).toMatchObject({});
  expect(factsOf(openAiChat, [])).toMatchObject({ output: [], lastEvent: undefined });
});

test('an unfinished call has its arguments as text', () => {
  const facts = factsOf(openAiChat, eventsOf(recorded('openai-chat-stream.sse')).slice(0, 5));
  expect(facts.lastEvent).toBe('chat.completion.chunk');
  expect(facts.output[1]?.parts).toEqual([
    { type: 'tool_call', id: 'call_a', name: 'get_weather', arguments: '{"city":"Gh' },
  ]);
});

test('calls without an index or an id stay separate', () => {
  const calls = ['Ghent', 'Paris'].map((city) => ({
    name: 'get_weather',
    arguments: JSON.stringify({ city }),
  }));
  const tool_calls = calls.map((call) => ({ id: '', type: 'function', function: call }));
  const data = JSON.stringify({ choices: [{ index: 0, delta: { tool_calls } }] });
  expect(factsOf(openAiChat, [[undefined, data]]).output[0]?.parts).toEqual([
    { type: 'tool_call', name: 'get_weather', arguments: { city: 'Ghent' } },
    { type: 'tool_call', name: 'get_weather', arguments: { city: 'Paris' } },
  ]);
});

test('a spoken response has its audio size, and its transcript as text', () => {
  const audio = (data: string, transcript: string) => ({ id: 'audio_1', data, transcript });
  const whole = { choices: [{ index: 0, message: { content: null, audio: audio('UklGRg==', 'Hello') } }] };
  const deltas = [audio('Ukl', 'Hel'), audio('GRg=', 'lo'), { data: '=' }];
  const events = deltas.map((delta): [undefined, string] => [
    undefined,
    JSON.stringify({ choices: [{ index: 0, delta: { audio: delta } }] }),
  ]);
  const parts = [text('Hello'), { type: 'blob', modality: 'audio', size: 4 }];
  expect(openAiChat.readResponse(whole).output[0]?.parts).toEqual(parts);
  expect(factsOf(openAiChat, events).output[0]?.parts).toEqual(parts);
});

test.each([
  ['texts', { prompt_tokens: '9', completion_tokens: '1' }, {}],
  ['negative', { prompt_tokens: -1, completion_tokens: 2 }, { outputTokens: 2 }],
  ['broken', { prompt_tokens: 1.5, prompt_tokens_details: 'x' }, {}],
  ["Perplexity's", { prompt_tokens: 3, reasoning_tokens: 4 }, { inputTokens: 3, reasoningTokens: 4 }],
])('counts that are %s', (_, usage, expected) => {
  expect(openAiChat.readResponse({ usage }).usage).toEqual(expected);
});

test('an empty value is not a response', () => {
  for (const body of [undefined, null, [], 'x', {}, { choices: {} }, { error: { message: 'no' } }]) {
    const nothing = {
      id: undefined,
      model: undefined,
      finishReasons: [],
      usage: {},
      output: [],
      warningCount: 0,
    };
    expect(openAiChat.readResponse(body)).toEqual(nothing);
  }
  expect(openAiChat.readResponse({ choices: [{ finish_reason: 'stop' }, null] }).output).toEqual([
    { role: 'assistant', parts: [], finish_reason: 'stop' },
  ]);
});
