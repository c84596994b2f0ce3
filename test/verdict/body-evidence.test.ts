import { BodyEvidence } from '../../src/verdict/body-evidence.js';
import { awsEvent, awsException } from '../support/aws-event-stream.js';
import fc, { runs } from '../support/property.js';
import { cutAt } from '../wire/cuts.js';

/** The evidence in the bytes of a body on which the verdict depends. */
function said(pieces: readonly Uint8Array[]): object {
  const evidence = new BodyEvidence();
  for (const piece of pieces) evidence.add(piece);
  const { framing, isWhole, firstLine, findings } = evidence.end();
  const { fault, possibleError, finished, terminated, cancelled, hasAnswer, lastEvent, response } = findings;
  return {
    framing,
    isWhole,
    firstLine,
    fault,
    possibleError,
    finished,
    terminated,
    cancelled,
    hasAnswer,
    lastEvent,
    response,
  };
}

const WORDS = [
  'data: ',
  'data:{"error":{"message":"It broke."}}',
  'event: error\n',
  '{"choices":[{"index":0,"delta":{"content":"an error"},"finish_reason":null}]}',
  '{"choices":[{"delta":{},"finish_reason":"stop"}]}',
  '{"candidates":[{"finishReason":"SAFETY"}]}',
  '[DONE]',
  '{"type":"response.completed","response":{"id":"r","status":"completed","background":true}}',
  ': keep-alive',
  '\n',
  '\n\n',
  '\r\n',
  '\r',
  '[',
  ']',
  ',',
  '"',
  '\\',
  '{',
  '}',
  '\uFEFF',
  'ü€😀',
  ' ',
  'error',
  '<html>',
  '\0',
];
const MESSAGES = [
  awsEvent('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'an error' } }),
  awsEvent('messageStop', { stopReason: 'end_turn' }),
  awsEvent('metadata', { text: 'x'.repeat(70_000) }),
  awsException('throttlingException', 'Slow down.'),
];
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.array(fc.constantFrom(...WORDS), { maxLength: 60 }).map((words) => Buffer.from(words.join(''))),
  fc
    .array(fc.oneof(fc.constantFrom(...MESSAGES), fc.uint8Array({ maxLength: 4 })), { maxLength: 12 })
    .map((messages) => Buffer.concat(messages)),
  // Longer than a block, and than an event and a value that are read whole.
  fc
    .tuple(
      fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 30_000 }),
    )
    .map(([words, times]) =>
      Buffer.from(words.join('').repeat(Math.ceil(times / words.length))).subarray(0, 400_000),
    ),
);

test('the result does not depend on chunk boundaries', () => {
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(400_000), { maxLength: 40 }), (body, places) => {
      expect(said(cutAt(body, places))).toEqual(said([body]));
    }),
    { numRuns: runs(400, 200) },
  );
});

test('the result does not depend on reusing the memory of chunks already read', () => {
  const evidence = new BodyEvidence();
  const piece = Buffer.from(`data: {"choices":[{"delta":{"content":"${'x'.repeat(20_000)}"}}]}\n\n`);
  evidence.add(piece);
  evidence.add(Buffer.from('data: [DONE]\n\n'));
  expect(evidence.end().findings).toMatchObject({ finished: true, lastEvent: '[DONE]' });
});

test('without memory in the budget, JSON is recognised and not parsed', () => {
  const none = { fits: () => false, take: () => false, release: () => {} };
  const answer = JSON.stringify({
    choices: [{ message: { content: 'x'.repeat(100_000) }, finish_reason: 'stop' }],
  });
  const evidence = new BodyEvidence(none);
  for (const piece of cutAt(Buffer.from(answer), [20_000, 40_000, 60_000])) evidence.add(piece);
  expect(evidence.end()).toMatchObject({ framing: 'json', isWhole: true, value: undefined });
});

test('all memory is released', () => {
  let held = 0;
  const budget = {
    fits: () => true,
    take: (size: number) => {
      held += size;
      return true;
    },
    release: (size: number) => {
      held -= size;
    },
  };
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(400_000), { maxLength: 40 }), fc.boolean(), (body, places, isRead) => {
      const evidence = new BodyEvidence(budget);
      for (const piece of cutAt(body, places)) evidence.add(piece);
      if (isRead) evidence.end();
      else evidence.release();
      expect(held).toBe(0);
    }),
    { numRuns: runs(250, 50) },
  );
});
