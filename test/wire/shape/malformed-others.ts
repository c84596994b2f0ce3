import { CONTENT, chat, type Fault, ID, user, WORDS } from './malformed-request.js';

const block = (content: unknown, role = 'user') => ({ role, content });
const use = (id: string, input: unknown = { city: CONTENT }) => ({
  type: 'tool_use',
  id,
  name: 'get_weather',
  input,
});
const outcome = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: WORDS });
const claude = (messages: unknown, more: object = {}) => ({
  model: 'claude-test',
  max_tokens: 10,
  messages,
  ...more,
});

export const ANTHROPIC: readonly Fault[] = [
  [
    'tool_use without its result',
    claude([user, block([use(ID)], 'assistant'), user]),
    { flaws: { 'no result': [1] } },
  ],
  ['tool_result without its call', claude([block([outcome(ID)])]), { flaws: { 'no call has its id': [0] } }],
  [
    'duplicate tool_use id',
    claude([user, block([use(ID), use(ID)], 'assistant'), block([outcome(ID)])]),
    { flaws: { 'id again': [1] } },
  ],
  [
    'input that is a text',
    claude([user, block([use(ID, CONTENT)], 'assistant'), block([outcome(ID)])]),
    { flaws: { 'arguments: text 7': [1] } },
  ],
  ['empty text block', claude([block([{ type: 'text', text: '' }])]), { flaws: { empty: [0] } }],
  ['blank text block', claude([block([{ type: 'text', text: ' \n' }])]), { flaws: { blank: [0] } }],
  [
    'a system message among the others',
    claude([{ role: 'system', content: WORDS }, user]),
    {
      messages: [
        ['system', 'text 13'],
        ['user', 'text 13'],
      ],
    },
  ],
  [
    'begins with the assistant',
    claude([block(WORDS, 'assistant'), user]),
    {
      messages: [
        ['assistant', 'text 13'],
        ['user', 'text 13'],
      ],
    },
  ],
  [
    'answer begun in white space',
    claude([user, block(`${WORDS} `, 'assistant')]),
    {
      messages: [
        ['user', 'text 13'],
        ['assistant', 'text 14: ends in white space'],
      ],
    },
  ],
  [
    'too many cache controls',
    claude([
      block([1, 2, 3, 4, 5].map(() => ({ type: 'text', text: WORDS, cache_control: { type: 'ephemeral' } }))),
    ]),
    { messages: [['user', ...Array.from({ length: 5 }, () => 'text 13: cache_control')]] },
  ],
  [
    'thoughts without a signature',
    claude([user, block([{ type: 'thinking', thinking: WORDS }], 'assistant'), user]),
    { flaws: { 'no signature': [1] } },
  ],
  [
    'budget for thoughts above max_tokens',
    claude([user], { thinking: { type: 'enabled', budget_tokens: 2_000 } }),
    { parameters: { max_tokens: 10, thinking: { type: 'enabled', budget_tokens: 2_000 } } },
  ],
  ['max_tokens missing', { model: 'claude-test', messages: [user] }, { parameters: {} }],
  [
    'image in a system prompt',
    claude([user], {
      system: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: CONTENT } }],
    }),
    { system: ['image image/png 7'] },
  ],
];

const turn = (role: string, ...parts: unknown[]) => ({ role, parts });
const text = { text: WORDS };
const gemini = (contents: unknown, more: object = {}) => ({ contents, ...more });

export const GEMINI: readonly Fault[] = [
  ['no parts', gemini([{ role: 'user' }]), { flaws: { missing: [0] } }],
  ['an empty part', gemini([turn('user', {})]), { flaws: { empty: [0] } }],
  [
    'role of another provider',
    gemini([turn('user', text), turn('assistant', text), turn('user', text)]),
    {
      messages: [
        ['user', 'text 13'],
        ['assistant', 'text 13'],
        ['user', 'text 13'],
      ],
    },
  ],
  [
    'function response without its call',
    gemini([turn('user', { functionResponse: { name: 'get_weather', response: { it: CONTENT } } })]),
    { flaws: { 'no call has its id': [0] } },
  ],
  [
    'function response that is a text',
    gemini([
      turn('model', { functionCall: { name: 'f', args: {} } }),
      turn('user', { functionResponse: { name: 'f', response: CONTENT } }),
    ]),
    { flaws: { 'response: text 7': [1] } },
  ],
  [
    'data without their type',
    gemini([turn('user', { inlineData: { data: CONTENT } })]),
    { flaws: { 'no type of media': [0] } },
  ],
  [
    'temperature out of range',
    gemini([turn('user', text)], { generationConfig: { temperature: 9 } }),
    { parameters: { generationConfig: { temperature: 9 } } },
  ],
];

