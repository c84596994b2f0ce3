import { BodyEvidence } from '../../src/verdict/body-evidence.js';
import { isOrdinaryAnswer } from '../../src/verdict/ordinary-answer.js';
import { isStreamed, judge } from '../../src/verdict/verdict.js';
import fc, { runs } from '../support/property.js';

type Members = Record<string, unknown>;

const CHAT = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_790_000_000,
  model: 'gpt-4o-mini',
  choices: [
    { index: 0, message: { role: 'assistant', content: 'Yes.' }, logprobs: null, finish_reason: 'stop' },
  ],
  usage: { prompt_tokens: 8, completion_tokens: 2, total_tokens: 10 },
  service_tier: 'default',
  system_fingerprint: 'fp_1',
};
const MESSAGE = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5',
  content: [{ type: 'text', text: 'Yes.' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 8, output_tokens: 2 },
};
const GEMINI = {
  candidates: [{ content: { parts: [{ text: 'Yes.' }], role: 'model' }, finishReason: 'STOP', index: 0 }],
  usageMetadata: { promptTokenCount: 8, candidatesTokenCount: 2 },
  modelVersion: 'gemini-2.5-flash',
  responseId: 'r1',
};

test.each([
  ['chat completion', CHAT],
  ['message', MESSAGE],
  ['Gemini response', GEMINI],
])('a complete %s is ordinary, in any spelling of its JSON', (_, answer) => {
  expect(isOrdinaryAnswer(JSON.stringify(answer))).toBe(true);
  expect(isOrdinaryAnswer(JSON.stringify(answer, null, 2))).toBe(true);
});

test.each([
  ['truncated JSON', JSON.stringify(CHAT).slice(0, -1)],
  ['two values', `${JSON.stringify(CHAT)}${JSON.stringify(CHAT)}`],
  ['a list', JSON.stringify([GEMINI])],
  ['no object', '"text"'],
  ['no choices', JSON.stringify({ ...CHAT, choices: [] })],
  ['a choice that is null', JSON.stringify({ ...CHAT, choices: [null] })],
  ['an error beside the answer', JSON.stringify({ ...CHAT, error: { message: 'overloaded' } })],
  [
    'an error in a choice',
    JSON.stringify({ ...CHAT, choices: [{ ...CHAT.choices[0], error: { code: 502 } }] }),
  ],
  ['a refused answer', JSON.stringify({ ...MESSAGE, stop_reason: 'refusal' })],
  ['an answer without an end', JSON.stringify({ ...GEMINI, candidates: [{ index: 0 }] })],
  ['a chunk of a stream', JSON.stringify({ ...CHAT, object: 'chat.completion.chunk' })],
])('not ordinary: %s', (_, text) => {
  expect(isOrdinaryAnswer(text)).toBe(false);
});

/** Names that the verdict reads, and one that it ignores. */
const NAMES = [
  ...['error', 'errors', 'message', 'detail', 'code', 'status', 'success', 'base_resp', 'type', 'event_type'],
  ...[
    'object',
    'done',
    'done_reason',
    'finish_reason',
    'finishReason',
    'stop_reason',
    'stopReason',
    'results',
  ],
  ...['choices', 'candidates', 'content', 'output', 'outputs', 'delta', 'promptFeedback', 'response', 'id'],
  ...[
    'background',
    'incomplete_details',
    'status_details',
    'steps',
    'urls',
    'serverContent',
    'x_groq',
    'new',
  ],
];

const VALUES = fc.oneof(
  fc.constantFrom<unknown>(
    ...[null, true, false, 0, 503, '', 'stop', 'STOP', 'end_turn', 'refusal', 'error', 'failed', 'queued'],
    ...['chat.completion', 'chat.completion.chunk', 'message', 'response', 'message_stop', 'response.failed'],
    ...[
      [],
      [null],
      [{}],
      {},
      { error: 'x' },
      { message: 'x' },
      { blockReason: 'SAFETY' },
      { turnComplete: true },
    ],
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

const change = fc.record({
  where: fc.constantFrom('top', 'answer'),
  name: fc.constantFrom(...NAMES),
  value: VALUES,
  removes: fc.boolean(),
});

function changed(
  answer: Members,
  changes: readonly (typeof change extends fc.Arbitrary<infer C> ? C : never)[],
) {
  const copy: Members = JSON.parse(JSON.stringify(answer));
  for (const { where, name, value, removes } of changes) {
    const [inner] = [copy['choices'], copy['candidates']].flat() as (Members | null | undefined)[];
    const target = where === 'answer' && typeof inner === 'object' && inner !== null ? inner : copy;
    if (removes) delete target[name];
    else target[name] = structuredClone(value);
  }
  return copy;
}

test('an ordinary response is completed by the full verdict, without an error', () => {
  let ordinary = 0;
  fc.assert(
    fc.property(
      fc.constantFrom<Members>(CHAT, MESSAGE, GEMINI),
      fc.array(change, { maxLength: 3 }),
      (answer, changes) => {
        const text = JSON.stringify(changed(answer, changes));
        if (!isOrdinaryAnswer(text)) return;
        ordinary += 1;
        const evidence = new BodyEvidence();
        evidence.add(Buffer.from(text));
        const body = evidence.end();
        const exchange = {
          ...{ isCall: true, method: 'POST', statusCode: 200, contentType: 'application/json', body },
          ...({ contentLength: undefined, size: text.length, ending: 'clean', isStalled: false } as const),
          ...{ isBodySeen: true, isBeginning: false },
        };
        expect(judge(exchange)).toEqual({ status: 'completed' });
        expect(isStreamed(body)).toBe(false);
        expect(body.findings).toMatchObject({ fault: undefined, response: undefined, cancelled: false });
      },
    ),
    { numRuns: runs(100_000, 3_000) },
  );
  expect(ordinary).toBeGreaterThan(100);
});
