import { TEXT_LENGTH } from '../../../src/wire/content.js';
import { openAiResponses } from '../../../src/wire/recognition/openai.js';
import { recordedJson } from '../recorded.js';

const text = (content: string) => ({ type: 'text', content });
const searched = (query: string) => ({
  type: 'server_tool_call',
  id: 'ws_1',
  name: 'web_search',
  server_tool_call: { type: 'web_search', action: { type: 'search', query } },
});

test('a complete request', () => {
  expect(openAiResponses.readRequest(recordedJson('openai-responses-request.json'))).toEqual({
    model: 'gpt-5',
    operation: 'stream',
    parameters: { temperature: 1, topP: 0.8, maxTokens: 900, reasoningLevel: 'low' },
    outputType: 'json',
    systemInstructions: [text('You are brief.')],
    messages: [
      { role: 'system', parts: [text('Be kind.')] },
      {
        role: 'user',
        parts: [
          text('What is this?'),
          { type: 'blob', modality: 'image', mime_type: 'image/png', size: 70 },
          { type: 'file', modality: 'image', file_id: 'file-img' },
          { type: 'uri', modality: 'image', uri: 'https://images.example/cat.png' },
          { type: 'uri', modality: 'document', uri: 'https://files.example/a.pdf' },
          { type: 'blob', modality: 'document', mime_type: 'application/pdf', size: 9 },
          { type: 'blob', modality: 'audio', mime_type: 'audio/mp3', size: 12 },
        ],
      },
      { role: 'assistant', parts: [{ type: 'reasoning', content: 'A tool knows.' }] },
      {
        role: 'assistant',
        parts: [{ type: 'tool_call', id: 'call_1', name: 'get_weather', arguments: { city: 'Ghent' } }],
      },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'call_1', response: '12 degrees' }] },
      {
        role: 'assistant',
        parts: [{ type: 'tool_call', id: 'call_2', name: 'sql', arguments: 'select 1' }],
      },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'call_2', response: [text('1')] }] },
      { role: 'assistant', parts: [text('Twelve.'), { type: 'refusal', content: 'No more.' }] },
      { role: 'assistant', parts: [searched('Ghent')] },
      { role: 'tool', parts: [{ type: 'computer_call_output', size: 223 }] },
      { role: 'assistant', parts: [{ type: 'item_reference', size: 38 }] },
    ],
    toolDefinitions: [
      {
        type: 'function',
        name: 'get_weather',
        description: 'The weather of a city.',
        parameters: {
          type: 'object',
          properties: { error: { type: 'string' }, city: { type: 'string' } },
        },
      },
      { type: 'custom', name: 'sql', description: 'Runs SQL.' },
      { type: 'web_search', name: 'web_search' },
      { type: 'mcp', name: 'tickets' },
    ],
    toolChoice: 'auto',
    optionCount: 3,
  });
});

test('an input as text is a message of the user', () => {
  const { messages, operation, outputType } = openAiResponses.readRequest({ input: 'Hi', stream: false });
  expect(messages).toEqual([{ role: 'user', parts: [text('Hi')] }]);
  expect(operation).toBe('generate');
  expect(outputType).toBeUndefined();
});

test.each([
  ['required', 'required'],
  [{ type: 'function', name: 'now' }, 'now'],
  [{ type: 'file_search' }, 'file_search'],
  [{ type: 'mcp', server_label: 'tickets', name: 'list' }, 'list'],
])('the tool choice %j is %j', (choice, expected) => {
  expect(openAiResponses.readRequest({ tool_choice: choice }).toolChoice).toBe(expected);
});

test('a response without streaming', () => {
  expect(openAiResponses.readResponse(recordedJson('openai-responses-response.json'))).toEqual({
    id: 'resp_1',
    model: 'gpt-5-2025-08-07',
    finishReasons: ['completed'],
    usage: { inputTokens: 300, outputTokens: 90, reasoningTokens: 64, cacheReadTokens: 256 },
    output: [
      {
        role: 'assistant',
        finish_reason: 'completed',
        parts: [
          { type: 'reasoning', content: 'A search first.' },
          { type: 'reasoning', content: 'Then a tool.' },
          searched('weather Ghent'),
          text('It is 12 °C 🌧️, "type":"error".\nevent: error\ndata: {"type":"response.failed"}'),
          { type: 'tool_call', id: 'call_1', name: 'get_weather', arguments: { city: 'Ghent' } },
          { type: 'tool_call', id: 'call_2', name: 'sql', arguments: 'select 1' },
        ],
      },
    ],
    warningCount: 0,
  });
});

test.each([
  [{ status: 'completed' }, ['completed']],
  [{ status: 'incomplete', incomplete_details: { reason: 'content_filter' } }, ['content_filter']],
  [{ status: 'incomplete', incomplete_details: {} }, ['incomplete']],
  [{ status: 'cancelled' }, ['cancelled']],
  [{ status: 'queued' }, []],
  [{ status: 'in_progress' }, []],
  [{ status: 7 }, []],
])('%j ended with %j', (body, expected) => {
  expect(openAiResponses.readResponse(body).finishReasons).toEqual(expected);
});

test('encrypted data is never read', () => {
  const encrypted = { type: 'reasoning', summary: [], encrypted_content: 'gAAAAABo' };
  expect(openAiResponses.readResponse({ output: [encrypted] }).output).toEqual([]);
  expect(openAiResponses.readRequest({ input: [encrypted] }).messages).toEqual([
    { role: 'assistant', parts: [] },
  ]);
});

test('the reasoning of an open model', () => {
  const output = [{ type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Hm.' }] }];
  expect(openAiResponses.readResponse({ output }).output[0]?.parts).toEqual([
    { type: 'reasoning', content: 'Hm.' },
  ]);
});

test('texts are cut, with their full length', () => {
  const long = 'x'.repeat(TEXT_LENGTH + 1);
  const part = { type: 'text', content: long.slice(1), full_length: long.length };
  const { systemInstructions, messages } = openAiResponses.readRequest({ instructions: long, input: long });
  expect(systemInstructions).toEqual([part]);
  expect(messages).toEqual([{ role: 'user', parts: [part] }]);
});

test('an empty value is a request or response without facts', () => {
  for (const body of [undefined, null, [], 'x', {}, { input: {}, output: {}, tools: 'x' }]) {
    expect(openAiResponses.readRequest(body)).toMatchObject({
      model: undefined,
      messages: [],
      parameters: {},
    });
    expect(openAiResponses.readResponse(body)).toMatchObject({ finishReasons: [], output: [] });
  }
});
