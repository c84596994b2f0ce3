import { CONTENT, call, chat, type Fault, ID, PNG, result, tool, user, WORDS } from './malformed-request.js';

export const CHAT: readonly Fault[] = [
  ['orphaned tool result', chat([user, result(ID)]), { flaws: { 'no call has its id': [1] } }],
  ['missing tool result', chat([user, call(ID), user]), { flaws: { 'no result': [1] } }],
  ['tool result before its call', chat([user, result(ID), call(ID)]), { flaws: { 'before its call': [1] } }],
  [
    'a message between call and result',
    chat([user, call(ID), user, result(ID)]),
    { flaws: { 'other messages between': [3] } },
  ],
  [
    'a result given twice',
    chat([user, call(ID), result(ID), result(ID)]),
    { flaws: { 'result again': [3] } },
  ],
  [
    'duplicate tool call id',
    chat([user, call(ID), result(ID), call(ID), result(ID)]),
    { flaws: { 'id again': [3] } },
  ],
  [
    'tool result without an id',
    chat([user, call(ID), { role: 'tool', content: WORDS }]),
    { flaws: { 'no id': [2] } },
  ],
  [
    'empty list of tool calls',
    chat([user, { role: 'assistant', content: WORDS, tool_calls: [] }]),
    {
      messages: [
        ['user', 'text 13'],
        ['assistant', 'text 13', 'tool_calls: empty list'],
      ],
    },
  ],
  [
    'arguments as an object',
    chat([user, call(ID, { city: CONTENT }), result(ID)]),
    { flaws: { 'arguments: object 1': [1] } },
  ],
  [
    'arguments that are no JSON',
    chat([user, call(ID, `{"city":"${CONTENT}`), result(ID)]),
    { flaws: { 'arguments: no JSON object': [1] } },
  ],
  [
    'invalid name of a called tool',
    chat([user, call(ID, '{}', `get ${CONTENT}!`), result(ID)]),
    { flaws: { 'invalid name': [1] } },
  ],
  ['null content', chat([{ role: 'user', content: null }]), { flaws: { null: [0] } }],
  ['content missing', chat([{ role: 'assistant' }, user]), { flaws: { missing: [0] } }],
  ['empty list of parts', chat([{ role: 'user', content: [] }]), { flaws: { 'empty list': [0] } }],
  [
    'content that is an object',
    chat([{ role: 'user', content: { text: WORDS } }]),
    { flaws: { 'object 1': [0] } },
  ],
  [
    'unknown role',
    chat([{ role: `${CONTENT} x`, content: WORDS }]),
    { messages: [['role: text 9', 'text 13']] },
  ],
  ['no messages', chat([]), { message_count: 0, messages: [] }],
  ['messages that are a text', chat(WORDS), { message_count: 'text 13' }],
  [
    'image in a system message',
    chat([{ role: 'system', content: [{ type: 'image_url', image_url: { url: PNG } }] }, user]),
    {
      messages: [
        ['system', 'image_url image/png 33'],
        ['user', 'text 13'],
      ],
    },
  ],
  [
    'unknown type of a part',
    chat([{ role: 'user', content: [{ type: 'input_text', text: WORDS }] }]),
    { messages: [['user', 'input_text 13']] },
  ],
  ['oversized temperature', chat([user], { temperature: 7 }), { parameters: { temperature: 7 } }],
  [
    'temperature as a text',
    chat([user], { temperature: CONTENT }),
    { parameters: { temperature: 'text 7' } },
  ],
  ['oversized max_tokens', chat([user], { max_tokens: 900_000 }), { parameters: { max_tokens: 900_000 } }],
  [
    'max_tokens for a model with another name for it',
    chat([user], { max_tokens: 5, reasoning_effort: 'high' }),
    { parameters: { max_tokens: 5, reasoning_effort: 'high' } },
  ],
  ['unknown parameter', chat([user], { max_token: 5 }), { parameters: { max_token: 'number' } }],
  [
    'a tool named twice',
    chat([user], { tools: [tool('a_tool'), tool('a_tool')] }),
    { tools: ['a_tool', 'a_tool: name again'] },
  ],
  [
    'invalid name of a tool',
    chat([user], { tools: [tool(`my ${CONTENT}`)] }),
    { tools: ['name: text 10: invalid name'] },
  ],
  [
    'schema of a tool that is not that of an object',
    chat([user], { tools: [tool('a_tool', { type: 'string' })] }),
    { tools: ['a_tool: schema of type: string'] },
  ],
  [
    'tool_choice without tools',
    chat([user], { tool_choice: 'required' }),
    { parameters: { tool_choice: 'required' } },
  ],
  [
    'strict schema that allows more than it names',
    chat([user], {
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'answer',
          strict: true,
          schema: {
            type: 'object',
            properties: { [CONTENT]: { type: 'array', items: { type: 'object' } } },
            required: [],
            additionalProperties: false,
          },
        },
      },
    }),
    {
      structured: true,
      parameters: {
        response_format: {
          type: 'json_schema',
          json_schema: {
            name: 'answer',
            strict: true,
            schema: 'object 4, not all required, additionalProperties is not false',
          },
        },
      },
    },
  ],
  [
    'structured output without a schema',
    chat([user], { response_format: { type: 'json_schema' } }),
    { structured: true, parameters: { response_format: { type: 'json_schema' } } },
  ],
];

const item = (id: string) => ({ type: 'function_call', call_id: id, name: 'get_weather', arguments: '{}' });
const output = (id: string) => ({ type: 'function_call_output', call_id: id, output: WORDS });
const respond = (input: unknown, more: object = {}) => ({ model: 'gpt-5', input, ...more });

export const RESPONSES: readonly Fault[] = [
  ['output without its call', respond([user, output(ID)]), { flaws: { 'no call has its id': [1] } }],
  ['call without its output', respond([user, item(ID)]), { flaws: { 'no result': [1] } }],
  [
    'reasoning without its item',
    respond([user, { type: 'reasoning', id: `rs_${CONTENT}`, summary: [] }, user]),
    {
      messages: [
        ['user', 'text 13'],
        ['reasoning', 'item 10'],
        ['user', 'text 13'],
      ],
    },
  ],
  ['an item without a type', respond([{ text: WORDS }]), { messages: [['type: missing', 'item 13: no id']] }],
];

export const COMPLETIONS: readonly Fault[] = [
  [
    'an empty prompt',
    { model: 'm', prompt: '', max_tokens: 5 },
    { flaws: { empty: [0] }, parameters: { max_tokens: 5 } },
  ],
];
