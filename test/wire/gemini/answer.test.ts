import { geminiGenerateContent } from '../../../src/wire/gemini/generate-content.js';
import { eventsOf, factsOf, recorded, recordedJson, signsIn } from '../recorded.js';

const stream = (name: string) => factsOf(geminiGenerateContent, eventsOf(recorded(name)));

const ANSWER = {
  id: 'mAitaLmkHPPl',
  model: 'gemini-2.5-flash',
  finishReasons: ['STOP'],
  usage: { inputTokens: 1035, outputTokens: 160, reasoningTokens: 120, cacheReadTokens: 1000 },
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

test('an answer in one piece', () => {
  expect(geminiGenerateContent.readResponse(recordedJson('gemini-response.json'))).toEqual(ANSWER);
});

test('the same answer as a list of chunks', () => {
  expect(geminiGenerateContent.readResponse(recordedJson('gemini-chunks.json'))).toEqual(ANSWER);
});

test('the same answer as a stream of events', () => {
  expect(stream('gemini-stream.sse')).toEqual({
    ...ANSWER,
    counts: { parts: 7, textDeltas: 3, reasoningDeltas: 2, toolCalls: 1, sources: 3, errors: 0 },
    terminated: true,
    lastError: undefined,
    lastEvent: 'GenerateContentResponse',
  });
});

test('several candidates', () => {
  const facts = stream('gemini-candidates.sse');
  expect(facts).toMatchObject({ terminated: true, finishReasons: ['STOP', 'MAX_TOKENS'] });
  expect(facts.output).toEqual([
    { role: 'assistant', finish_reason: 'STOP', parts: [{ type: 'text', content: 'First' }] },
    { role: 'assistant', finish_reason: 'MAX_TOKENS', parts: [{ type: 'text', content: 'Second' }] },
  ]);
});

test('a prompt that is blocked', () => {
  const expected = { finishReasons: ['PROHIBITED_CONTENT'], output: [], usage: { inputTokens: 14 } };
  expect(stream('gemini-blocked.sse')).toMatchObject({ ...expected, terminated: true });
  const [[, data] = [undefined, '']] = eventsOf(recorded('gemini-blocked.sse'));
  expect(geminiGenerateContent.readResponse(JSON.parse(data))).toMatchObject(expected);
});

test('an error within the stream', () => {
  const facts = stream('gemini-overloaded.sse');
  expect(facts).toMatchObject({
    terminated: false,
    lastEvent: 'error',
    counts: { parts: 2, errors: 1, textDeltas: 1 },
    output: [{ role: 'assistant', parts: [{ type: 'text' }] }],
  });
  expect(JSON.parse(facts.lastError ?? '')).toEqual({
    error: { code: 503, message: 'The model is overloaded. Please try again later.', status: 'UNAVAILABLE' },
  });
});

test('of a call whose arguments are streamed, one part', () => {
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

test('nothing is no answer', () => {
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

describe('signs', () => {
  const compact = (text: string) =>
    text.replace(/^data:.*$/gm, (line) => `data: ${JSON.stringify(JSON.parse(line.slice(5)))}`);
  const whole = recorded('gemini-stream.sse');

  test.each([
    ['as it comes', whole],
    ['with compact JSON', compact(whole)],
    ['with LF', whole.replaceAll('\r\n', '\n')],
    ['without a space behind the colon', compact(whole).replace(/^data: /gm, 'data:')],
    ['of several candidates', recorded('gemini-candidates.sse')],
    ['a list', recorded('gemini-chunks.json')],
  ])('a stream %s', (_, text) => {
    expect(signsIn(geminiGenerateContent, text)).toEqual({ error: false, terminal: true });
    for (let end = 0; end < text.indexOf('finishReason'); end += 97) {
      expect(signsIn(geminiGenerateContent, text.slice(0, end))).toEqual({ error: false, terminal: false });
    }
  });

  test('a prompt that is blocked', () => {
    const blocked = recorded('gemini-blocked.sse');
    expect(signsIn(geminiGenerateContent, blocked)).toEqual({ error: false, terminal: true });
  });

  test('an error that breaks into the stream, but is no event, leaves it without an end', () => {
    const broken = recorded('gemini-broken.sse');
    expect(signsIn(geminiGenerateContent, broken)).toEqual({ error: false, terminal: false });
    expect(stream('gemini-broken.sse')).toMatchObject({ terminated: false, counts: { parts: 1, errors: 0 } });
  });

  const overloaded = recorded('gemini-overloaded.sse');

  test.each([
    ['as it comes', overloaded],
    ['with compact JSON', compact(overloaded)],
    ['at once', overloaded.slice(overloaded.indexOf('data: {"error"'))],
  ])('an error %s', (_, text) => {
    expect(signsIn(geminiGenerateContent, text)).toEqual({ error: true, terminal: false });
  });
});
