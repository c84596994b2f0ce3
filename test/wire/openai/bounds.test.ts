import { STREAMED_TEXT_BYTES, TEXT_LENGTH } from '../../../src/wire/content.js';
import { openAiChat, openAiResponses } from '../../../src/wire/recognition/openai.js';
import { STREAMED_PARTS } from '../../../src/wire/stream/streamed-parts.js';

const chunk = (index: number, delta: object) => JSON.stringify({ choices: [{ index, delta }] });

const pieceOf = (value: string, name?: string) => ({
  tool_calls: [{ index: 0, function: { name, arguments: value } }],
});

const WORDS = { type: 'text', content: 'words'.repeat(STREAMED_TEXT_BYTES / 5), full_length: 250_000 };

test('50,000 deltas', () => {
  const chat = openAiChat.openStream();
  const responses = openAiResponses.openStream();
  const data = chunk(0, { content: 'words' });
  const event = JSON.stringify({ type: 'response.output_text.delta', output_index: 0, delta: 'words' });
  for (let i = 0; i < 50_000; i += 1) {
    chat.event(undefined, data);
    responses.event(undefined, event);
  }
  for (const facts of [chat.facts(), responses.facts()]) {
    expect(facts.counts).toMatchObject({ parts: 50_000, textDeltas: 50_000 });
    expect(facts.output[0]?.parts).toEqual([WORDS]);
  }
});

test('20,000 choices, tool calls and items', () => {
  const chat = openAiChat.openStream();
  const calls = openAiChat.openStream();
  const responses = openAiResponses.openStream();
  for (let i = 0; i < 20_000; i += 1) {
    chat.event(undefined, `{"choices":[{"index":${i},"delta":{"content":"a"},"finish_reason":"stop"}]}`);
    calls.event(
      undefined,
      `{"choices":[{"delta":{"tool_calls":[{"index":${i},"id":"c${i}","function":{"name":"f"}}]}}]}`,
    );
    responses.event(
      `event ${i}`,
      `{"type":"response.output_item.added","output_index":${i},"item":{"type":"function_call","name":"f"}}`,
    );
  }
  expect(chat.facts().counts.textDeltas).toBe(20_000);
  expect(chat.facts().output).toHaveLength(128);
  expect(calls.facts().counts.toolCalls).toBe(20_000);
  expect(calls.facts().output[0]?.parts).toHaveLength(STREAMED_PARTS);
  expect(responses.facts().counts.toolCalls).toBe(20_000);
  expect(responses.facts().output[0]?.parts).toHaveLength(STREAMED_PARTS);
  expect(responses.facts().lastEvent).toBe('event 19999');
});

test('10 MB of arguments', () => {
  const chat = openAiChat.openStream();
  chat.event(undefined, chunk(0, pieceOf('{"text":"', 'write')));
  const data = chunk(0, pieceOf('x'.repeat(100_000)));
  for (let i = 0; i < 100; i += 1) chat.event(undefined, data);
  const content = `{"text":"${'x'.repeat(TEXT_LENGTH - 9)}`;
  expect(chat.facts().output[0]?.parts).toEqual([
    { type: 'tool_call', name: 'write', arguments: { type: 'text', content, full_length: 10_000_009 } },
  ]);
});

test('a response that arrives whole at the end is kept like a streamed one', () => {
  const output = [
    { type: 'message', content: [{ type: 'output_text', text: 'words'.repeat(50_000) }] },
    ...Array.from({ length: 1_000 }, () => ({ type: 'web_search_call' })),
  ];
  const stream = openAiResponses.openStream();
  stream.event(undefined, JSON.stringify({ type: 'response.completed', response: { output } }));
  const { parts } = stream.facts().output[0] ?? {};
  expect(parts?.[0]).toEqual(WORDS);
  expect(parts).toHaveLength(STREAMED_PARTS);
});

test('an error is kept up to what the classifier reads', () => {
  const error = JSON.stringify({ error: { message: 'x'.repeat(10_000_000) } });
  for (const { openStream } of [openAiChat, openAiResponses]) {
    const stream = openStream();
    stream.event(undefined, error);
    expect(stream.facts().lastError).toHaveLength(65_536);
  }
});

test('names of 1 MB', () => {
  const long = 'x'.repeat(1_000_000);
  const chat = openAiChat.openStream();
  const responses = openAiResponses.openStream();
  for (let index = 0; index < 20; index += 1) {
    const delta = { role: long, tool_calls: [{ index, id: long, function: { name: long } }] };
    const choices = [{ index, delta, finish_reason: long }];
    chat.event(long, JSON.stringify({ id: long, model: long, object: long, choices }));
    const item = { type: 'function_call', call_id: long, name: long };
    responses.event(undefined, JSON.stringify({ type: long, output_index: index, item }));
  }
  for (const { facts } of [chat, responses].map((stream) => ({ facts: stream.facts() }))) {
    expect(JSON.stringify(facts).length).toBeLessThan(200_000);
  }
});

test('a request of many messages, and one of 30 MB', () => {
  const messages = Array.from({ length: 200_000 }, () => ({ role: 'user', content: 'a' }));
  expect(openAiChat.readRequest({ messages }).messages).toHaveLength(200_000);
  expect(openAiResponses.readRequest({ input: messages }).messages).toHaveLength(200_000);
  const data = 'A'.repeat(10_000_000);
  const content = [
    { type: 'text', text: data },
    { type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } },
    { type: 'scan', data },
  ];
  expect(openAiChat.readRequest({ messages: [{ role: 'user', content }] }).messages[0]?.parts).toEqual([
    { type: 'text', content: data.slice(0, TEXT_LENGTH), full_length: 10_000_000 },
    { type: 'blob', modality: 'image', mime_type: 'image/png', size: 7_500_000 },
    { type: 'scan', size: 10_000_025 },
  ]);
});

test('JSON of the maximum nesting', () => {
  const lists = '['.repeat(100_000) + ']'.repeat(100_000);
  const call = `{"function":{"name":"f","arguments":${lists}}}`;
  const message = `{"role":"assistant","content":[${lists},{"type":"x","y":${lists}}],"tool_calls":[${call}]}`;
  const body = JSON.parse(`{"messages":[${message}],"choices":[{"message":${message}}]}`);
  const parts = [{ type: 'x' }, { type: 'tool_call', name: 'f' }];
  expect(openAiChat.readRequest(body).messages[0]?.parts).toMatchObject(parts);
  expect(openAiChat.readResponse(body).output[0]?.parts).toMatchObject(parts);
  const item = JSON.parse(`{"type":"function_call_output","output":{"a":${lists}}}`);
  const response = [{ type: 'tool_call_response' }];
  expect(openAiResponses.readRequest({ input: [item] }).messages[0]?.parts).toMatchObject(response);
  const stream = openAiChat.openStream();
  stream.event(undefined, `{"error":{"a":${lists}}}`);
  expect(stream.facts().lastError).toHaveLength(65_536 - 4_096);
});

test('arguments with excessively nested JSON stay text', () => {
  const given = '['.repeat(TEXT_LENGTH / 2) + ']'.repeat(TEXT_LENGTH / 2);
  const message = { tool_calls: [{ function: { name: 'f', arguments: given } }] };
  const { parts } = openAiChat.readResponse({ choices: [{ message }] }).output[0] ?? {};
  expect(JSON.stringify(parts)).toContain('[[[');
});
