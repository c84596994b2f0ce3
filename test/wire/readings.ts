import { geminiInteractions } from '../../src/wire/recognition/gemini.js';
import { openAiCompletions } from '../../src/wire/recognition/openai.js';
import {
  aiGateway,
  cohereChat,
  mistralConversations,
  ollama,
  replicatePredictions,
} from '../../src/wire/recognition/other-providers.js';
import { BEDROCK_READING } from './bedrock-reading.js';
import { answered, IMAGE, PNG, type Reading, TOOL, text, thought, WEATHER } from './reading-parts.js';
import { eventsOf, recorded } from './recorded.js';

export const READINGS: readonly Reading[] = [
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

  BEDROCK_READING,

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
  {
    format: geminiInteractions,
    name: 'interactions',
    events: eventsOf(recorded('interactions-stream.sse')),
    request: {
      model: 'gemini-3-flash',
      operation: 'stream',
      parameters: { temperature: 0.2, topP: 0.9, maxTokens: 500, seed: 7, stopSequences: ['END'] },
      outputType: 'json',
      systemInstructions: [text('Be brief.')],
      toolDefinitions: [TOOL, { type: 'google_search', name: 'google_search' }],
      toolChoice: 'auto',
      optionCount: 1,
      messages: [
        { role: 'user', parts: [text('Rain in Ghent?'), PNG] },
        { role: 'assistant', parts: [thought('Look it up.')] },
        { role: 'assistant', parts: [{ ...WEATHER, id: 'call_1', arguments: { city: 'Ghent' } }] },
        { role: 'tool', parts: [{ type: 'tool_call_response', id: 'call_1', response: '12 degrees' }] },
      ],
    },
    answer: {
      id: 'v1_ChdT',
      model: 'gemini-3-flash',
      finishReasons: ['requires_action'],
      usage: { inputTokens: 130, outputTokens: 42, reasoningTokens: 30, cacheReadTokens: 100 },
      output: answered('requires_action', thought('The tool said so.'), text('Twelve degrees. 🌧️'), {
        ...WEATHER,
        id: 'call_2',
      }),
    },
    counts: { parts: 17, textDeltas: 2, reasoningDeltas: 2, toolCalls: 1 },
  },
  {
    format: replicatePredictions,
    name: 'predictions',
    events: eventsOf(recorded('predictions-stream.sse')),
    request: {
      model: 'meta/meta-llama-3-70b-instruct',
      operation: 'stream',
      parameters: { temperature: 0.2, topP: 0.9, topK: 40, maxTokens: 100, seed: 7, presencePenalty: 1.1 },
      systemInstructions: [text('Be brief.')],
      optionCount: 0,
      messages: [{ role: 'user', parts: [text('How do foxes hunt?')] }],
    },
    answer: { finishReasons: ['succeeded'], output: answered('succeeded', text('They pounce. 🦊')) },
    counts: { parts: 4, textDeltas: 3 },
  },
];
