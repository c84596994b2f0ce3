import { synthesisedBody } from '../../src/case/synthesise-request.js';
import { requestShape } from '../../src/wire/shape/request-shape.js';
import fc from '../support/property.js';

const CALL = {
  id: 'call_a',
  type: 'function',
  function: { name: 'get_weather', arguments: '{"city":"Ulm"}' },
};
const CUT = { id: 'call_b', type: 'function', function: { name: 'get_weather', arguments: '{"city":' } };
const IMAGE = `data:image/png;base64,${'A'.repeat(40)}`;

const CHAT = {
  temperature: 0.2,
  messages: [
    { role: 'system', content: 'Be kind.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is this?' },
        { type: 'image_url', image_url: { url: IMAGE } },
      ],
    },
    { role: 'assistant', content: null, tool_calls: [CALL] },
    { role: 'tool', tool_call_id: 'call_a', content: 'rain' },
    { role: 'tool', tool_call_id: 'other', content: 'rain' },
    { role: 'assistant', content: '', tool_calls: [CUT] },
    { role: 'user', content: '  ' },
  ],
  tools: [
    { type: 'function', function: { name: 'get_weather', parameters: { type: 'object', properties: {} } } },
  ],
};

const MESSAGES = {
  max_tokens: 100,
  system: [{ type: 'text', text: 'Be kind.', cache_control: { type: 'ephemeral' } }],
  messages: [
    {
      role: 'user',
      content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } }],
    },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Hm.' },
        { type: 'tool_use', id: 'a', name: 'find', input: {} },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'b', content: 'no' },
        { type: 'text', text: '' },
      ],
    },
  ],
  tools: [{ name: 'find', input_schema: { type: 'object', properties: {} } }],
};

const GEMINI = {
  generationConfig: { temperature: 0.4, topK: 64 },
  systemInstruction: { parts: [{ text: 'Be kind.' }] },
  contents: [
    { role: 'user', parts: [{ text: 'Hello' }, { inlineData: { mimeType: 'image/png', data: 'AAAA' } }] },
    { role: 'model', parts: [{ functionCall: { name: 'find', args: { a: 'hunters' } } }] },
    { role: 'user', parts: [{ functionResponse: { name: 'find', response: { text: 'owls' } } }] },
  ],
};

const RESPONSES = {
  max_output_tokens: 900,
  instructions: 'Be kind.',
  input: [
    { role: 'user', content: 'Hello' },
    {
      role: 'user',
      content: [
        { type: 'input_text', text: 'What is this?' },
        { type: 'input_image', image_url: IMAGE },
      ],
    },
    { type: 'function_call', call_id: 'a', name: 'find', arguments: '{"a":"bc"}' },
    { type: 'function_call_output', call_id: 'a', output: 'owls' },
    { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }] },
  ],
};

test.each([
  ['openai-chat', CHAT],
  ['anthropic-messages', MESSAGES],
  ['gemini-generate-content', GEMINI],
  ['openai-responses', RESPONSES],
])('a request synthesised from the shape of %s has that shape, including its flaws', (format, body) => {
  const shape = requestShape(format, body);
  const made = synthesisedBody(shape, undefined, false);
  expect(JSON.parse(requestShape(format, made))).toEqual(JSON.parse(shape));
});

test('without a shape a question is synthesised', () => {
  const question = {
    model: 'm',
    messages: [{ role: 'user', content: 'filler text in place' }],
    stream: true,
  };
  expect(synthesisedBody(undefined, 'm', true)).toEqual(question);
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (shape) => {
      expect(synthesisedBody(shape, 'm', false)).toMatchObject({ model: 'm' });
    }),
  );
});
