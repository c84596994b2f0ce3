import { anthropicMessages } from '../../../src/wire/recognition/anthropic-bedrock.js';
import fc, { CODE_POINT } from '../../support/property.js';
import { takesAnything } from '../any-input.js';
import { eventsOf, factsOf, recorded, recordedJson, type StreamedEvent } from '../recorded.js';

test('no input makes it throw', () => {
  takesAnything(
    anthropicMessages,
    [recordedJson('anthropic-request.json'), recordedJson('anthropic-response.json')],
    [...eventsOf(recorded('anthropic-stream.sse')), ...eventsOf(recorded('anthropic-overloaded.sse'))],
  );
});

const text = fc.string({ unit: CODE_POINT });

/** Blocks of a response without streaming. */
const block = fc.oneof(
  fc.record({ type: fc.constant('text'), text }),
  fc.record({ type: fc.constant('thinking'), thinking: text, signature: fc.constant('s') }),
  fc.record({ type: fc.constant('redacted_thinking'), data: text }),
  fc.record({
    type: fc.constantFrom('tool_use', 'server_tool_use', 'mcp_tool_use'),
    id: text,
    name: text,
    input: fc.dictionary(text, fc.jsonValue()),
  }),
);

type Block = typeof block extends fc.Arbitrary<infer T> ? T : never;

type Event = { readonly type: string };

/** The events of the block, with its text cut at these places. */
function streamed(content: Block, index: number, cuts: readonly number[]): readonly Event[] {
  const deltas = (whole: string, type: string, member: string) =>
    pieces(whole, cuts).map((piece) => ({
      type: 'content_block_delta',
      index,
      delta: { type, [member]: piece },
    }));
  const start = (content_block: object) => ({ type: 'content_block_start', index, content_block });
  const stop = { type: 'content_block_stop', index };
  if ('text' in content) {
    return [start({ ...content, text: '' }), ...deltas(content.text, 'text_delta', 'text'), stop];
  }
  if ('thinking' in content) {
    const written = deltas(content.thinking, 'thinking_delta', 'thinking');
    return [start({ ...content, thinking: '' }), ...written, stop];
  }
  if ('input' in content) {
    const json = deltas(JSON.stringify(content.input), 'input_json_delta', 'partial_json');
    return [start({ ...content, input: {} }), ...json, stop];
  }
  return [start(content), stop];
}

function pieces(whole: string, cuts: readonly number[]): readonly string[] {
  const ends = [...cuts.filter((cut) => cut < whole.length).sort((a, b) => a - b), whole.length];
  return ends.map((end, index) => whole.slice(ends[index - 1] ?? 0, end));
}

test('for any cuts of deltas, a stream has the facts of the response without streaming', () => {
  const blocks = fc.array(fc.tuple(block, fc.array(fc.nat({ max: 60 }), { maxLength: 6 })), { maxLength: 6 });
  fc.assert(
    fc.property(blocks, (content) => {
      const message = {
        id: 'msg_1',
        model: 'claude',
        content: [],
        usage: { input_tokens: 3, output_tokens: 1 },
      };
      const stop = { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } };
      const events = [
        { type: 'message_start', message },
        ...content.flatMap(([one, cuts], index) => streamed(one, index, cuts)),
        { type: 'message_delta', ...stop },
        { type: 'message_stop' },
      ].map((body): StreamedEvent => [body.type, JSON.stringify(body)]);
      const body = {
        ...message,
        content: content.map(([one]) => one),
        stop_reason: 'end_turn',
        usage: { input_tokens: 3, output_tokens: 9 },
      };
      const whole = anthropicMessages.readResponse(JSON.parse(JSON.stringify(body)));
      expect(factsOf(anthropicMessages, events)).toMatchObject({ ...whole });
    }),
    { numRuns: 500 },
  );
});