const converse = (messages: unknown, more: object = {}) => ({ messages, ...more });
const blocks = (role: string, ...content: unknown[]) => ({ role, content });
const toolUse = (id: unknown, input: unknown = { city: CONTENT }) => ({
  toolUse: { toolUseId: id, name: 'get_weather', input },
});
const toolResult = (id: unknown) => ({ toolResult: { toolUseId: id, content: [{ text: WORDS }] } });

export const CONVERSE: readonly Fault[] = [
  [
    'toolUse without its result',
    converse([blocks('user', text), blocks('assistant', toolUse(ID)), blocks('user', text)]),
    { flaws: { 'no result': [1] } },
  ],
  [
    'toolResult without its call',
    converse([blocks('user', toolResult(ID))]),
    { flaws: { 'no call has its id': [0] } },
  ],
  [
    'input that is a text',
    converse([blocks('assistant', toolUse(ID, CONTENT)), blocks('user', toolResult(ID))]),
    { flaws: { 'arguments: text 7': [0] } },
  ],
  ['an empty block', converse([blocks('user', { text: '' })]), { flaws: { empty: [0] } }],
  ['content that is a text', converse([blocks('user', {})]), { flaws: { empty: [0] } }],
  [
    'thoughts without a signature',
    converse([blocks('assistant', { reasoningContent: { reasoningText: text } })]),
    { flaws: { 'no signature': [0] } },
  ],
  [
    'invalid name of a tool',
    converse([blocks('user', text)], {
      inferenceConfig: { maxTokens: 5, temperature: 7 },
      toolConfig: {
        tools: [{ toolSpec: { name: `my ${CONTENT}`, inputSchema: { json: { type: 'object' } } } }],
      },
    }),
    {
      tools: ['name: text 10: invalid name'],
      parameters: { inferenceConfig: { maxTokens: 5, temperature: 7 } },
    },
  ],
];

export const OLLAMA: readonly Fault[] = [
  [
    'arguments as a text',
    chat([
      user,
      { role: 'assistant', content: '', tool_calls: [{ function: { name: 'f', arguments: CONTENT } }] },
      { role: 'tool', tool_name: 'f', content: WORDS },
    ]),
    { flaws: { 'arguments: text 7': [1] } },
  ],
  [
    'a result of no call',
    chat([user, { role: 'tool', tool_name: 'f', content: WORDS }]),
    { flaws: { 'no call has its id': [1] } },
  ],
  ['images that are no list', chat([{ ...user, images: CONTENT }]), { flaws: { 'text 7': [0] } }],
];

export const GATEWAY: readonly Fault[] = [
  [
    'a result without its call',
    {
      prompt: [
        {
          role: 'tool',
          content: [{ type: 'tool-result', toolCallId: ID, output: { type: 'text', value: WORDS } }],
        },
      ],
    },
    { flaws: { 'no call has its id': [0] } },
  ],
];

export const CONVERSATIONS: readonly Fault[] = [
  [
    'a result without its call',
    { model: 'm', inputs: [{ type: 'function.result', tool_call_id: ID, result: WORDS }] },
    { flaws: { 'no call has its id': [0] } },
  ],
];

export const INTERACTIONS: readonly Fault[] = [
  [
    'a result without its call',
    { model: 'm', input: [{ type: 'function_result', call_id: ID, result: WORDS }] },
    { flaws: { 'no call has its id': [0] } },
  ],
  ['no input', { model: 'm', input: null }, { message_count: 'null' }],
];

export const PREDICTIONS: readonly Fault[] = [
  ['an empty prompt', { version: 'v', input: { prompt: '', name: WORDS } }, { flaws: { empty: [0] } }],
];
