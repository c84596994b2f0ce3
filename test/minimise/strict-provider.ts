export type Body = Record<string, unknown>;

type Value = Record<string, unknown>;

/** A rule returns the message of its error. The provider reports the first violated rule. */
type Rule = (body: Body) => string | undefined;

const list = (value: unknown): Value[] => (Array.isArray(value) ? value : []);
const parts = (message: Value): Value[] => list(message['content']);
const firstOf = <T>(
  values: readonly T[],
  rule: (value: T, index: number) => string | undefined,
): string | undefined => {
  for (const [index, value] of values.entries()) {
    const said = rule(value, index);
    if (said !== undefined) return said;
  }
  return undefined;
};
const range =
  (name: string, low: number, high: number): Rule =>
  (body) => {
    const value = body[name];
    return typeof value === 'number' && (value < low || value > high)
      ? `Invalid '${name}': ${value} is not between ${low} and ${high}.`
      : undefined;
  };
const members =
  (known: readonly string[]): Rule =>
  (body) => {
    const unknown = Object.keys(body).find((name) => !known.includes(name));
    return unknown === undefined ? undefined : `Unrecognized request argument supplied: ${unknown}`;
  };

const CHAT_RULES: readonly Rule[] = [
  members([
    'model',
    'messages',
    'tools',
    'tool_choice',
    'temperature',
    'top_p',
    'max_tokens',
    'seed',
    'user',
    'n',
    'presence_penalty',
    'frequency_penalty',
    'response_format',
  ]),
  (body) => (body['model'] === undefined ? 'you must provide a model parameter' : undefined),
  (body) =>
    list(body['messages']).length === 0
      ? "Invalid 'messages': empty array. Expected at least one message."
      : undefined,
  range('temperature', 0, 2),
  range('max_tokens', 1, 16_384),
  ({ response_format: format }) => {
    const schema = (format as Value | undefined)?.['json_schema'] as Value | undefined;
    return schema !== undefined && schema['name'] === undefined
      ? "Missing required parameter: 'response_format.json_schema.name'."
      : undefined;
  },
  ({ tools }) =>
    firstOf(list(tools), (tool) => {
      const told = tool['function'] as Value;
      if (!/^[\w-]{1,64}$/.test(String(told['name'])))
        return 'Invalid tools: the name of a function does not match the pattern.';
      const schema = told['parameters'] as Value | undefined;
      return schema !== undefined && schema['type'] !== 'object'
        ? 'Invalid schema for a function: schema must be of type object.'
        : undefined;
    }),
  ({ tool_choice: choice, tools }) => {
    const wanted = (choice as { function?: Value } | undefined)?.function?.['name'];
    if (wanted === undefined) return undefined;
    return list(tools).some((tool) => (tool['function'] as Value)['name'] === wanted)
      ? undefined
      : 'Tool choice was not found in tools.';
  },
  ({ messages }) => firstOf(list(messages), chatMessageFault),
  ({ messages }) => {
    const ids = list(messages).flatMap((message) => list(message['tool_calls']).map((call) => call['id']));
    return new Set(ids).size < ids.length ? 'Duplicate tool call ids were found.' : undefined;
  },
];

function chatMessageFault(message: Value, index: number): string | undefined {
  const { role, content } = message;
  if (!['system', 'user', 'assistant', 'tool'].includes(String(role)))
    return 'Invalid value: role is not supported.';
  if (message['name'] !== undefined && /\s/.test(String(message['name'])))
    return 'Invalid name: it does not match the pattern.';
  if (content === null && message['tool_calls'] === undefined)
    return 'Invalid content: expected a string, got null.';
  return (
    firstOf(parts(message), (part) => {
      if (part['type'] === 'text' && part['text'] === '') return 'Text content parts must be non-empty.';
      const url = (part['image_url'] as Value | undefined)?.['url'];
      return url !== undefined && !/^https?:/.test(String(url))
        ? 'Invalid image address: it must be a valid URL.'
        : undefined;
    }) ??
    firstOf(list(message['tool_calls']), (call) => {
      try {
        JSON.parse(String((call['function'] as Value)['arguments']));
        return undefined;
      } catch {
        return 'Invalid arguments of a tool call: they are not valid JSON.';
      }
    }) ??
    (index < 0 ? '' : undefined)
  );
}

