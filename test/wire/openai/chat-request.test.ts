import { TEXT_LENGTH } from '../../../src/wire/content.js';
import { openAiChat } from '../../../src/wire/recognition/openai.js';
import { recordedJson } from '../recorded.js';

const read = (body: unknown) => openAiChat.readRequest(body);

const partsOf = (message: object) => read({ messages: [message] }).messages[0]?.parts;

test('a complete request', () => {
  expect(read(recordedJson('openai-chat-request.json'))).toEqual({
    model: 'gpt-4.1',
    operation: 'stream',
    parameters: {
      temperature: 0.2,
      topP: 0.9,
      maxTokens: 800,
      frequencyPenalty: 0.1,
      presencePenalty: -0.1,
      seed: 7,
      choiceCount: 2,
      stopSequences: ['END', 'STOP'],
    },
    outputType: 'json',
    systemInstructions: [],
    messages: [
      { role: 'developer', parts: [{ type: 'text', content: 'Answer in JSON.' }] },
      {
        role: 'user',
        parts: [
          { type: 'text', content: 'What is in these?' },
          { type: 'uri', modality: 'image', uri: 'https://images.example/cat.png' },
          { type: 'blob', modality: 'image', mime_type: 'image/png', size: 70 },
          { type: 'blob', modality: 'audio', mime_type: 'audio/wav', size: 12 },
          { type: 'file', modality: 'document', file_id: 'file-abc' },
          { type: 'blob', modality: 'document', mime_type: 'application/pdf', size: 9 },
          { type: 'canvas', size: 35 },
        ],
      },
      {
        role: 'assistant',
        parts: [
          { type: 'tool_call', id: 'call_1', name: 'get_weather', arguments: { city: 'Ghent' } },
          { type: 'tool_call', id: 'call_2', name: 'sql', arguments: 'select 1' },
        ],
      },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'call_1', response: '{"degrees":12}' }] },
      {
        role: 'tool',
        parts: [{ type: 'tool_call_response', id: 'call_2', response: [{ type: 'text', content: '1' }] }],
      },
      { role: 'assistant', parts: [{ type: 'refusal', content: 'I would rather not.' }] },
      { role: 'assistant', parts: [{ type: 'file', modality: 'audio', file_id: 'audio_9' }] },
      { role: 'assistant', parts: [{ type: 'tool_call', name: 'now', arguments: '{broken' }] },
      { role: 'function', parts: [{ type: 'tool_call_response', response: 'noon' }] },
    ],
    toolDefinitions: [
      {
        type: 'function',
        name: 'get_weather',
        description: 'The weather of a city.',
        parameters: { type: 'object', properties: { city: { type: 'string' } } },
      },
      { type: 'custom', name: 'sql', description: 'Runs SQL.' },
      { type: 'web_search', name: 'web_search' },
    ],
    toolChoice: 'get_weather',
    optionCount: 4,
  });
});

test.each([
  [{ max_tokens: 5 }, { maxTokens: 5 }],
  [{ max_tokens: 5, max_completion_tokens: 6 }, { maxTokens: 6 }],
  [{ n: 1 }, {}],
  [{ n: 0 }, { choiceCount: 0 }],
  [{ stop: 'END' }, { stopSequences: ['END'] }],
  [{ stop: ['END', 7, null] }, { stopSequences: ['END'] }],
  [{ stop: [] }, {}],
  [{ stop: null, seed: '7', temperature: 'hot', top_k: null }, {}],
])('parameters %j', (body, expected) => {
  expect(read(body).parameters).toStrictEqual(expected);
});

test.each([
  [{}, undefined],
  [{ response_format: { type: 'text' } }, undefined],
  [{ response_format: { type: 'json_object' } }, 'json'],
  [{ modalities: ['text'] }, undefined],
  [{ modalities: ['text', 'audio'] }, 'speech'],
  [{ modalities: ['image', 'text'] }, 'image'],
])('the output type of %j is %j', (body, expected) => {
  expect(read(body).outputType).toBe(expected);
});

