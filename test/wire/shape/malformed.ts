import type { WireFormatName } from '../../../src/wire/format.js';

/** A request that its provider answers with 400, and what of its shape names the fault. */
export interface Malformed {
  readonly fault: string;
  readonly format: WireFormatName;
  readonly body: Readonly<Record<string, unknown>>;
  readonly tells: object;
}

/** In each text that a person or a model wrote, and in each id and each file. */
export const CONTENT = 'PRIVATE';
const WORDS = `${CONTENT} words`;
const PNG = `data:image/png;base64,${CONTENT}AAAA`;

const user = { role: 'user', content: WORDS };
const call = (id: unknown, given: unknown = `{"city":"${CONTENT}"}`, name: unknown = 'get_weather') => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id, type: 'function', function: { name, arguments: given } }],
});
const result = (id: unknown) => ({ role: 'tool', tool_call_id: id, content: WORDS });
const tool = (name: unknown, parameters: unknown = { type: 'object', properties: {} }) => ({
  type: 'function',
  function: { name, description: WORDS, parameters },
});
const chat = (messages: unknown, more: object = {}) => ({ model: 'gpt-4o-mini', messages, ...more });
const ID = `call_${CONTENT}1`;

const CHAT: readonly (readonly [fault: string, body: Record<string, unknown>, tells: object])[] = [
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
    'max_tokens for a model that wants another',
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
    'schema of a tool that is none of an object',
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

const ANTHROPIC: typeof CHAT = [
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

const item = (id: string) => ({ type: 'function_call', call_id: id, name: 'get_weather', arguments: '{}' });
const output = (id: string) => ({ type: 'function_call_output', call_id: id, output: WORDS });
const respond = (input: unknown, more: object = {}) => ({ model: 'gpt-5', input, ...more });

const RESPONSES: typeof CHAT = [
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

const turn = (role: string, ...parts: unknown[]) => ({ role, parts });
const text = { text: WORDS };
const gemini = (contents: unknown, more: object = {}) => ({ contents, ...more });

const GEMINI: typeof CHAT = [
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

const CONVERSE: typeof CHAT = [
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

const OLLAMA: typeof CHAT = [
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

const COMPLETIONS: typeof CHAT = [
  [
    'an empty prompt',
    { model: 'm', prompt: '', max_tokens: 5 },
    { flaws: { empty: [0] }, parameters: { max_tokens: 5 } },
  ],
];

const GATEWAY: typeof CHAT = [
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

const CONVERSATIONS: typeof CHAT = [
  [
    'a result without its call',
    { model: 'm', inputs: [{ type: 'function.result', tool_call_id: ID, result: WORDS }] },
    { flaws: { 'no call has its id': [0] } },
  ],
];

const invoked = ({ model: _, ...body }: Record<string, unknown>) => ({
  ...body,
  anthropic_version: 'bedrock-2023-05-31',
});

const cases = (format: WireFormatName, list: typeof CHAT): Malformed[] =>
  list.map(([fault, body, tells]) => ({ fault, format, body, tells }));

export const MALFORMED: readonly Malformed[] = [
  ...cases('openai-chat', CHAT),
  ...cases('anthropic-messages', ANTHROPIC),
  ...cases('openai-responses', RESPONSES),
  ...cases('gemini-generate-content', GEMINI),
  ...cases('bedrock-converse', CONVERSE),
  ...cases(
    'bedrock-invoke',
    ANTHROPIC.map(([fault, body, tells]) => [fault, invoked(body), tells]),
  ),
  ...cases('cohere-chat', CHAT.slice(0, 3)),
  ...cases('ollama', OLLAMA),
  ...cases('openai-completions', COMPLETIONS),
  ...cases('ai-gateway', GATEWAY),
  ...cases('mistral-conversations', CONVERSATIONS),
];
