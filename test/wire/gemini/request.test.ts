import { TEXT_LENGTH } from '../../../src/wire/content.js';
import { geminiGenerateContent } from '../../../src/wire/recognition/gemini.js';
import { recorded, recordedJson } from '../recorded.js';

const read = (body: unknown) => geminiGenerateContent.readRequest(body);

const FACTS = {
  model: undefined,
  operation: undefined,
  parameters: {
    temperature: 0.4,
    topP: 0.95,
    topK: 64,
    maxTokens: 2048,
    choiceCount: 2,
    seed: 7,
    frequencyPenalty: 0.1,
    presencePenalty: 0.2,
    stopSequences: ['END'],
  },
  outputType: 'json',
  systemInstructions: [{ type: 'text', content: 'You answer briefly.' }],
  toolChoice: 'get_weather',
  toolDefinitions: [
    {
      type: 'function',
      name: 'get_weather',
      description: 'The weather of a place.',
      parameters: { type: 'OBJECT' },
    },
    { type: 'function', name: 'now', parameters: { type: 'object' } },
    { type: 'googleSearch', name: 'googleSearch' },
    { type: 'codeExecution', name: 'codeExecution' },
  ],
  optionCount: 3,
  messages: [
    { role: 'user', parts: [{ type: 'text', content: 'What is the weather in Ghent?' }] },
    {
      role: 'assistant',
      parts: [
        { type: 'reasoning', content: 'A tool knows.' },
        { type: 'tool_call', id: 'call-1', name: 'get_weather', arguments: { place: 'Ghent' } },
        {
          type: 'server_tool_call',
          name: 'code_execution',
          server_tool_call: { type: 'code_execution', language: 'PYTHON', code: 'print(1)' },
        },
      ],
    },
    {
      role: 'tool',
      parts: [{ type: 'tool_call_response', id: 'get_weather', response: { output: '12 degrees' } }],
    },
    {
      role: 'user',
      parts: [
        { type: 'blob', modality: 'image', mime_type: 'image/png', size: 8 },
        { type: 'uri', modality: 'video', mime_type: 'video/mp4', uri: 'gs://bucket/film.mp4' },
        {
          type: 'uri',
          modality: 'document',
          uri: 'https://generativelanguage.googleapis.com/v1beta/files/abc',
        },
        { type: 'text', content: 'And what is this?' },
      ],
    },
  ],
};

test('a complete request', () => {
  expect(read(recordedJson('gemini-request.json'))).toEqual(FACTS);
});

test('the same in snake case', () => {
  const names =
    /"(systemInstruction|generationConfig|toolConfig|function\w+|inlineData|fileData|[a-z]+[A-Z]\w+)":/g;
  const snake = recorded('gemini-request.json').replace(names, (name) =>
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  );
  expect(snake).toContain('"function_calling_config"');
  expect(read(JSON.parse(snake))).toEqual(FACTS);
});

test('a list may be replaced by its only member', () => {
  const contents = { role: 'user', parts: { text: 'Hi' } };
  const body = {
    contents,
    system_instruction: { parts: { text: 'Be brief.' } },
    tools: { googleSearch: {} },
  };
  expect(read(body)).toMatchObject({
    systemInstructions: [{ type: 'text', content: 'Be brief.' }],
    messages: [{ role: 'user', parts: [{ type: 'text', content: 'Hi' }] }],
    toolDefinitions: [{ name: 'googleSearch' }],
  });
  expect(read({ systemInstruction: 'Be brief.' }).systemInstructions).toHaveLength(1);
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
  for (const body of [undefined, null, 'text', 7, [], {}]) expect(read(body)).toEqual(nothing);
  const odd = { temperature: '1', topK: null, maxOutputTokens: -5, candidateCount: 1, stopSequences: [] };
  expect(read({ contents: 'Hi', tools: 3, toolConfig: [], generationConfig: odd })).toEqual(nothing);
});

test.each([
  [{ mode: 'AUTO' }, 'auto'],
  [{ mode: 'VALIDATED' }, 'auto'],
  [{ mode: 'NONE' }, 'none'],
  [{ mode: 'ANY' }, 'required'],
  [{ mode: 'ANY', allowedFunctionNames: ['one', 'two'] }, 'required'],
  [{ mode: 'ANY', allowed_function_names: ['one'] }, 'one'],
  [{ mode: 'MODE_UNSPECIFIED' }, undefined],
])('the tool choice %j is %s', (functionCallingConfig, expected) => {
  expect(read({ toolConfig: { functionCallingConfig } }).toolChoice).toBe(expected);
});

test.each([
  ['user', 'user'],
  ['model', 'assistant'],
  ['function', 'tool'],
  ['system', 'system'],
  [undefined, 'user'],
])('the role %s is %s', (role, expected) => {
  expect(read({ contents: [{ role, parts: [{ text: 'Hi' }] }] }).messages[0]?.role).toBe(expected);
});

test('texts, arguments and results are cut, with their full length', () => {
  const long = 'x'.repeat(TEXT_LENGTH + 1);
  const parts = [
    { text: long },
    { functionCall: { name: 'write', args: { long } } },
    { functionResponse: { name: 'read', response: { long } } },
  ];
  const json = { type: 'text', content: `{"long":"${long.slice(10)}`, full_length: long.length + 11 };
  expect(read({ contents: [{ parts }] }).messages[0]?.parts).toEqual([
    { type: 'text', content: long.slice(1), full_length: long.length },
    { type: 'tool_call', name: 'write', arguments: json },
    { type: 'tool_call_response', id: 'read', response: json },
  ]);
});