test.each([
  ['auto', 'auto'],
  [{ type: 'custom', custom: { name: 'sql' } }, 'sql'],
  [{ type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [] } }, 'required'],
  [{ type: 'web_search' }, 'web_search'],
  [7, undefined],
])('the tool choice %j is %j', (choice, expected) => {
  expect(read({ tool_choice: choice }).toolChoice).toBe(expected);
});

test('functions, the predecessor of tools', () => {
  const { toolDefinitions, toolChoice, optionCount } = read({
    functions: [{ name: 'now', parameters: { type: 'object' } }],
    function_call: { name: 'now' },
  });
  expect(toolDefinitions).toEqual([{ type: 'function', name: 'now', parameters: { type: 'object' } }]);
  expect(toolChoice).toBe('now');
  expect(optionCount).toBe(0);
});

const url = (address: string) => ({ type: 'image_url', image_url: address });

test.each([
  [
    'a URL itself',
    url('https://a.example/b'),
    { type: 'uri', modality: 'image', uri: 'https://a.example/b' },
  ],
  ['a data URL with parameters', url('DATA:image/svg+xml;charset=utf-8;base64,QUI='), { size: 2 }],
  ['a data URL that is text', url('data:text/plain,%C3%A9'), { type: 'blob', size: 6 }],
  ['a data URL without a type', url('data:;base64,QUJD'), { type: 'blob', size: 3 }],
  ['a data URL that is broken', url(`data:${'x'.repeat(2_000)}`), { type: 'blob', size: 2_000 }],
  [
    'a film',
    { type: 'video_url', video_url: { url: 'https://a.example/f.mp4' } },
    { type: 'uri', modality: 'video' },
  ],
  ['a file of base64 alone', { type: 'file', file: { file_data: 'QUI=' } }, { type: 'blob', size: 2 }],
])('%s', (_, part, expected) => {
  const [only, ...others] = partsOf({ role: 'user', content: [part] }) ?? [];
  expect(only).toMatchObject(expected);
  expect(others).toEqual([]);
});

test('data are never recorded', () => {
  const data = 'QUJD'.repeat(100);
  const address = `data:image/png;base64,${data}`;
  const body = {
    messages: [
      {
        content: [
          url(address),
          { type: 'image_url', image_url: { url: `data:image/png;${'x'.repeat(300)};base64,${data}` } },
          { type: 'input_audio', input_audio: { data, format: 'wav' } },
          { type: 'file', file: { file_data: address } },
          { type: 'input_image', image_url: address },
          { type: 'new_media', data },
        ],
        audio: { data },
        images: [url(address)],
      },
    ],
  };
  expect(JSON.stringify(read(body))).not.toContain('QUJDQUJD');
});

test('texts are cut, with their full length', () => {
  const long = 'x'.repeat(TEXT_LENGTH + 1);
  const part = { type: 'text', content: long.slice(1), full_length: long.length };
  expect(partsOf({ role: 'user', content: long })).toEqual([part]);
  expect(partsOf({ role: 'tool', content: long })).toMatchObject([{ response: part }]);
  const call = { function: { name: 'a', arguments: long } };
  expect(partsOf({ role: 'assistant', tool_calls: [call] })).toMatchObject([{ arguments: part }]);
  const custom = { custom: { name: 'a', input: long } };
  expect(partsOf({ role: 'assistant', tool_calls: [custom] })).toMatchObject([{ arguments: part }]);
});

test('arguments that are not text, and invalid content', () => {
  const call = { id: '', function: { name: 'a', arguments: { b: 1 } } };
  expect(partsOf({ role: 'assistant', content: null, tool_calls: [call, null, 'x'] })).toEqual([
    { type: 'tool_call', name: 'a', arguments: { b: 1 } },
  ]);
  expect(partsOf({ role: 'user', content: '' })).toEqual([]);
  expect(partsOf({ role: 'user', content: [{ type: 'text' }, null, 7, 'a text'] })).toEqual([
    { type: 'text', content: 'a text' },
  ]);
});

test('an empty value is a request without facts', () => {
  for (const body of [undefined, null, [], 'x', 7, {}, { messages: 'x', tools: {}, n: '2' }]) {
    expect(read(body)).toMatchObject({
      model: undefined,
      operation: 'generate',
      messages: [],
      toolDefinitions: [],
      parameters: {},
    });
  }
});
