import type { TokenUsage } from '../../../src/types.js';
import { responseFacts, StreamParts, tokenUsage } from '../../../src/wire/reading/ai-sdk-response.js';

const USAGE = {
  inputTokens: { total: 100, noCache: 60, cacheRead: 30, cacheWrite: 10 },
  outputTokens: { total: 50, text: 30, reasoning: 20 },
};

/** Usage in the form of a version or a provider. */
const USAGES: readonly (readonly [what: string, usage: unknown, metadata: unknown, tokens: TokenUsage])[] = [
  [
    'v3 and v4',
    USAGE,
    undefined,
    {
      inputTokens: 100,
      outputTokens: 50,
      reasoningTokens: 20,
      cacheReadTokens: 30,
      cacheCreationTokens: 10,
    },
  ],
  [
    'v2',
    { inputTokens: 100, outputTokens: 50, totalTokens: 150, reasoningTokens: 20, cachedInputTokens: 30 },
    undefined,
    { inputTokens: 100, outputTokens: 50, reasoningTokens: 20, cacheReadTokens: 30 },
  ],
  [
    'v2 with Anthropic, where cached tokens are not part of the input',
    { inputTokens: 60, outputTokens: 50, totalTokens: 110, cachedInputTokens: 30 },
    { anthropic: { cacheCreationInputTokens: 10 } },
    { inputTokens: 100, outputTokens: 50, cacheReadTokens: 30, cacheCreationTokens: 10 },
  ],
  [
    'v2 with Anthropic, where nothing was written to the cache',
    { inputTokens: 60, outputTokens: 50, totalTokens: 110, cachedInputTokens: 30 },
    { anthropic: { cacheCreationInputTokens: null } },
    { inputTokens: 90, outputTokens: 50, cacheReadTokens: 30, cacheCreationTokens: 0 },
  ],
  [
    'v2 with Bedrock',
    { inputTokens: 60, outputTokens: 50, totalTokens: 110, cachedInputTokens: 30 },
    { bedrock: { usage: { cacheWriteInputTokens: 10 } } },
    { inputTokens: 100, outputTokens: 50, cacheReadTokens: 30, cacheCreationTokens: 10 },
  ],
  ['NaN', { inputTokens: Number.NaN, outputTokens: { total: Number.NaN, reasoning: -1 } }, undefined, {}],
  ['fractions and texts', { inputTokens: 1.5, outputTokens: '3' }, {}, {}],
  ['nothing', undefined, null, {}],
];

test.each(USAGES)('usage of %s', (_, usage, metadata, tokens) => {
  expect(tokenUsage(usage, metadata)).toEqual(tokens);
});

const RESULT = {
  content: [
    { type: 'reasoning', text: 'A search first.' },
    {
      type: 'tool-call',
      toolCallId: 'c1',
      toolName: 'search',
      input: '{"q":"weather"}',
      providerExecuted: true,
    },
    { type: 'tool-result', toolCallId: 'c1', toolName: 'search', result: { hits: 2 } },
    { type: 'text', text: 'It is 12 °C.' },
    { type: 'file', mediaType: 'image/png', data: new Uint8Array(9) },
    { type: 'hologram', x: 1 },
  ],
  finishReason: { unified: 'tool-calls', raw: 'tool_use' },
  usage: USAGE,
  response: {
    id: 'resp_1',
    modelId: 'gpt-5-2026',
    timestamp: new Date(0),
    headers: { a: 'b' },
    body: 'large',
  },
  warnings: [{ type: 'other', message: 'w' }],
};

const ANSWER = {
  id: 'resp_1',
  model: 'gpt-5-2026',
  finishReasons: ['tool_use'],
  usage: USAGES[0]?.[3],
  output: [
    {
      role: 'assistant',
      finish_reason: 'tool_use',
      parts: [
        { type: 'reasoning', content: 'A search first.' },
        {
          type: 'server_tool_call',
          id: 'c1',
          name: 'search',
          server_tool_call: { type: 'search', input: { q: 'weather' } },
        },
        {
          type: 'server_tool_call_response',
          id: 'c1',
          server_tool_call_response: { type: 'search', content: { hits: 2 } },
        },
        { type: 'text', content: 'It is 12 °C.' },
        { type: 'blob', modality: 'image', mime_type: 'image/png', size: 9 },
        { type: 'hologram', size: 25 },
      ],
    },
  ],
  warningCount: 1,
};

