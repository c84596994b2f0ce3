import { bedrockConverse } from '../../src/wire/recognition/anthropic-bedrock.js';
import { answered, event, PNG, type Reading, TOOL, text, thought, WEATHER } from './reading-parts.js';
import type { StreamedEvent } from './recorded.js';

/** The response of `converse-response.json` as a stream. */
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

export const BEDROCK_READING: Reading = {
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
};
