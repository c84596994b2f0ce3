import { aiGateway } from '../../src/wire/ai-sdk/gateway.js';
import { bedrockConverse } from '../../src/wire/bedrock/converse.js';
import { bedrockInvoke } from '../../src/wire/bedrock/invoke.js';
import { cohereChat } from '../../src/wire/cohere/chat.js';
import type { WireFormat } from '../../src/wire/format.js';
import { mistralConversations } from '../../src/wire/mistral/conversations.js';
import { ollama } from '../../src/wire/ollama/ollama.js';
import { openAiCompletions } from '../../src/wire/openai/completions.js';
import { takesAnything } from './any-input.js';
import { eventsOf, factsOf, recorded, recordedJson, type StreamedEvent } from './recorded.js';

const event = (name: string | undefined, data: object): StreamedEvent => [name, JSON.stringify(data)];

/** The answer of `converse-response.json` as a stream. */
const CONVERSE_EVENTS: readonly StreamedEvent[] = [
  event('messageStart', { role: 'assistant' }),
  event('contentBlockDelta', { contentBlockIndex: 0, delta: { reasoningContent: { text: 'The tool ' } } }),
  event('contentBlockDelta', { contentBlockIndex: 0, delta: { reasoningContent: { text: 'said so.' } } }),
  event('contentBlockDelta', { contentBlockIndex: 0, delta: { reasoningContent: { signature: 'c2ln' } } }),
  event('contentBlockStop', { contentBlockIndex: 0 }),
  event('contentBlockDelta', { contentBlockIndex: 1, delta: { text: 'Twelve ' } }),
  event('contentBlockDelta', { contentBlockIndex: 1, delta: { text: 'degrees. 🌧️' } }),
  event('contentBlockStart', {
    contentBlockIndex: 2,
    start: { toolUse: { toolUseId: 'tooluse_2', name: 'get_weather' } },
  }),
  event('contentBlockDelta', { contentBlockIndex: 2, delta: { toolUse: { input: '{"city":' } } }),
  event('contentBlockDelta', { contentBlockIndex: 2, delta: { toolUse: { input: '"Paris"}' } } }),
  event('messageStop', { stopReason: 'tool_use' }),
  event('metadata', {
    usage: { inputTokens: 30, outputTokens: 12, cacheReadInputTokens: 100, cacheWriteInputTokens: 20 },
    metrics: { latencyMs: 350 },
  }),
];

interface Reading {
  readonly format: WireFormat;
  readonly name: string;
  readonly events: readonly StreamedEvent[];
  readonly request: object;
  readonly answer: object;
  readonly counts: object;
}

const WEATHER = { type: 'tool_call', name: 'get_weather', arguments: { city: 'Paris' } };
const SCHEMA = { type: 'object', properties: { city: { type: 'string' } } };
const TOOL = { type: 'function', name: 'get_weather', description: 'Weather', parameters: SCHEMA };
const IMAGE = { type: 'blob', modality: 'image', size: 8 };
const PNG = { ...IMAGE, mime_type: 'image/png' };
const thought = (content: string) => ({ type: 'reasoning', content });
const text = (content: string) => ({ type: 'text', content });
const answered = (finish_reason: string | undefined, ...parts: object[]) => [
  { role: 'assistant', parts, ...(finish_reason !== undefined && { finish_reason }) },
];

