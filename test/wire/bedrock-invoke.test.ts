import { bedrockInvoke } from '../../src/wire/recognition/anthropic-bedrock.js';
import { takesAnything } from './any-input.js';
import { event, text } from './reading-parts.js';
import { factsOf, recordedJson } from './recorded.js';

const NOVA = { contentBlockDelta: { delta: { text: 'Foxes' }, contentBlockIndex: 0 } };
const METRICS = { 'amazon-bedrock-invocationMetrics': { inputTokenCount: 3, outputTokenCount: 2 } };

test.each([
  [
    'Anthropic',
    { type: 'message', content: [{ type: 'text', text: 'Foxes' }], stop_reason: 'end_turn' },
    'end_turn',
  ],
  [
    'Amazon Nova',
    { output: { message: { content: [{ text: 'Foxes' }] } }, stopReason: 'end_turn' },
    'end_turn',
  ],
  ['Amazon Titan', { results: [{ outputText: 'Foxes', completionReason: 'FINISH' }] }, 'FINISH'],
  ['Meta', { generation: 'Foxes', stop_reason: 'stop' }, 'stop'],
  ['Mistral', { outputs: [{ text: 'Foxes', stop_reason: 'stop' }] }, 'stop'],
])('bedrock-invoke: a response of a model of %s', (_, body, reason) => {
  const { output, finishReasons } = bedrockInvoke.readResponse(body);
  expect([output[0]?.parts, finishReasons]).toEqual([[text('Foxes')], [reason]]);
});

test.each([
  [
    'Anthropic',
    [
      { type: 'message_start', message: { id: 'm', model: 'claude', usage: { input_tokens: 3 } } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'Foxes' } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
      { type: 'message_stop', ...METRICS },
    ],
  ],
  ['Amazon Nova', [NOVA, { messageStop: { stopReason: 'end_turn' } }, METRICS]],
  ['Meta', [{ generation: 'Fox' }, { generation: 'es', stop_reason: 'end_turn', ...METRICS }]],
])('bedrock-invoke: a stream of a model of %s', (_, values) => {
  const facts = factsOf(
    bedrockInvoke,
    values.map((value) => event(undefined, value)),
  );
  expect(facts).toMatchObject({
    usage: { inputTokens: 3, outputTokens: 2 },
    finishReasons: ['end_turn'],
    output: [{ parts: [text('Foxes')] }],
    counts: { parts: values.length },
  });
});

test('bedrock-invoke: requests by their models', () => {
  const claude = recordedJson('anthropic-request.json') as object;
  const facts = bedrockInvoke.readRequest({ ...claude, anthropic_version: 'bedrock-2023-05-31' });
  expect(facts.messages.length).toBeGreaterThan(0);
  expect(facts).toMatchObject({ model: undefined, operation: undefined });
  expect(bedrockInvoke.readRequest({ prompt: 'Foxes' }).messages).toEqual([
    { role: 'user', parts: [text('Foxes')] },
  ]);
  takesAnything(
    bedrockInvoke,
    [claude, recordedJson('converse-request.json')],
    [
      event(undefined, NOVA),
      event(undefined, { generation: 'Foxes', ...METRICS }),
      event(undefined, { type: 'message_start', message: {} }),
    ],
  );
});
