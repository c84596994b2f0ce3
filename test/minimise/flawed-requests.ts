import { type Body, chatRefusal, messagesRefusal } from './strict-provider.js';

/** A request with one flaw, and the provider's error for it. */
export interface FlawedRequest {
  readonly flaw: string;
  readonly provider: 'openai' | 'anthropic';
  readonly body: Body;
  /** The number of messages of the smallest request that is refused in the same way. */
  readonly messages: number;
  /** Members of that request, besides model and messages. */
  readonly members?: readonly string[];
}

type Message = Record<string, unknown>;

const TURNS = 20;
const tool = (index: number) => ({
  type: 'function',
  function: {
    name: `tool_${index}`,
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  },
});
const schemaTool = (index: number) => ({
  name: `tool_${index}`,
  input_schema: { type: 'object', properties: { city: { type: 'string' } } },
});
const ten = <T>(make: (index: number) => T): T[] => Array.from({ length: 10 }, (_, index) => make(index));

/** A valid request with 80 messages, ten tools and ten options. */
function chat(): Body & { messages: Message[]; tools: Message[] } {
  const turns = Array.from({ length: TURNS }, (_, turn): Message[] => [
    { role: 'user', content: [{ type: 'text', text: `question ${turn}` }] },
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        {
          id: `call_${turn}`,
          type: 'function',
          function: { name: `tool_${turn % 10}`, arguments: '{"city":"Ulm"}' },
        },
      ],
    },
    { role: 'tool', tool_call_id: `call_${turn}`, content: 'sunny' },
    { role: 'assistant', content: `answer ${turn}` },
  ]);
  return {
    model: 'gpt-4o-mini',
    messages: turns.flat(),
    tools: ten(tool),
    tool_choice: 'auto',
    temperature: 1,
    top_p: 1,
    max_tokens: 500,
    seed: 1,
    user: 'someone',
    n: 1,
    presence_penalty: 0,
    frequency_penalty: 0,
    response_format: { type: 'json_schema', json_schema: { name: 'weather', schema: { type: 'object' } } },
  };
}

function messages(): Body & { messages: Message[]; tools: Message[] } {
  const turns = Array.from({ length: TURNS }, (_, turn): Message[] => [
    { role: 'user', content: [{ type: 'text', text: `question ${turn}` }] },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'I look.' },
        { type: 'tool_use', id: `toolu_${turn}`, name: `tool_${turn % 10}`, input: {} },
      ],
    },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: `toolu_${turn}`, content: 'sunny' }] },
    { role: 'assistant', content: [{ type: 'text', text: `answer ${turn}` }] },
  ]);
  return {
    model: 'claude-sonnet-4-5',
    messages: turns.flat(),
    tools: ten(schemaTool),
    max_tokens: 500,
    system: [{ type: 'text', text: 'Be kind.' }],
    temperature: 1,
    top_k: 5,
    stop_sequences: ['END'],
    metadata: { user_id: 'someone' },
    tool_choice: { type: 'auto' },
    service_tier: 'auto',
  };
}

/** Adds a flaw to a valid request. */
type Plant = (body: Body & { messages: Message[]; tools: Message[] }) => void;

const at = (list: readonly Message[], index: number): Message => {
  const message = list[index];
  if (message === undefined) throw new Error(`no message ${index}`);
  return message;
};

