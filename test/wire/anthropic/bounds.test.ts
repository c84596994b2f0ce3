import { STREAMED_TEXT_BYTES, TEXT_LENGTH } from '../../../src/wire/content.js';
import { anthropicMessages } from '../../../src/wire/recognition/anthropic-bedrock.js';
import { STREAMED_PARTS } from '../../../src/wire/stream/streamed-parts.js';

const reader = () => anthropicMessages.openStream();

const start = (index: number, block: object) =>
  JSON.stringify({ type: 'content_block_start', index, content_block: block });

const delta = (index: number, type: string, piece: object) =>
  JSON.stringify({ type: 'content_block_delta', index, delta: { type, ...piece } });

const TEXT = { type: 'text', text: '' };

test('100,000 deltas', () => {
  const stream = reader();
  stream.event(undefined, start(0, TEXT));
  const data = delta(0, 'text_delta', { text: 'words' });
  for (let i = 0; i < 100_000; i += 1) stream.event('content_block_delta', data);
  const { counts, output } = stream.facts();
  expect(counts).toMatchObject({ parts: 100_001, textDeltas: 100_000 });
  expect(output[0]?.parts).toEqual([
    { type: 'text', content: 'words'.repeat(STREAMED_TEXT_BYTES / 5), full_length: 500_000 },
  ]);
});

test('30,000 blocks, and unknown events', () => {
  const stream = reader();
  for (let i = 0; i < 30_000; i += 1) {
    stream.event(undefined, `{"type":"content_block_start","index":${i},"content_block":{"type":"x${i}"}}`);
    if (i % 3 === 0) stream.event(`event ${i}`, '{"type":"new"}');
  }
  const { counts, output, lastEvent } = stream.facts();
  expect(counts.parts).toBe(40_000);
  expect(output[0]?.parts).toHaveLength(STREAMED_PARTS);
  expect(lastEvent).toBe('content_block_start');
});

test('10 MB of arguments', () => {
  const stream = reader();
  stream.event(undefined, start(0, { type: 'tool_use', id: 'a', name: 'write', input: {} }));
  stream.event(undefined, delta(0, 'input_json_delta', { partial_json: '{"text":"' }));
  const data = delta(0, 'input_json_delta', { partial_json: 'x'.repeat(100_000) });
  for (let i = 0; i < 100; i += 1) stream.event(undefined, data);
  expect(stream.facts().output[0]?.parts).toEqual([
    {
      type: 'tool_call',
      id: 'a',
      name: 'write',
      arguments: {
        type: 'text',
        content: `{"text":"${'x'.repeat(TEXT_LENGTH - 9)}`,
        full_length: 10_000_009,
      },
    },
  ]);
});

test('arguments are the same in one piece and in many', () => {
  const long = { text: 'x'.repeat(TEXT_LENGTH) };
  const call = { type: 'tool_use', id: 'a', name: 'write' };
  const stream = reader();
  stream.event(undefined, start(0, { ...call, input: {} }));
  for (const piece of JSON.stringify(long).match(/.{1,99}/g) ?? []) {
    stream.event(undefined, delta(0, 'input_json_delta', { partial_json: piece }));
  }
  const whole = anthropicMessages.readResponse({ content: [{ ...call, input: long }] });
  expect(stream.facts().output).toEqual(whole.output);
});

test("an error's data is kept up to what the classifier reads", () => {
  const stream = reader();
  stream.event('error', 'x'.repeat(10_000_000));
  expect(stream.facts().lastError).toHaveLength(65_536);
});

test('names of 1 MB', () => {
  const stream = reader();
  const long = 'x'.repeat(1_000_000);
  const said = { id: long, model: long, stop_reason: long, stop_details: { explanation: long } };
  stream.event(long, JSON.stringify({ type: 'message_start', message: said }));
  for (let i = 0; i < 20; i += 1) {
    stream.event(undefined, start(i, { type: 'tool_use', id: long, name: long, input: {} }));
    stream.event(undefined, start(i + 20, { type: long }));
  }
  expect(JSON.stringify(stream.facts()).length).toBeLessThan(100_000);
});

test('JSON of the maximum nesting', () => {
  const deep = (depth: number, open: string, inner: string, close: string) =>
    open.repeat(depth) + inner + close.repeat(depth);
  const lists = deep(100_000, '[', '', ']');
  const results = deep(100_000, '{"type":"tool_result","content":[', '', ']}');
  const call = `{"type":"tool_use","id":"a","name":"b","input":${lists}}`;
  const body = JSON.parse(`{"role":"user","content":[${call},${results},${lists}],"stop_reason":${lists}}`);
  expect(
    anthropicMessages.readRequest({ messages: [body], system: body.content }).messages[0]?.parts[0],
  ).toMatchObject({
    type: 'tool_call',
    id: 'a',
    name: 'b',
  });
  expect(anthropicMessages.readResponse(body).output).toHaveLength(1);
  const stream = reader();
  stream.event(undefined, `{"type":"content_block_start","index":0,"content_block":${call}}`);
  stream.event(undefined, delta(0, 'input_json_delta', { partial_json: lists }));
  expect(stream.facts().counts.toolCalls).toBe(1);
});
