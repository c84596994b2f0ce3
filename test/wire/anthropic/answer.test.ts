import { anthropicMessages } from '../../../src/wire/recognition/anthropic-bedrock.js';
import { eventsOf, factsOf, recorded, recordedJson } from '../recorded.js';

const stream = (name: string) => factsOf(anthropicMessages, eventsOf(recorded(name)));

const ANSWER = {
  id: 'msg_01Kx',
  model: 'claude-sonnet-4-5-20250929',
  finishReasons: ['tool_use'],
  usage: {
    inputTokens: 2125,
    outputTokens: 310,
    reasoningTokens: 120,
    cacheReadTokens: 2000,
    cacheCreationTokens: 100,
  },
  output: [
    {
      role: 'assistant',
      finish_reason: 'tool_use',
      parts: [
        { type: 'reasoning', content: 'The user wants the weather. A search first.' },
        { type: 'redacted_thinking', size: 50 },
        {
          type: 'server_tool_call',
          id: 'srvtoolu_01',
          name: 'web_search',
          server_tool_call: { type: 'web_search', input: { query: 'weather Ghent' } },
        },
        {
          type: 'server_tool_call_response',
          id: 'srvtoolu_01',
          server_tool_call_response: {
            type: 'web_search',
            content: [
              {
                type: 'web_search_result',
                title: 'Ghent',
                url: 'https://example.com/ghent',
                page_age: null,
              },
            ],
          },
        },
        {
          type: 'text',
          content: 'It is 12 °C in Ghent 🌧️. "type":"error" is only text here.\nevent: error',
        },
        {
          type: 'tool_call',
          id: 'toolu_01',
          name: 'report',
          arguments: { type: 'error', error: { code: 7 }, note: 'é "q" 😀' },
        },
        { type: 'tool_call', id: 'toolu_02', name: 'now', arguments: {} },
      ],
    },
  ],
  warningCount: 0,
};

test('a response without streaming', () => {
  expect(anthropicMessages.readResponse(recordedJson('anthropic-response.json'))).toEqual(ANSWER);
});

test('the same response as a stream', () => {
  expect(stream('anthropic-stream.sse')).toEqual({
    ...ANSWER,
    counts: { parts: 27, textDeltas: 2, reasoningDeltas: 2, toolCalls: 3, sources: 1, errors: 0 },
    lastError: undefined,
    lastEvent: 'message_stop',
  });
});

test('a cut stream has the content received so far', () => {
  const events = eventsOf(recorded('anthropic-stream.sse')).slice(0, 11);
  const facts = factsOf(anthropicMessages, events);
  expect(facts).toMatchObject({ lastEvent: 'content_block_delta', finishReasons: [] });
  expect(facts.usage).toEqual({
    inputTokens: 1625,
    outputTokens: 1,
    cacheReadTokens: 1500,
    cacheCreationTokens: 100,
  });
  expect(facts.output[0]?.parts.at(-1)).toEqual({
    type: 'server_tool_call',
    id: 'srvtoolu_01',
    name: 'web_search',
    server_tool_call: { type: 'web_search', input: '{"query": "weather' },
  });
});

test('an error within the stream', () => {
  expect(stream('anthropic-overloaded.sse')).toMatchObject({
    lastEvent: 'error',
    lastError:
      '{"type":"error","error":{"details":null,"type":"overloaded_error","message":"Overloaded"},"request_id":"req_011"}',
    counts: { errors: 1, textDeltas: 1, parts: 4 },
    output: [{ role: 'assistant', parts: [{ type: 'text', content: 'Once upon' }] }],
  });
});

test.each([
  ['named by its data alone', undefined, '{"type":"error","error":{"type":"api_error"}}'],
  ['named by its event alone', 'error', '{"error":{"type":"api_error"}}'],
  ['that is no JSON', 'error', 'upstream is gone'],
])('an error %s', (_, event, data) => {
  expect(factsOf(anthropicMessages, [[event, data]])).toMatchObject({
    counts: { parts: 1, errors: 1 },
    lastError: data,
    lastEvent: 'error',
    output: [],
  });
});

test('a refusal', () => {
  const refusal = { type: 'refusal', content: 'This may not be answered.' };
  expect(stream('anthropic-refusal.sse')).toMatchObject({
    finishReasons: ['refusal'],
    usage: { inputTokens: 40, outputTokens: 0 },
    output: [{ role: 'assistant', finish_reason: 'refusal', parts: [refusal] }],
  });
  const stop_details = { type: 'refusal', category: null, explanation: refusal.content };
  const text = { type: 'text', text: 'No.' };
  const whole = { content: [text], stop_reason: 'refusal', stop_details };
  expect(anthropicMessages.readResponse(whole).output[0]?.parts).toEqual([
    { type: 'text', content: 'No.' },
    refusal,
  ]);
});

test('a compaction has the summary of its delta', () => {
  const start = {
    type: 'content_block_start',
    index: 0,
    content_block: { type: 'compaction', content: null },
  };
  const delta = {
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'compaction_delta', content: 'So far' },
  };
  const facts = factsOf(anthropicMessages, [
    [undefined, JSON.stringify(start)],
    [undefined, JSON.stringify(delta)],
  ]);
  expect(facts.output[0]?.parts).toEqual([{ type: 'compaction', content: 'So far' }]);
});

test.each([
  ['texts', { input_tokens: '25', output_tokens: '7' }, {}],
  ['negative', { input_tokens: -1, cache_read_input_tokens: 5 }, { cacheReadTokens: 5 }],
  ['broken', { input_tokens: 1.5, output_tokens: null }, {}],
  [
    'too large together',
    { input_tokens: Number.MAX_SAFE_INTEGER, cache_read_input_tokens: 1 },
    { cacheReadTokens: 1 },
  ],
  ['all cached', { input_tokens: 0, cache_read_input_tokens: 9 }, { inputTokens: 9, cacheReadTokens: 9 }],
  ['no object', 'many', {}],
])('counts that are %s', (_, usage, expected) => {
  expect(anthropicMessages.readResponse({ usage }).usage).toEqual(expected);
});

test('an empty value is not a response', () => {
  for (const body of [undefined, null, {}, [], 'text', { type: 'error', error: { type: 'api_error' } }]) {
    expect(anthropicMessages.readResponse(body)).toEqual({
      id: undefined,
      model: undefined,
      finishReasons: [],
      usage: {},
      output: [],
      warningCount: 0,
    });
  }
});