const READINGS: readonly Reading[] = [
  {
    format: cohereChat,
    name: 'cohere',
    events: eventsOf(recorded('cohere-stream.sse')),
    request: {
      model: 'command-a-03-2025',
      operation: 'stream',
      parameters: {
        temperature: 0.3,
        topP: 0.9,
        topK: 40,
        maxTokens: 500,
        frequencyPenalty: 0.1,
        presencePenalty: 0.2,
        seed: 7,
        stopSequences: ['END'],
      },
      outputType: 'json',
      toolDefinitions: [TOOL],
      toolChoice: 'required',
      optionCount: 1,
      messages: [
        { role: 'system', parts: [text('Be brief.')] },
        { role: 'user', parts: [text('Rain in Ghent?'), PNG] },
        {
          role: 'assistant',
          parts: [
            thought('I look it up.'),
            { ...WEATHER, id: 'get_weather_1', arguments: { city: 'Ghent' } },
          ],
        },
        {
          role: 'tool',
          parts: [{ type: 'tool_call_response', id: 'get_weather_1', response: '12 degrees' }],
        },
      ],
    },
    answer: {
      id: 'c14c80c3',
      finishReasons: ['TOOL_CALL'],
      usage: { inputTokens: 215, outputTokens: 38, cacheReadTokens: 16 },
      output: answered('TOOL_CALL', thought('I look it up.'), text('One moment. 🌧️'), {
        ...WEATHER,
        id: 'get_weather_1',
        arguments: { city: 'Ghent' },
      }),
    },
    counts: { parts: 12, textDeltas: 2, reasoningDeltas: 2, toolCalls: 1 },
  },
  {
    format: ollama,
    name: 'ollama',
    events: recorded('ollama-stream.ndjson')
      .trim()
      .split('\n')
      .map((line) => [undefined, line]),
    request: {
      model: 'qwen3:8b',
      operation: 'stream',
      parameters: { temperature: 0.2, topP: 0.9, topK: 20, maxTokens: 100, seed: 3, stopSequences: ['END'] },
      outputType: 'json',
      toolDefinitions: [TOOL],
      optionCount: 3,
      messages: [
        { role: 'system', parts: [text('Be brief.')] },
        { role: 'user', parts: [text('Rain in Ghent?'), IMAGE] },
        { role: 'assistant', parts: [thought('Look it up.'), { ...WEATHER, arguments: { city: 'Ghent' } }] },
        { role: 'tool', parts: [{ type: 'tool_call_response', id: 'get_weather', response: '12 degrees' }] },
      ],
    },
    answer: {
      model: 'qwen3:8b',
      finishReasons: ['stop'],
      usage: { inputTokens: 26, outputTokens: 290 },
      output: answered('stop', thought('The tool said so.'), text('Twelve degrees. 🌧️'), WEATHER),
    },
    counts: { parts: 6, textDeltas: 2, reasoningDeltas: 2, toolCalls: 1 },
  },
  {
    format: openAiCompletions,
    name: 'completions',
    events: eventsOf(recorded('completions-stream.sse')),
    request: {
      model: 'gpt-3.5-turbo-instruct',
      operation: 'stream',
      parameters: { maxTokens: 50, temperature: 0.5, choiceCount: 2, stopSequences: ['\n'] },
      optionCount: 2,
      messages: ['Foxes hunt', 'Owls hunt', ' at night.'].map((one) => ({
        role: 'user',
        parts: [text(one)],
      })),
    },
    answer: {
      id: 'cmpl-1',
      model: 'gpt-3.5-turbo-instruct:20230824-v2',
      finishReasons: ['stop', 'length'],
      usage: { inputTokens: 5, outputTokens: 4 },
      output: [...answered('stop', text(' alone')), ...answered('length', text(' by ear'))],
    },
    counts: { parts: 6, textDeltas: 4 },
  },
  {
    format: bedrockConverse,
    name: 'converse',
    events: CONVERSE_EVENTS,
    request: {
      model: undefined,
      operation: undefined,
      parameters: { maxTokens: 500, temperature: 0.2, topP: 0.9, stopSequences: ['END'] },
      systemInstructions: [text('Be brief.'), { type: 'cachePoint', size: 33 }],
      toolDefinitions: [TOOL],
      toolChoice: 'required',
      optionCount: 1,
      messages: [
        {
          role: 'user',
          parts: [
            text('Rain in Ghent?'),
            PNG,
            { type: 'uri', modality: 'document', mime_type: 'application/pdf', uri: 's3://bucket/map.pdf' },
          ],
        },
        {
          role: 'assistant',
          parts: [thought('Look it up.'), { ...WEATHER, id: 'tooluse_1', arguments: { city: 'Ghent' } }],
        },
        {
          role: 'tool',
          parts: [{ type: 'tool_call_response', id: 'tooluse_1', response: [{ degrees: 12 }, text('cool')] }],
        },
      ],
    },
    answer: {
      finishReasons: ['tool_use'],
      usage: { inputTokens: 150, outputTokens: 12, cacheReadTokens: 100, cacheCreationTokens: 20 },
      output: answered('tool_use', thought('The tool said so.'), text('Twelve degrees. 🌧️'), {
        ...WEATHER,
        id: 'tooluse_2',
      }),
    },
    counts: { parts: 12, textDeltas: 2, reasoningDeltas: 2, toolCalls: 1 },
  },
  {
    format: aiGateway,
    name: 'gateway',
    events: eventsOf(recorded('gateway-stream.sse')),
    request: {
      parameters: { maxTokens: 100, temperature: 0.2, seed: 3, stopSequences: ['END'] },
      outputType: 'json',
      systemInstructions: [text('Be brief.')],
      toolDefinitions: [TOOL],
      toolChoice: 'get_weather',
      optionCount: 1,
      messages: [
        { role: 'user', parts: [text('Rain in Ghent?'), PNG] },
        { role: 'assistant', parts: [{ ...WEATHER, id: 'call_1', arguments: { city: 'Ghent' } }] },
        { role: 'tool', parts: [{ type: 'tool_call_response', id: 'call_1', response: '12 degrees' }] },
      ],
    },
    answer: {
      id: 'resp_1',
      model: 'openai/gpt-5-mini',
      finishReasons: ['tool_calls'],
      usage: {
        inputTokens: 130,
        outputTokens: 42,
        reasoningTokens: 30,
        cacheReadTokens: 100,
        cacheCreationTokens: 0,
      },
      output: answered('tool_calls', thought('The tool said so.'), text('Twelve degrees. 🌧️'), {
        ...WEATHER,
        id: 'call_2',
      }),
    },
    counts: { parts: 15, textDeltas: 2, reasoningDeltas: 2, toolCalls: 1 },
  },
  {
    format: mistralConversations,
    name: 'conversations',
    events: eventsOf(recorded('conversations-stream.sse')),
    request: {
      model: 'mistral-medium-latest',
      operation: 'stream',
      parameters: { temperature: 0.2, maxTokens: 100 },
      outputType: 'json',
      systemInstructions: [text('Be brief.')],
      toolChoice: 'auto',
      optionCount: 1,
      messages: [
        { role: 'user', parts: [text('Rain in Ghent?')] },
        { role: 'assistant', parts: [{ ...WEATHER, id: 'c1', arguments: { city: 'Ghent' } }] },
        { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: '12 degrees' }] },
      ],
    },
    answer: {
      id: 'conv_1',
      model: 'mistral-medium-2508',
      finishReasons: [],
      usage: { inputTokens: 30, outputTokens: 12 },
    },
    counts: { parts: 6, textDeltas: 2, toolCalls: 1 },
  },
];

