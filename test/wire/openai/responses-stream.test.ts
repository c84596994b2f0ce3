import { openAiResponses } from '../../../src/wire/recognition/openai.js';
import fc, { CODE_POINT } from '../../support/property.js';
import { eventsOf, factsOf, recorded, recordedJson, type StreamedEvent } from '../recorded.js';

const eventsIn = (name: string) => eventsOf(recorded(`openai-responses-${name}.sse`));

const facts = (events: readonly StreamedEvent[]) => factsOf(openAiResponses, events);

const WHOLE = openAiResponses.readResponse(recordedJson('openai-responses-response.json'));

test('a stream has the facts of the response without streaming', () => {
  expect(facts(eventsIn('stream'))).toEqual({
    ...WHOLE,
    counts: { parts: 38, textDeltas: 3, reasoningDeltas: 3, toolCalls: 3, sources: 1, errors: 0 },
    lastError: undefined,
    lastEvent: 'response.completed',
  });
});

const parts = (events: readonly StreamedEvent[]) => facts(events).output[0]?.parts;

/** Without its last event, which contains the whole response. */
const events = eventsIn('stream').slice(0, -1);

test('without its end it is assembled from its items', () => {
  expect(facts(events)).toMatchObject({ id: 'resp_1', finishReasons: [], usage: {} });
  expect(parts(events)).toEqual(WHOLE.output[0]?.parts);
});

test('without whole items it is assembled from deltas', () => {
  const unfinished = events.filter(([event]) => !event?.endsWith('.done'));
  const expected = WHOLE.output[0]?.parts.map((part) =>
    part.type === 'server_tool_call' ? { ...part, server_tool_call: { type: 'web_search' } } : part,
  );
  expect(parts(unfinished)).toEqual(expected);
});

test('it is assembled from whole items, for servers without deltas', () => {
  expect(parts(events.filter(([event]) => event?.endsWith('item.done')))).toEqual(WHOLE.output[0]?.parts);
});

test('in a stream cut anywhere, a call has the arguments received so far', () => {
  const cut = events.findIndex(([event]) => event === 'response.function_call_arguments.delta');
  expect(parts(events.slice(0, cut + 1))?.at(-1)).toEqual({
    type: 'tool_call',
    id: 'call_1',
    name: 'get_weather',
    arguments: '{"city":',
  });
});

const TEXT = { type: 'text', content: 'Once upon' };

test.each([
  ['incomplete', { finishReasons: ['max_output_tokens'], lastEvent: 'response.incomplete' }, 0, undefined],
  [
    'failed',
    { finishReasons: ['failed'], lastEvent: 'response.failed' },
    1,
    '{"error":{"code":"server_error","message":"The model failed."}}',
  ],
  [
    'error',
    { finishReasons: [], lastEvent: 'error' },
    1,
    '{"type":"error","sequence_number":9,"code":"rate_limit_exceeded","message":"Too many tokens.","param":null}',
  ],
])('a stream that ends with %s', (name, expected, errors, lastError) => {
  const told = facts(eventsIn(name));
  expect(told).toMatchObject({ ...expected, counts: { errors, textDeltas: 2 } });
  expect(told.lastError).toBe(lastError);
  expect(told.output[0]?.parts).toEqual([TEXT]);
});

test('a refusal, with the end and without', () => {
  const refusal = [{ type: 'refusal', content: "I can't." }];
  expect(parts(eventsIn('refusal'))).toEqual(refusal);
  expect(parts(eventsIn('refusal').slice(0, -1))).toEqual(refusal);
});

test.each([
  ['in an error', undefined, '{"type":"error","error":{"code":"x"}}', '{"error":{"code":"x"}}', 'error'],
  ['without a type', undefined, '{"error":{"code":"x"}}', '{"error":{"code":"x"}}', undefined],
  ['named by its event alone', 'error', 'gone', 'gone', 'error'],
  [
    'in a response without a reason',
    undefined,
    '{"type":"response.failed","response":{"instructions":"secret"}}',
    '{"error":null}',
    'response.failed',
  ],
])('an error %s', (_, event, data, lastError, lastEvent) => {
  expect(facts([[event, data]])).toMatchObject({ counts: { parts: 1, errors: 1 }, lastError, lastEvent });
});

test('for any cuts of deltas, the parts are the same', () => {
  const texts = fc.array(fc.string({ unit: CODE_POINT, minLength: 1 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(texts, fc.array(fc.nat({ max: 20 })), (given, cuts) => {
      const deltas = given.flatMap((text, content_index) => {
        const ends = [...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length];
        return ends.map((end, place): StreamedEvent => {
          const delta = text.slice(ends[place - 1] ?? 0, end);
          const type = 'response.output_text.delta';
          return [type, JSON.stringify({ type, output_index: 1, content_index, delta })];
        });
      });
      expect(parts(deltas)).toEqual(given.map((content) => ({ type: 'text', content })));
    }),
  );
});
