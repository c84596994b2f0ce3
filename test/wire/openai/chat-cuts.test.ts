import { openAiChat } from '../../../src/wire/recognition/openai.js';
import fc, { CODE_POINT } from '../../support/property.js';
import { factsOf, type StreamedEvent } from '../recorded.js';

const text = fc.string({ unit: CODE_POINT, minLength: 1, maxLength: 80 });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const named = { id: fc.uuid(), name: fc.string({ minLength: 1 }) };

/** A tool call, by the member of its kind, and its streamed text. */
const call = fc.oneof(
  fc.record({
    ...named,
    kind: fc.constant('function'),
    member: fc.constant('arguments'),
    given: fc.oneof(text, fc.json()),
  }),
  fc.record({ ...named, kind: fc.constant('custom'), member: fc.constant('input'), given: text }),
);

const choice = fc.record({
  reasoning: maybe(text),
  content: maybe(text),
  refusal: maybe(text),
  calls: fc.array(call, { maxLength: 4 }),
  finish_reason: fc.constantFrom('stop', 'tool_calls', 'length'),
  cuts: fc.array(fc.nat({ max: 80 }), { maxLength: 6 }),
});

type Call = typeof call extends fc.Arbitrary<infer T> ? T : never;
type Choice = typeof choice extends fc.Arbitrary<infer T> ? T : never;

function whole({ reasoning, content, refusal, calls, finish_reason }: Choice, index: number): object {
  const tool_calls = calls.map(({ id, kind, name, member, given }) => ({
    id,
    type: kind,
    [kind]: { name, [member]: given },
  }));
  return { index, finish_reason, message: { role: 'assistant', reasoning, content, refusal, tool_calls } };
}

/** The deltas of the choice: each text cut at the same places, the tool calls interleaved. */
function deltas({ reasoning, content, refusal, calls, cuts }: Choice): readonly object[] {
  const pieces = (value: string | undefined): readonly string[] => {
    const ends = [...cuts.filter((cut) => cut < (value ?? '').length).sort((a, b) => a - b), undefined];
    return value === undefined ? [] : ends.map((end, index) => value.slice(ends[index - 1] ?? 0, end));
  };
  const of = (name: string, value: string | undefined) => pieces(value).map((piece) => ({ [name]: piece }));
  const begun = ({ id, kind, name, member }: Call, index: number) => ({
    tool_calls: [{ index, id, type: kind, [kind]: { name, [member]: '' } }],
  });
  const going = ({ kind, member, given }: Call, index: number) =>
    pieces(given).map((piece) => ({ tool_calls: [{ index, [kind]: { [member]: piece } }] }));
  return [
    { role: 'assistant', content: '' },
    ...of('reasoning', reasoning),
    ...of('content', content),
    ...of('refusal', refusal),
    ...calls.map(begun),
    ...interleaved(calls.map(going)),
  ];
}

/** One element of each list in turn. */
function interleaved<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, place) =>
    lists.flatMap((list) => list.slice(place, place + 1)),
  ).flat();
}

test('for any cuts of deltas, a stream has the facts of the response without streaming', () => {
  const choices = fc.array(choice, { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(choices, fc.boolean(), (given, backwards) => {
      const said = { id: 'chatcmpl-1', model: 'gpt' };
      const usage = { prompt_tokens: 3, completion_tokens: 9 };
      const bodies = given.map((one, index) => [
        ...deltas(one).map((delta) => ({ index, delta, finish_reason: null })),
        { index, delta: {}, finish_reason: one.finish_reason },
      ]);
      const chunks = interleaved(backwards ? bodies.toReversed() : bodies).map((one) => ({
        ...said,
        choices: [one],
      }));
      const events = [...chunks, { ...said, choices: [], usage }].map(
        (chunk): StreamedEvent => [undefined, JSON.stringify(chunk)],
      );
      const body = { ...said, usage, choices: given.map(whole) };
      const expected = openAiChat.readResponse(JSON.parse(JSON.stringify(body)));
      expect(factsOf(openAiChat, events)).toMatchObject({ ...expected });
    }),
    { numRuns: 500 },
  );
});