describe.each(READINGS.map((reading) => [reading.format.name, reading] as const))(
  '%s',
  (_, { format, name, events, request, answer, counts }) => {
    test('a request', () => {
      expect(format.readRequest(recordedJson(`${name}-request.json`))).toMatchObject(request);
    });

    test('an answer in one piece', () => {
      expect(format.readResponse(recordedJson(`${name}-response.json`))).toMatchObject(answer);
    });

    test('the same answer as a stream', () => {
      const whole = format.readResponse(recordedJson(`${name}-response.json`));
      const streamed = factsOf(format, events);
      expect(streamed).toMatchObject({ ...answer, counts });
      // The use of a built-in tool is no piece of an answer.
      const isSame = format !== mistralConversations;
      if (isSame) expect(streamed.output).toEqual(whole.output);
    });

    test('an error in the stream', () => {
      const error = { error: { type: 'throttlingException', message: 'Slow down.' } };
      const facts = factsOf(format, [...events.slice(0, 3), event('error', { type: 'error', ...error })]);
      expect(facts.counts.errors).toBe(1);
      expect(facts.lastError).toContain('Slow down.');
    });

    test('nothing makes it throw', () => {
      const bodies = ['request', 'response'].map((kind) => recordedJson(`${name}-${kind}.json`));
      const objects = events.filter(([, data]) => data.startsWith('{'));
      takesAnything(format, bodies, objects);
    });
  },
);

const NOVA = { contentBlockDelta: { delta: { text: 'Foxes' }, contentBlockIndex: 0 } };
const METRICS = { 'amazon-bedrock-invocationMetrics': { inputTokenCount: 3, outputTokenCount: 2 } };

test.each([
  [
    'Anthropic',
    { type: 'message', content: [{ type: 'text', text: 'Foxes' }], stop_reason: 'end_turn' },
    'end_turn',
  ],
  [
    'Amazon Nova',
    { output: { message: { content: [{ text: 'Foxes' }] } }, stopReason: 'end_turn' },
    'end_turn',
  ],
  ['Amazon Titan', { results: [{ outputText: 'Foxes', completionReason: 'FINISH' }] }, 'FINISH'],
  ['Meta', { generation: 'Foxes', stop_reason: 'stop' }, 'stop'],
  ['Mistral', { outputs: [{ text: 'Foxes', stop_reason: 'stop' }] }, 'stop'],
])('bedrock-invoke: an answer of a model of %s', (_, body, reason) => {
  const { output, finishReasons } = bedrockInvoke.readResponse(body);
  expect([output[0]?.parts, finishReasons]).toEqual([[text('Foxes')], [reason]]);
});

test.each([
  [
    'Anthropic',
    [
      { type: 'message_start', message: { id: 'm', model: 'claude', usage: { input_tokens: 3 } } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'Foxes' } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
      { type: 'message_stop', ...METRICS },
    ],
  ],
  ['Amazon Nova', [NOVA, { messageStop: { stopReason: 'end_turn' } }, METRICS]],
  ['Meta', [{ generation: 'Fox' }, { generation: 'es', stop_reason: 'end_turn', ...METRICS }]],
])('bedrock-invoke: a stream of a model of %s', (_, values) => {
  const facts = factsOf(
    bedrockInvoke,
    values.map((value) => event(undefined, value)),
  );
  expect(facts).toMatchObject({
    usage: { inputTokens: 3, outputTokens: 2 },
    finishReasons: ['end_turn'],
    output: [{ parts: [text('Foxes')] }],
    counts: { parts: values.length },
  });
});

test('bedrock-invoke: requests by their models', () => {
  const claude = recordedJson('anthropic-request.json') as object;
  const facts = bedrockInvoke.readRequest({ ...claude, anthropic_version: 'bedrock-2023-05-31' });
  expect(facts.messages.length).toBeGreaterThan(0);
  expect(facts).toMatchObject({ model: undefined, operation: undefined });
  expect(bedrockInvoke.readRequest({ prompt: 'Foxes' }).messages).toEqual([
    { role: 'user', parts: [text('Foxes')] },
  ]);
  takesAnything(
    bedrockInvoke,
    [claude, recordedJson('converse-request.json')],
    [
      event(undefined, NOVA),
      event(undefined, { generation: 'Foxes', ...METRICS }),
      event(undefined, { type: 'message_start', message: {} }),
    ],
  );
});