const CHAT_FLAWS: readonly (readonly [
  flaw: string,
  messages: number,
  members: readonly string[],
  plant: Plant,
])[] = [
  [
    'a tool result without its call',
    1,
    [],
    ({ messages }) => messages.splice(41, 0, { role: 'tool', tool_call_id: 'call_x', content: 'x' }),
  ],
  ['a tool call without its result', 1, [], ({ messages }) => messages.splice(46, 1)],
  [
    'an empty text part',
    1,
    [],
    ({ messages }) =>
      Object.assign(at(messages, 36), {
        content: [
          { type: 'text', text: 'x' },
          { type: 'text', text: '' },
        ],
      }),
  ],
  ['a role that does not exist', 1, [], ({ messages }) => Object.assign(at(messages, 55), { role: 'robot' })],
  ['content that is null', 1, [], ({ messages }) => Object.assign(at(messages, 60), { content: null })],
  [
    'arguments that are not JSON',
    1,
    [],
    ({ messages }) =>
      Object.assign(at(messages, 21), {
        tool_calls: [{ id: 'call_5', type: 'function', function: { name: 'tool_5', arguments: '{"city":' } }],
      }),
  ],
  [
    'the same call id twice',
    2,
    [],
    ({ messages }) => {
      Object.assign(at(messages, 61), {
        tool_calls: [{ id: 'call_3', type: 'function', function: { name: 'tool_5', arguments: '{}' } }],
      });
      Object.assign(at(messages, 62), { tool_call_id: 'call_3' });
    },
  ],
  [
    'an image with an invalid URL',
    1,
    [],
    ({ messages }) =>
      Object.assign(at(messages, 8), {
        content: [
          { type: 'text', text: 'Look' },
          { type: 'image_url', image_url: { url: 'nowhere' } },
        ],
      }),
  ],
  ['a name with a space', 1, [], ({ messages }) => Object.assign(at(messages, 76), { name: 'Ada L' })],
  [
    'the name of a tool with a space',
    1,
    ['tools'],
    ({ tools }) => Object.assign(at(tools, 6), { type: 'function', function: { name: 'get weather' } }),
  ],
  [
    'a tool with an invalid schema',
    1,
    ['tools'],
    ({ tools }) =>
      Object.assign(at(tools, 3), {
        type: 'function',
        function: { name: 'tool_3', parameters: { type: 'text' } },
      }),
  ],
  ['a temperature out of range', 1, ['temperature'], (body) => Object.assign(body, { temperature: 5 })],
  ['an oversized max_tokens', 1, ['max_tokens'], (body) => Object.assign(body, { max_tokens: 10_000_000 })],
  ['a parameter that does not exist', 0, ['topp'], (body) => Object.assign(body, { topp: 1 })],
  [
    'a response format without a name',
    1,
    ['response_format'],
    (body) =>
      Object.assign(body, {
        response_format: { type: 'json_schema', json_schema: { schema: {} }, strict: true },
      }),
  ],
  [
    'a tool choice of an unknown tool',
    1,
    ['tool_choice'],
    (body) => Object.assign(body, { tool_choice: { type: 'function', function: { name: 'tool_99' } } }),
  ],
];

const MESSAGES_FLAWS: readonly (readonly [
  flaw: string,
  messages: number,
  members: readonly string[],
  plant: Plant,
])[] = [
  [
    'two consecutive answers',
    3,
    ['max_tokens'],
    ({ messages }) =>
      messages.splice(44, 0, { role: 'assistant', content: [{ type: 'text', text: 'And so on.' }] }),
  ],
  [
    'a result under another id',
    2,
    ['max_tokens'],
    ({ messages }) =>
      Object.assign(at(messages, 34), {
        content: [{ type: 'tool_result', tool_use_id: 'toolu_x', content: 'x' }],
      }),
  ],
  [
    'a thought without its signature',
    2,
    ['max_tokens'],
    ({ messages }) =>
      Object.assign(at(messages, 27), {
        content: [
          { type: 'thinking', thinking: 'Hm.' },
          { type: 'text', text: 'Yes.' },
        ],
      }),
  ],
  [
    'an empty text',
    1,
    ['max_tokens'],
    ({ messages }) => Object.assign(at(messages, 52), { content: [{ type: 'text', text: '' }] }),
  ],
  [
    'a last answer that ends with white space',
    2,
    ['max_tokens'],
    ({ messages }) => Object.assign(at(messages, 79), { content: [{ type: 'text', text: 'So ' }] }),
  ],
  [
    'an oversized max_tokens (Anthropic)',
    0,
    ['max_tokens'],
    (body) => Object.assign(body, { max_tokens: 10_000_000 }),
  ],
  [
    'a tool whose schema has no type',
    1,
    ['max_tokens', 'tools'],
    ({ tools }) => Object.assign(at(tools, 8), { name: 'tool_8', input_schema: {} }),
  ],
  [
    'an empty system text',
    1,
    ['max_tokens', 'system'],
    (body) => Object.assign(body, { system: [{ type: 'text', text: '' }] }),
  ],
];

/** A provider refuses each of them for one reason. */
export const FLAWED: readonly FlawedRequest[] = [
  ...CHAT_FLAWS.map(([flaw, count, members, plant]): FlawedRequest => {
    const body = chat();
    plant(body);
    return { flaw, provider: 'openai', body, messages: count, members };
  }),
  ...MESSAGES_FLAWS.map(([flaw, count, members, plant]): FlawedRequest => {
    const body = messages();
    plant(body);
    return { flaw, provider: 'anthropic', body, messages: count, members };
  }),
];

export const REFUSALS = { openai: chatRefusal, anthropic: messagesRefusal } as const;
