import { TEXT_LENGTH } from '../../../src/wire/content.js';
import { anthropicMessages } from '../../../src/wire/recognition/anthropic-bedrock.js';
import { recordedJson } from '../recorded.js';

const read = (body: unknown) => anthropicMessages.readRequest(body);

const message = (...content: readonly unknown[]) =>
  read({ messages: [{ role: 'user', content }] }).messages[0]?.parts;

test('a complete request', () => {
  expect(read(recordedJson('anthropic-request.json'))).toEqual({
    model: 'claude-sonnet-4-5-20250929',
    operation: 'stream',
    parameters: {
      temperature: 0.2,
      topP: 0.9,
      topK: 40,
      maxTokens: 4096,
      stopSequences: ['END'],
      reasoningLevel: 'low',
    },
    outputType: 'json',
    systemInstructions: [
      { type: 'text', content: 'You answer briefly.' },
      { type: 'text', content: 'Today is Monday.' },
    ],
    toolChoice: 'required',
    toolDefinitions: [
      {
        type: 'function',
        name: 'get_weather',
        description: 'The weather of a place.',
        parameters: { type: 'object', properties: { place: { type: 'string' } } },
      },
      { type: 'function', name: 'now', parameters: { type: 'object' } },
      { type: 'web_search_20250305', name: 'web_search' },
      { type: 'mcp_toolset', name: 'tickets' },
    ],
    optionCount: 2,
    messages: [
      { role: 'user', parts: [{ type: 'text', content: 'What is the weather in Ghent?' }] },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', content: 'A tool knows.' },
          { type: 'redacted_thinking', size: 50 },
          { type: 'text', content: 'I look it up.' },
          { type: 'tool_call', id: 'toolu_01', name: 'get_weather', arguments: { place: 'Ghent' } },
          {
            type: 'server_tool_call',
            id: 'srvtoolu_01',
            name: 'web_search',
            server_tool_call: { type: 'web_search', input: { query: 'Ghent' } },
          },
          {
            type: 'server_tool_call_response',
            id: 'srvtoolu_01',
            server_tool_call_response: { type: 'web_search', content: [] },
          },
          {
            type: 'server_tool_call',
            id: 'mcptoolu_01',
            name: 'list',
            server_tool_call: { type: 'mcp', server_name: 'tickets', input: {} },
          },
          {
            type: 'server_tool_call_response',
            id: 'mcptoolu_01',
            server_tool_call_response: { type: 'mcp', content: [{ type: 'text', text: 'none' }] },
          },
        ],
      },
      {
        role: 'tool',
        parts: [
          { type: 'tool_call_response', id: 'toolu_01', response: '12 degrees, rain' },
          {
            type: 'tool_call_response',
            id: 'toolu_02',
            response: { is_error: true, content: [{ type: 'text', content: 'timed out' }] },
          },
          {
            type: 'tool_call_response',
            id: 'toolu_03',
            response: [
              { type: 'text', content: 'the map' },
              { type: 'blob', modality: 'image', mime_type: 'image/png', size: 8 },
            ],
          },
          { type: 'tool_call_response', id: 'toolu_04' },
        ],
      },
      {
        role: 'user',
        parts: [
          { type: 'blob', modality: 'image', mime_type: 'image/jpeg', size: 10 },
          { type: 'uri', modality: 'image', uri: 'https://example.com/cat.png' },
          { type: 'blob', modality: 'document', mime_type: 'application/pdf', size: 9 },
          { type: 'blob', modality: 'document', mime_type: 'text/plain', size: 3 },
          { type: 'file', modality: 'document', file_id: 'file_011' },
          { type: 'document', size: 67 },
          { type: 'text', content: 'And what is this?' },
        ],
      },
    ],
  });
});

test('absent values and values of the wrong type are omitted', () => {
  const nothing = {
    model: undefined,
    operation: undefined,
    parameters: {},
    outputType: undefined,
    systemInstructions: [],
    messages: [],
    toolDefinitions: [],
    toolChoice: undefined,
    optionCount: 0,
  };
  for (const body of [undefined, null, 'text', 7, []]) expect(read(body)).toEqual(nothing);
  expect(read({})).toEqual({ ...nothing, operation: 'generate' });
  const odd = { max_tokens: '5', temperature: null, top_p: [], top_k: {}, stop_sequences: 'END', stream: 1 };
  expect(read({ model: 3, messages: {}, tools: 'x', tool_choice: 'auto', ...odd })).toEqual({
    ...nothing,
    operation: 'generate',
  });
  expect(read({ max_tokens: -1 }).parameters).toEqual({});
});

test.each([
  [{ type: 'auto' }, 'auto'],
  [{ type: 'none' }, 'none'],
  [{ type: 'any' }, 'required'],
  [{ type: 'tool', name: 'now' }, 'now'],
  [{ type: 'tool' }, undefined],
  [{ type: 'else' }, undefined],
])('the tool choice %j is %s', (choice, expected) => {
  expect(read({ tool_choice: choice }).toolChoice).toBe(expected);
});

test('structured output in its earlier form', () => {
  expect(read({ output_format: { type: 'json_schema', schema: {} } }).outputType).toBe('json');
  expect(read({ output_config: { effort: 'low' } }).outputType).toBeUndefined();
});

test('a system prompt as text', () => {
  expect(read({ system: 'Be brief.' }).systemInstructions).toEqual([{ type: 'text', content: 'Be brief.' }]);
});

test('texts, arguments and results are cut, with their full length', () => {
  const long = 'x'.repeat(TEXT_LENGTH + 1);
  const cut = { type: 'text', content: long.slice(1), full_length: long.length };
  expect(read({ system: long }).systemInstructions).toEqual([cut]);
  expect(message({ type: 'tool_result', tool_use_id: 'a', content: long })).toEqual([
    { type: 'tool_call_response', id: 'a', response: cut },
  ]);
  expect(message({ type: 'tool_use', id: 'a', name: 'write', input: { long } })).toEqual([
    {
      type: 'tool_call',
      id: 'a',
      name: 'write',
      arguments: { type: 'text', content: `{"long":"${long.slice(10)}`, full_length: long.length + 11 },
    },
  ]);
  expect(read({ tools: [{ name: 'a', description: long }] }).toolDefinitions[0]?.description).toBe(
    cut.content,
  );
});

test('a name does not contain a long text', () => {
  const long = 'x'.repeat(100_000);
  const block = { type: long, id: long, name: long };
  const facts = JSON.stringify(
    read({ model: long, messages: [{ role: long, content: [block] }], tools: [block] }),
  );
  expect(facts.length).toBeLessThan(10_000);
});

test('tool results beside a text are the user’s', () => {
  const result = { type: 'tool_result', tool_use_id: 'a', content: 'x' };
  const roleOf = (...content: readonly unknown[]) =>
    read({ messages: [{ role: 'user', content }] }).messages[0]?.role;
  expect(roleOf(result, { type: 'text', text: 'and' })).toBe('user');
  expect(roleOf(result)).toBe('tool');
  expect(roleOf()).toBe('user');
});
