import { requestFacts } from '../../../src/wire/reading/ai-sdk.js';

const BYTES = new Uint8Array([1, 2, 3, 4, 5]);
const BASE64 = Buffer.from(BYTES).toString('base64');
const SCHEMA = { type: 'object', properties: { city: { type: 'string' } } };

const OPTIONS = {
  prompt: [
    { role: 'system', content: 'Be brief.' },
    { role: 'system', content: 'Be kind.' },
    { role: 'user', content: [{ type: 'text', text: 'What is this?' }] },
    { role: 'system', content: 'An aside.' },
  ],
  maxOutputTokens: 100,
  temperature: 0.5,
  topP: 0.9,
  topK: 40,
  presencePenalty: 0.1,
  frequencyPenalty: 0.2,
  seed: 7,
  stopSequences: ['END'],
  responseFormat: { type: 'json', schema: SCHEMA },
  tools: [
    { type: 'function', name: 'weather', description: 'Tells it.', inputSchema: SCHEMA },
    { type: 'provider', id: 'openai.web_search', name: 'search', args: { size: 'low' } },
  ],
  toolChoice: { type: 'tool', toolName: 'weather' },
  providerOptions: { openai: { user: 'u', store: false }, anthropic: { thinking: {} } },
  reasoning: 'high',
  headers: { 'x-secret': 'never' },
  abortSignal: new AbortController().signal,
  includeRawChunks: false,
  somethingUndefined: undefined,
};

test('the options of a call', () => {
  expect(requestFacts(OPTIONS, 'generate', 'gpt-5')).toEqual({
    model: 'gpt-5',
    operation: 'generate',
    parameters: {
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      maxTokens: 100,
      frequencyPenalty: 0.2,
      presencePenalty: 0.1,
      seed: 7,
      stopSequences: ['END'],
    },
    outputType: 'json',
    systemInstructions: [
      { type: 'text', content: 'Be brief.' },
      { type: 'text', content: 'Be kind.' },
    ],
    messages: [
      { role: 'user', parts: [{ type: 'text', content: 'What is this?' }] },
      { role: 'system', parts: [{ type: 'text', content: 'An aside.' }] },
    ],
    toolDefinitions: [
      { type: 'function', name: 'weather', description: 'Tells it.', parameters: SCHEMA },
      { type: 'openai.web_search', name: 'search' },
    ],
    toolChoice: 'weather',
    optionCount: 4,
  });
});

