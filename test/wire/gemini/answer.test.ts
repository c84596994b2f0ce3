import { geminiGenerateContent } from '../../../src/wire/recognition/gemini.js';
import { eventsOf, factsOf, recorded, recordedJson } from '../recorded.js';

const stream = (name: string) => factsOf(geminiGenerateContent, eventsOf(recorded(name)));

const ANSWER = {
  id: 'mAitaLmkHPPl',
  model: 'gemini-2.5-flash',
  finishReasons: ['STOP'],
  usage: {
    inputTokens: 1035,
    outputTokens: 160,
    reasoningTokens: 120,
    cacheReadTokens: 1000,
    textInputTokens: 1025,
  },
  output: [
    {
      role: 'assistant',
      finish_reason: 'STOP',
      parts: [
        { type: 'reasoning', content: 'The user wants the weather. A search first.' },
        { type: 'text', content: 'It is 12 °C in Ghent 🌧️. "error":{ is only text here.' },
        { type: 'tool_call', name: 'report', arguments: { error: { code: 503 }, note: '\n"q"' } },
        { type: 'blob', modality: 'image', mime_type: 'image/png', size: 8 },
        { type: 'text', content: 'Done.' },
      ],
    },
  ],
  warningCount: 0,
};

test('a response without streaming', () => {
  expect(geminiGenerateContent.readResponse(recordedJson('gemini-response.json'))).toEqual(ANSWER);
});

test('the same response as a list of chunks', () => {
  expect(geminiGenerateContent.readResponse(recordedJson('gemini-chunks.json'))).toEqual(ANSWER);
});

test('the same response as a stream of events', () => {
  expect(stream('gemini-stream.sse')).toEqual({
    ...ANSWER,
    counts: { parts: 7, textDeltas: 3, reasoningDeltas: 2, toolCalls: 1, sources: 3, errors: 0 },
    lastError: undefined,
    lastEvent: 'GenerateContentResponse',
  });
});

test('several candidates', () => {
  const facts = stream('gemini-candidates.sse');
  expect(facts).toMatchObject({ finishReasons: ['STOP', 'MAX_TOKENS'] });
  expect(facts.output).toEqual([
    { role: 'assistant', finish_reason: 'STOP', parts: [{ type: 'text', content: 'First' }] },
    { role: 'assistant', finish_reason: 'MAX_TOKENS', parts: [{ type: 'text', content: 'Second' }] },
  ]);
});

test('a blocked prompt', () => {
  const expected = { finishReasons: ['PROHIBITED_CONTENT'], output: [], usage: { inputTokens: 14 } };
  expect(stream('gemini-blocked.sse')).toMatchObject({ ...expected });
  const [[, data] = [undefined, '']] = eventsOf(recorded('gemini-blocked.sse'));
  expect(geminiGenerateContent.readResponse(JSON.parse(data))).toMatchObject(expected);
});

test('an error within the stream', () => {
  const facts = stream('gemini-overloaded.sse');
  expect(facts).toMatchObject({
    lastEvent: 'error',
    counts: { parts: 2, errors: 1, textDeltas: 1 },
    output: [{ role: 'assistant', parts: [{ type: 'text' }] }],
  });
  expect(JSON.parse(facts.lastError ?? '')).toEqual({
    error: { code: 503, message: 'The model is overloaded. Please try again later.', status: 'UNAVAILABLE' },
  });
});

test('a call with streamed arguments is one part', () => {
  const part = (functionCall: object) =>
    ['', JSON.stringify({ candidates: [{ content: { parts: [{ functionCall }] } }] })] as const;
  const facts = factsOf(geminiGenerateContent, [
    part({ name: 'find', id: 'a', willContinue: true }),
    part({ partialArgs: [{ jsonPath: '$.place', stringValue: 'Gh' }], willContinue: true }),
    part({}),
  ]);
  expect(facts.output[0]?.parts).toEqual([{ type: 'tool_call', id: 'a', name: 'find' }]);
  expect(facts.counts.toolCalls).toBe(1);
});

test.each([
  ['texts', { promptTokenCount: '25', candidatesTokenCount: '7' }, {}],
  ['negative', { promptTokenCount: -1, thoughtsTokenCount: 5 }, { outputTokens: 5, reasoningTokens: 5 }],
  ['broken', { promptTokenCount: 1.5, cachedContentTokenCount: 2 }, { cacheReadTokens: 2 }],
  ['too large together', { promptTokenCount: Number.MAX_SAFE_INTEGER, toolUsePromptTokenCount: 1 }, {}],
  ['no object', 'many', {}],
])('counts that are %s', (_, usageMetadata, expected) => {
  expect(geminiGenerateContent.readResponse({ usageMetadata }).usage).toEqual(expected);
});

test('an empty value is not a response', () => {
  for (const body of [undefined, null, {}, [], [[]], 'text', { error: { code: 500 } }, [{ error: {} }]]) {
    expect(geminiGenerateContent.readResponse(body)).toEqual({
      id: undefined,
      model: undefined,
      finishReasons: [],
      usage: {},
      output: [],
      warningCount: 0,
    });
  }
});
