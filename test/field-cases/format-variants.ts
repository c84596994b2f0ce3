import {
  asking,
  COMPLETED,
  CUT,
  data,
  ENDED_EARLY,
  ERROR,
  type Expected,
  generic,
  named,
  REFUSED,
  type Response,
  STOPPED,
  TALK,
  type Variant,
  variant,
} from './variant.js';

const NDJSON = { 'content-type': 'application/x-ndjson' };

const lines = (...values: readonly object[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('');
const line = (content: string, rest: object = { done: false }): object => ({
  model: 'm',
  created_at: '2026-01-01T00:00:00Z',
  message: { role: 'assistant', content },
  ...rest,
});
const LAST_LINE = line('', { done: true, done_reason: 'stop', prompt_eval_count: 3, eval_count: 2 });
const inLines = (title: string, text: string, expected: Expected, rest: Response = {}) =>
  variant(`Ollama: ${title}`, '/api/chat', text, expected, {
    ...rest,
    headers: { ...NDJSON, ...rest.headers },
  });

const OLLAMA: readonly Variant[] = [
  variant('Ollama: a response', '/api/chat', line('Foxes.', { done: true, done_reason: 'stop' }), COMPLETED),
  variant('Ollama: an error instead of a response', '/api/chat', { error: 'the engine stopped' }, STOPPED),
  variant('Ollama: one line instead of a response', '/api/chat', line('Foxes'), ENDED_EARLY),
  inLines('a stream', lines(line('Foxes'), line(' pounce.'), LAST_LINE), COMPLETED),
  inLines('no line break at the end', lines(line('Foxes'), LAST_LINE).trimEnd(), COMPLETED),
  inLines('a stream as text', lines(line('Foxes'), line('.'), LAST_LINE), COMPLETED, {
    headers: { 'content-type': 'text/plain' },
  }),
  inLines('text about errors', lines(line(TALK), LAST_LINE), COMPLETED),
  inLines('an error line', lines(line('Foxes'), { error: 'the engine stopped' }), STOPPED),
  inLines(
    'an error line without its break',
    lines(line('Foxes'), { error: 'the engine stopped' }).trimEnd(),
    STOPPED,
  ),
  inLines(
    'an error line in the middle',
    lines(line('Foxes'), { error: 'the engine stopped' }, LAST_LINE),
    STOPPED,
  ),
  inLines(
    'an error line far from the end',
    lines(line('a'), { error: 'the engine stopped' }, ...Array<object>(500).fill(line('b'))),
    STOPPED,
  ),
  inLines('no last line', lines(line('Foxes'), line(' pounce.')), ENDED_EARLY),
  inLines('cut', lines(line('Foxes'), line(' pounce.')), CUT, { end: 'cut' }),
  inLines('cut in a line', lines(line('Foxes'), line(' pounce.')).slice(0, -20), CUT, { end: 'cut' }),
  inLines('cut after the last line', lines(line('Foxes'), LAST_LINE), COMPLETED, { end: 'cut' }),
  ...asking({ model: 'm', prompt: 'How do foxes hunt?' }, [
    variant('Ollama: generate', '/api/generate', { model: 'm', response: 'Foxes.', done: true }, COMPLETED),
    variant(
      'Ollama: generate, a stream',
      '/api/generate',
      lines({ model: 'm', response: 'Foxes', done: false }, { model: 'm', response: '', done: true }),
      COMPLETED,
      { headers: NDJSON },
    ),
    variant(
      'Ollama: generate, an error line',
      '/api/generate',
      lines({ model: 'm', response: 'Foxes', done: false }, { error: 'the engine stopped' }),
      STOPPED,
      { headers: NDJSON },
    ),
  ]),
];

const cohere = (finish_reason: string, rest: object = {}): object => ({
  id: 'c-1',
  finish_reason,
  message: { role: 'assistant', content: [{ type: 'text', text: 'Foxes pounce.' }] },
  usage: { tokens: { input_tokens: 3, output_tokens: 2 } },
  ...rest,
});
const COHERE_START =
  named('message-start', { type: 'message-start', id: 'c-1', delta: { message: { role: 'assistant' } } }) +
  named('content-delta', {
    type: 'content-delta',
    index: 0,
    delta: { message: { content: { text: 'Foxes' } } },
  });
const messageEnd = (finish_reason: string): string =>
  named('message-end', { type: 'message-end', delta: { finish_reason, usage: { tokens: {} } } });

const COHERE: readonly Variant[] = [
  variant('Cohere: a response', '/v2/chat', cohere('COMPLETE'), COMPLETED),
  variant(
    'Cohere: a response that calls a tool',
    '/v2/chat',
    cohere('TOOL_CALL', { message: { tool_calls: [] } }),
    COMPLETED,
  ),
  variant('Cohere: an error', '/v2/chat', { id: 'c-1', message: 'The engine stopped.' }, STOPPED),
  variant('Cohere: ERROR', '/v2/chat', cohere('ERROR'), generic({ errorType: 'ERROR' })),
  variant('Cohere: TIMEOUT', '/v2/chat', cohere('TIMEOUT'), { ...CUT, errorType: 'TIMEOUT' }),
  variant('Cohere: ERROR_TOXIC', '/v2/chat', cohere('ERROR_TOXIC'), { ...REFUSED, errorType: 'ERROR_TOXIC' }),
  variant('Cohere: a stream', '/v2/chat', COHERE_START + messageEnd('COMPLETE'), COMPLETED),
  variant('Cohere: MAX_TOKENS in a stream', '/v2/chat', COHERE_START + messageEnd('MAX_TOKENS'), COMPLETED),
  variant('Cohere: ERROR in a stream', '/v2/chat', COHERE_START + messageEnd('ERROR'), generic()),
  variant('Cohere: ERROR_TOXIC in a stream', '/v2/chat', COHERE_START + messageEnd('ERROR_TOXIC'), REFUSED),
  variant(
    'Cohere: an error event',
    '/v2/chat',
    COHERE_START + named('error', { message: 'The engine stopped.' }),
    STOPPED,
  ),
  variant('Cohere: no message-end', '/v2/chat', COHERE_START, ENDED_EARLY),
  variant('Cohere: cut', '/v2/chat', COHERE_START, CUT, { end: 'cut' }),
];

const choice = (text: string, finish_reason: string | null = null): object => ({
  id: 'cmpl-1',
  object: 'text_completion',
  model: 'm',
  choices: [{ index: 0, text, logprobs: null, finish_reason }],
});
const DONE = 'data: [DONE]\n\n';

const COMPLETIONS: readonly Variant[] = asking({ model: 'm', prompt: 'Foxes' }, [
  variant('Completions: a response', '/v1/completions', choice(' pounce.', 'stop'), COMPLETED),
  variant('Completions: an error', '/v1/completions', { error: ERROR }, STOPPED),
  variant('Completions: refused', '/v1/completions', choice('', 'content_filter'), REFUSED),
  variant(
    'Completions: a stream',
    '/v1/completions',
    data(choice(' pounce')) + data(choice('.', 'stop')) + DONE,
    COMPLETED,
  ),
  variant(
    'Completions: an error in a stream',
    '/v1/completions',
    data(choice(' a')) + data({ error: ERROR }),
    STOPPED,
  ),
  variant('Completions: no finish reason', '/v1/completions', data(choice(' pounce')), ENDED_EARLY),
  variant('Completions: cut', '/v1/completions', data(choice(' pounce')), CUT, { end: 'cut' }),
  variant('Fill in the middle: a response', '/v1/fim/completions', choice(' pounce.', 'stop'), COMPLETED),
]);

const AGENTS: readonly Variant[] = asking({ agent_id: 'a', messages: [] }, [
  variant(
    'Agents: no finish reason',
    '/v1/agents/completions',
    data({ object: 'chat.completion.chunk', choices: [{ delta: { content: 'Foxes' } }] }),
    ENDED_EARLY,
  ),
]);

const GATEWAY_PATH = '/v3/ai/language-model';
const generated = (finishReason: unknown): object => ({
  content: [{ type: 'text', text: 'Foxes pounce.' }],
  finishReason,
  usage: { inputTokens: { total: 3 }, outputTokens: { total: 2 } },
  warnings: [],
});
const unified = (word: string) => ({ unified: word, raw: word });
const PARTS =
  data({ type: 'stream-start', warnings: [] }) +
  data({ type: 'text-start', id: '0' }) +
  data({ type: 'text-delta', id: '0', delta: 'Foxes' });
const finish = (finishReason: unknown): string => data({ type: 'finish', finishReason, usage: {} });

const GATEWAY: readonly Variant[] = asking({ prompt: [{ role: 'user', content: [] }] }, [
  variant('AI Gateway: a response', GATEWAY_PATH, generated(unified('stop')), COMPLETED),
  variant('AI Gateway: a response of specification 2', '/v1/ai/language-model', generated('stop'), COMPLETED),
  variant('AI Gateway: another reason', GATEWAY_PATH, generated(unified('other')), COMPLETED),
  variant('AI Gateway: refused', GATEWAY_PATH, generated(unified('content-filter')), REFUSED),
  variant('AI Gateway: failed', GATEWAY_PATH, generated(unified('error')), generic()),
  variant('AI Gateway: an error', GATEWAY_PATH, { error: ERROR }, STOPPED),
  variant('AI Gateway: a stream', GATEWAY_PATH, PARTS + finish(unified('stop')), COMPLETED),
  variant(
    'AI Gateway: refused in a stream',
    GATEWAY_PATH,
    PARTS + finish(unified('content-filter')),
    REFUSED,
  ),
  variant('AI Gateway: an error part', GATEWAY_PATH, PARTS + data({ type: 'error', error: ERROR }), STOPPED),
  variant(
    'AI Gateway: an error part, then finish',
    GATEWAY_PATH,
    PARTS + data({ type: 'error', error: 'the engine stopped' }) + finish(unified('error')),
    STOPPED,
  ),
  variant('AI Gateway: no finish', GATEWAY_PATH, PARTS, ENDED_EARLY),
  variant('AI Gateway: cut', GATEWAY_PATH, PARTS, CUT, { end: 'cut' }),
]);

const OUTPUTS = [{ type: 'message.output', content: 'Foxes pounce.', role: 'assistant' }];
const DELTA = named('message.output.delta', { type: 'message.output.delta', id: 'm', content: 'Foxes' });

const CONVERSATIONS: readonly Variant[] = asking({ model: 'm', inputs: 'How do foxes hunt?' }, [
  variant(
    'Conversations: a response',
    '/v1/conversations',
    { object: 'conversation.response', conversation_id: 'c', outputs: OUTPUTS, usage: {} },
    COMPLETED,
  ),
  variant(
    'Conversations: a stream',
    '/v1/conversations/c',
    DELTA + named('conversation.response.done', { type: 'conversation.response.done', usage: {} }),
    COMPLETED,
  ),
  variant(
    'Conversations: an error event',
    '/v1/conversations',
    DELTA +
      named('conversation.response.error', {
        type: 'conversation.response.error',
        message: 'The engine stopped.',
        code: 500,
      }),
    STOPPED,
  ),
  variant('Conversations: no end', '/v1/conversations', DELTA, ENDED_EARLY),
]);

/** Newer formats: responses, errors in each framing, refusals, and truncated ones. */
export const FORMAT_VARIANTS: readonly Variant[] = [
  ...OLLAMA,
  ...COHERE,
  ...COMPLETIONS,
  ...AGENTS,
  ...GATEWAY,
  ...CONVERSATIONS,
];