/** A part in the form of a version, and its result. */
const PARTS: readonly (readonly [what: string, part: object, becomes: object])[] = [
  ['a text', { type: 'text', text: 'Hi' }, { type: 'text', content: 'Hi' }],
  ['a thought', { type: 'reasoning', text: 'Hm' }, { type: 'reasoning', content: 'Hm' }],
  [
    'a file as bytes',
    { type: 'file', mediaType: 'image/png', data: BYTES },
    { type: 'blob', modality: 'image', mime_type: 'image/png', size: 5 },
  ],
  [
    'a file in base64',
    { type: 'file', mediaType: 'application/pdf', data: BASE64 },
    { type: 'blob', modality: 'document', mime_type: 'application/pdf', size: 5 },
  ],
  [
    'a file as a data URL',
    { type: 'file', mediaType: 'image/*', data: `data:image/png;base64,${BASE64}` },
    { type: 'blob', modality: 'image', mime_type: 'image/png', size: 5 },
  ],
  [
    'a file by URL',
    { type: 'file', mediaType: 'audio/wav', data: new URL('https://files.test/a.wav') },
    { type: 'uri', modality: 'audio', mime_type: 'audio/wav', uri: 'https://files.test/a.wav' },
  ],
  [
    'a file of v4',
    { type: 'file', mediaType: 'video/mp4', data: { type: 'data', data: BYTES } },
    { type: 'blob', modality: 'video', mime_type: 'video/mp4', size: 5 },
  ],
  [
    'a file of v4 by URL',
    { type: 'file', mediaType: 'image/png', data: { type: 'url', url: new URL('https://files.test/a') } },
    { type: 'uri', modality: 'image', mime_type: 'image/png', uri: 'https://files.test/a' },
  ],
  [
    'a file of v4 as text',
    { type: 'file', mediaType: 'text/plain', data: { type: 'text', text: 'äb' } },
    { type: 'blob', modality: 'document', mime_type: 'text/plain', size: 3 },
  ],
  [
    'a file of v4 that the provider keeps',
    { type: 'file', mediaType: 'text/plain', data: { type: 'reference', reference: { openai: 'file-1' } } },
    { type: 'file', modality: 'document', file_id: 'file-1' },
  ],
  [
    'a call of a tool',
    { type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input: { city: 'Ghent' } },
    { type: 'tool_call', id: 'c1', name: 'weather', arguments: { city: 'Ghent' } },
  ],
  [
    'the result of a tool',
    { type: 'tool-result', toolCallId: 'c1', toolName: 'w', output: { type: 'json', value: { c: 12 } } },
    { type: 'tool_call_response', id: 'c1', response: { c: 12 } },
  ],
  [
    'an error of a tool',
    { type: 'tool-result', toolCallId: 'c1', toolName: 'w', output: { type: 'error-text', value: 'no' } },
    { type: 'tool_call_response', id: 'c1', response: { is_error: true, content: 'no' } },
  ],
  [
    'a tool that was not allowed to run',
    { type: 'tool-result', toolCallId: 'c1', toolName: 'w', output: { type: 'execution-denied' } },
    { type: 'tool_call_response', id: 'c1', response: { is_error: true } },
  ],
  [
    'a tool that gave back parts',
    {
      type: 'tool-result',
      toolCallId: 'c1',
      toolName: 'w',
      output: {
        type: 'content',
        value: [
          { type: 'text', text: 'see' },
          { type: 'media', data: BASE64, mediaType: 'image/png' },
          { type: 'file-url', url: 'https://files.test/b' },
          { type: 'image-file-id', fileId: { openai: 'file-2' } },
          { type: 'custom' },
        ],
      },
    },
    {
      type: 'tool_call_response',
      id: 'c1',
      response: [
        { type: 'text', content: 'see' },
        { type: 'blob', modality: 'image', mime_type: 'image/png', size: 5 },
        { type: 'uri', modality: 'document', uri: 'https://files.test/b' },
        { type: 'file', modality: 'document', file_id: 'file-2' },
        { type: 'custom', size: 17 },
      ],
    },
  ],
  ['a part of a type that is not known', { type: 'hologram', data: 'x' }, { type: 'hologram', size: 30 }],
];

test.each(PARTS)('%s', (_, part, becomes) => {
  const { messages } = requestFacts({ prompt: [{ role: 'user', content: [part] }] }, 'stream', 'm');
  expect(messages).toEqual([{ role: 'user', parts: [becomes] }]);
});

test("the content of a file is never recorded, anywhere in a tool's data", () => {
  const image = Buffer.from(Array.from({ length: 3_000 }, (_, index) => (index * 31) % 256));
  const inside = {
    image: image.toString('base64'),
    url: `data:image/png;base64,${image.toString('base64')}`,
  };
  const output = { type: 'json', value: { ...inside, raw: new Uint8Array(image) } };
  const content = [{ type: 'tool-result', toolCallId: 'c1', toolName: 'draw', output }];
  const { messages } = requestFacts({ prompt: [{ role: 'tool', content }] }, 'generate', 'm');
  expect(messages[0]?.parts[0]).toEqual({
    type: 'tool_call_response',
    id: 'c1',
    response: {
      image: '[base64, 3000 bytes]',
      url: '[image/png, 3000 bytes]',
      raw: '[binary, 3000 bytes]',
    },
  });
});

test('later changes of the options do not change the facts', () => {
  const input = { city: 'Ghent' };
  const inputSchema = { type: 'object' };
  const options = {
    prompt: [{ role: 'assistant', content: [{ type: 'tool-call', toolCallId: 'c', toolName: 't', input }] }],
    tools: [{ type: 'function', name: 't', inputSchema }],
    temperature: 1,
  };
  const facts = requestFacts(options, 'generate', 'm');
  const before = JSON.stringify(facts);
  input.city = 'Bruges';
  inputSchema.type = 'array';
  options.prompt.push(...options.prompt);
  options.temperature = 0;
  expect(JSON.stringify(facts)).toBe(before);
});