const PARTS = [
  { type: 'stream-start', warnings: [{ type: 'other', message: 'w' }] },
  { type: 'response-metadata', id: 'resp_1' },
  { type: 'response-metadata', modelId: 'gpt-5-2026' },
  { type: 'reasoning-start', id: 'r' },
  { type: 'reasoning-delta', id: 'r', delta: 'A search ' },
  { type: 'reasoning-delta', id: 'r', delta: 'first.' },
  { type: 'reasoning-end', id: 'r' },
  { type: 'tool-input-start', id: 'c1', toolName: 'search' },
  { type: 'tool-input-delta', id: 'c1', delta: '{"q":"weather"}' },
  { type: 'tool-input-end', id: 'c1' },
  RESULT.content[1],
  RESULT.content[2],
  { type: 'raw', rawValue: { any: 'thing' } },
  { type: 'text-start', id: 't' },
  { type: 'text-delta', id: 't', delta: 'It is ' },
  { type: 'text-delta', id: 't', delta: '12 °C.' },
  { type: 'text-end', id: 't', citations: [{ source: {} }] },
  { type: 'source', sourceType: 'url', id: 's', url: 'https://a.test' },
  RESULT.content[4],
  RESULT.content[5],
  { type: 'finish', finishReason: RESULT.finishReason, usage: USAGE },
];

function read(parts: readonly unknown[]) {
  const stream = new StreamParts();
  for (const part of parts) stream.part(part);
  return stream.facts();
}

test('a non-streaming response', () => {
  expect(responseFacts(RESULT)).toEqual(ANSWER);
});

test('the finish reason of v2 is a string', () => {
  expect(responseFacts({ ...RESULT, finishReason: 'stop' }).finishReasons).toEqual(['stop']);
  expect(responseFacts({ finishReason: { unified: 'length', raw: undefined } }).finishReasons).toEqual([
    'length',
  ]);
});

test('the same response as a stream, with counts of its parts', () => {
  expect(read(PARTS)).toEqual({
    ...ANSWER,
    counts: { parts: 21, textDeltas: 2, reasoningDeltas: 2, toolCalls: 1, sources: 2, errors: 0 },
    lastError: undefined,
    lastEvent: 'finish',
  });
});

test('a cut stream has the content received so far, including an unfinished tool call', () => {
  const facts = read([...PARTS.slice(0, 8), { type: 'tool-input-delta', id: 'c1', delta: '{"q":"wea' }]);
  expect(facts).toMatchObject({ finishReasons: [], lastEvent: 'tool-input-delta' });
  expect(facts.counts.toolCalls).toBe(1);
  expect(facts.output[0]?.parts).toEqual([
    { type: 'reasoning', content: 'A search first.' },
    { type: 'tool_call', id: 'c1', name: 'search', arguments: '{"q":"wea' },
  ]);
});

test.each([
  ['a text', 'broken', 'broken'],
  ['an exception', new Error('broken'), 'broken'],
  ['the error of the provider', { code: 7 }, '{"code":7}'],
  ['nothing', undefined, 'undefined'],
])('the last error: %s', (_, error, text) => {
  const facts = read([
    { type: 'error', error: 'first' },
    { type: 'error', error },
  ]);
  expect([facts.counts.errors, facts.lastError]).toEqual([2, text]);
});

test('parts of unknown types are counted by name, up to a limit', () => {
  const facts = read([{ type: 'zap' }, { type: 'zap' }, { type: 'zop' }, null, 7, 'x']);
  expect(facts.output[0]?.parts.map(({ type }) => type)).toEqual([
    'zap',
    'zap',
    'zop',
    'unknown',
    'unknown',
    'unknown',
  ]);
  const many = read(Array.from({ length: 1_000 }, () => ({ type: 'zap' })));
  expect([many.counts.parts, many.output[0]?.parts.length]).toEqual([1_000, 256]);
});

test('streamed text is truncated to 50,000 bytes and has its full length', () => {
  const delta = 'ä'.repeat(1_000);
  const [part] = read(Array.from({ length: 60 }, () => ({ type: 'text-delta', id: '1', delta }))).output[0]
    ?.parts ?? [undefined];
  expect(part).toEqual({ type: 'text', content: 'ä'.repeat(25_000), full_length: 60_000 });
});
