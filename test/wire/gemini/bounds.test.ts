import { STREAMED_TEXT_BYTES, TEXT_LENGTH } from '../../../src/wire/content.js';
import { geminiGenerateContent } from '../../../src/wire/recognition/gemini.js';
import { STREAMED_PARTS } from '../../../src/wire/stream/streamed-parts.js';

const reader = () => geminiGenerateContent.openStream();

const chunk = (index: number, ...parts: readonly object[]) =>
  JSON.stringify({ candidates: [{ index, content: { role: 'model', parts } }] });

test('50,000 deltas', () => {
  const stream = reader();
  const data = chunk(0, { text: 'words' });
  for (let i = 0; i < 50_000; i += 1) stream.event(undefined, data);
  const { counts, output } = stream.facts();
  expect(counts).toMatchObject({ parts: 50_000, textDeltas: 50_000 });
  expect(output[0]?.parts).toEqual([
    { type: 'text', content: 'words'.repeat(STREAMED_TEXT_BYTES / 5), full_length: 250_000 },
  ]);
});

test('more parts than the limit, and the data after them', () => {
  const stream = reader();
  for (let i = 0; i < 20_000; i += 1) {
    stream.event(undefined, chunk(0, { text: 'a' }, { functionCall: { name: `f${i}` } }));
  }
  stream.event(undefined, chunk(0, { text: 'b' }));
  const { counts, output } = stream.facts();
  expect(counts).toMatchObject({ textDeltas: 20_001, toolCalls: 20_000 });
  expect(output[0]?.parts).toHaveLength(STREAMED_PARTS);
  expect(output[0]?.parts[STREAMED_PARTS - 2]).toEqual({ type: 'text', content: 'a' });
});

test('20,000 candidates', () => {
  const stream = reader();
  for (let i = 0; i < 20_000; i += 1) stream.event(`event ${i}`, chunk(i, { text: 'a' }));
  const { counts, output, lastEvent } = stream.facts();
  expect(counts.textDeltas).toBe(20_000);
  expect(output).toHaveLength(8);
  expect(lastEvent).toBe('event 19999');
});

test('10 MB of arguments, and of ignored data', () => {
  const stream = reader();
  const long = 'x'.repeat(10_000_000);
  stream.event(undefined, chunk(0, { functionCall: { name: 'write', args: { long } } }, { new: { long } }));
  expect(stream.facts().output[0]?.parts).toEqual([
    {
      type: 'tool_call',
      name: 'write',
      arguments: {
        type: 'text',
        content: `{"long":"${'x'.repeat(TEXT_LENGTH - 9)}`,
        full_length: 10_000_011,
      },
    },
    { type: 'new', size: 10_000_019 },
  ]);
});

test('names of 1 MB', () => {
  const stream = reader();
  const long = 'x'.repeat(1_000_000);
  const parts = [{ functionCall: { name: long, id: long } }, { [long]: 1 }];
  const said = { responseId: long, modelVersion: long, promptFeedback: { blockReason: long } };
  for (let i = 0; i < 10; i += 1) {
    const candidates = [{ finishReason: long, content: { parts } }];
    stream.event(long, JSON.stringify({ candidates, ...said }));
  }
  expect(JSON.stringify(stream.facts()).length).toBeLessThan(50_000);
});

test('JSON of the maximum nesting', () => {
  const lists = '['.repeat(100_000) + ']'.repeat(100_000);
  const parts = `[{"functionCall":{"name":"a","args":${lists}}},{"functionResponse":{"response":${lists}}},{"new":${lists}},${lists}]`;
  const text = `{"candidates":[{"content":{"parts":${parts}}}]}`;
  const expected = [{ type: 'tool_call', name: 'a' }, { type: 'tool_call_response' }, { type: 'new' }];
  const body = JSON.parse(text);
  expect(geminiGenerateContent.readResponse(body).output[0]?.parts.slice(0, 3)).toMatchObject(expected);
  const { content } = body.candidates[0];
  expect(
    geminiGenerateContent.readRequest({ contents: [content] }).messages[0]?.parts.slice(0, 3),
  ).toMatchObject(expected);
  const stream = reader();
  stream.event(undefined, text);
  expect(stream.facts().output[0]?.parts).toMatchObject(expected);
});