/** Calls must be followed by their results. */
const pairing: Rule = ({ messages }) => {
  let open = new Set<unknown>();
  for (const message of list(messages)) {
    if (message['role'] === 'tool') {
      if (!open.delete(message['tool_call_id']))
        return "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.";
      continue;
    }
    if (open.size > 0)
      return "An assistant message with 'tool_calls' must be followed by tool messages responding to each id.";
    open = new Set(list(message['tool_calls']).map((call) => call['id']));
  }
  return open.size > 0
    ? "An assistant message with 'tool_calls' must be followed by tool messages responding to each id."
    : undefined;
};

const MESSAGES_RULES: readonly Rule[] = [
  (body) => (body['max_tokens'] === undefined ? 'max_tokens: Field required' : undefined),
  ({ max_tokens: most }) =>
    Number(most) > 64_000
      ? `max_tokens: ${most} > 64000, which is the maximum allowed for this model`
      : undefined,
  (body) => (list(body['messages']).length === 0 ? 'messages: at least one message is required' : undefined),
  ({ system }) =>
    list(system).some((part) => part['text'] === '')
      ? 'system: text content blocks must be non-empty'
      : undefined,
  ({ tools }) =>
    list(tools).some((tool) => (tool['input_schema'] as Value)['type'] === undefined)
      ? 'tools: input_schema.type: Field required'
      : undefined,
  ({ tool_choice: choice, tools }) =>
    choice !== undefined && list(tools).length === 0
      ? 'tool_choice: may only be specified while providing tools'
      : undefined,
  ({ messages }) =>
    list(messages)[0]?.['role'] === 'user' ? undefined : 'messages: first message must use the user role',
  ({ messages }) =>
    firstOf(list(messages), (message, index) =>
      message['role'] === list(messages)[index - 1]?.['role']
        ? 'messages: roles must alternate between user and assistant'
        : undefined,
    ),
  ({ messages }) =>
    firstOf(list(messages), (message, index) => {
      const called = new Set(list(list(messages)[index - 1]?.['content']).map((part) => part['id']));
      const isLast = index === list(messages).length - 1;
      const results = new Set(
        list(list(messages)[index + 1]?.['content']).map((part) => part['tool_use_id']),
      );
      if (parts(message).length === 0) return 'messages: content must be non-empty';
      return firstOf(parts(message), (part) => {
        if (part['type'] === 'text' && part['text'] === '')
          return 'messages: text content blocks must be non-empty';
        if (part['type'] === 'thinking' && part['signature'] === undefined)
          return 'messages: thinking.signature: Field required';
        if (part['type'] === 'tool_result' && !called.has(part['tool_use_id']))
          return 'messages: unexpected tool_use_id found in tool_result blocks';
        if (part['type'] === 'tool_use' && !results.has(part['id']))
          return 'messages: tool_use ids were found without tool_result blocks';
        const isPrefill = isLast && message['role'] === 'assistant';
        return isPrefill && /\s$/.test(String(part['text']))
          ? 'messages: final assistant content cannot end with trailing whitespace'
          : undefined;
      });
    }),
];

const refusal = (rules: readonly Rule[], body: Body): string | undefined =>
  firstOf(rules, (rule) => rule(body));

/** The error of OpenAI's chat completions for a request, or `undefined` if it is accepted. */
export const chatRefusal = (body: Body): string | undefined => refusal([...CHAT_RULES, pairing], body);

/** The same for Anthropic's messages. */
export const messagesRefusal = (body: Body): string | undefined => refusal(MESSAGES_RULES, body);
