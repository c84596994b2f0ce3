import fc, { runs } from '../support/property.js';
import type { Cut, FieldExchange } from './exchange.js';
import { answeredBy, readFixtures } from './fixtures.js';
import { expectAsByFetch, overNodeHttp } from './node-http.js';
import { NOTHING, type Outcome, outcomesOf } from './outcomes.js';

const FIXTURES = readFixtures();

/** The fixtures that are not completed. */
const FAILED: Readonly<Record<string, string>> = {
  'anthropic-overloaded.sse': 'error overloaded',
  'anthropic-refusal.sse': 'error content_filter',
  'gemini-blocked.sse': 'error content_filter',
  'gemini-broken.sse': 'error overloaded',
  'gemini-overloaded.sse': 'error overloaded',
  'openai-error.sse': 'error generic',
  'openai-openrouter-error.sse': 'error generic',
  'openai-responses-error.sse': 'error rate_limit',
  'openai-responses-failed.sse': 'error generic',
  'openai-vllm-error.sse': 'error generic',
};

const keptOf = (outcome: Outcome): Outcome => (outcome.status === 'error' ? outcome : NOTHING);

/** The recordings of both captures, with the bytes cut in each of these ways. */
async function inBoth(exchanges: readonly FieldExchange[], cuts: readonly Cut[]) {
  const full: Outcome[][] = [];
  const errors: Outcome[][] = [];
  for (const cut of cuts) {
    full.push(await outcomesOf(exchanges, 'full', cut));
    errors.push(await outcomesOf(exchanges, 'errors', cut));
  }
  return { full, errors };
}

test('recorded responses have the same outcome in both captures, regardless of chunk boundaries', async () => {
  const { full, errors } = await inBoth(FIXTURES, ['whole', 'bytes', { random: 7 }]);
  const [whole = []] = full;
  const named = whole.map(({ status, kind = '' }, index) => [
    FIXTURES[index]?.name,
    `${status} ${kind}`.trim(),
  ]);
  expect(Object.fromEntries(named)).toEqual(
    Object.fromEntries(FIXTURES.map(({ name }) => [name, FAILED[name] ?? 'completed'])),
  );
  expect(full).toEqual(full.map(() => whole));
  expect(errors).toEqual(errors.map(() => whole.map(keptOf)));
});

test('their outcomes are the same over node:http as by fetch', async () => {
  const byFetch = await outcomesOf(FIXTURES, 'full', 'whole');
  const byNodeHttp = await overNodeHttp(FIXTURES);
  for (const index of FIXTURES.keys()) expectAsByFetch(byNodeHttp, index, byFetch[index]);
}, 60_000);

/** Changes of the events of a stream in transit. */
type Edit = (events: readonly string[], at: number) => readonly string[];

const INSERTED = [
  'data: {"error":{"message":"It broke.","type":"server_error"}}',
  '{"error":{"message":"It broke.","type":"server_error"}}',
  'error: it broke',
  'data: [DONE]',
  ': keep-alive',
  'event: error\ndata: {"type":"error","error":{"type":"api_error","message":"It broke."}}',
  'data: {"choices":[{"index":0,"delta":{"content":"an \\"error\\": {} in text"},"finish_reason":null}]}',
  'data: {"half of an error',
  '<html><title>502</title></html>',
];

const EDITS: readonly Edit[] = [
  (events, at) => events.filter((_, index) => index !== at),
  (events, at) => [...events.slice(0, at + 1), ...events.slice(at)],
  (events, at) => events.map((event, index) => (index === at ? event.replace(/^data: ?/gm, '') : event)),
  (events, at) => events.map((event, index) => (index === at ? event.slice(0, event.length >> 1) : event)),
  (events, at) => events.map((event, index) => (index === at ? event.replaceAll('\n', '\r\n') : event)),
  (events, at) =>
    events.map((event, index) => (index === at ? `${event}\n${events[index + 1] ?? ''}` : event)),
  (events, at) => [...events.slice(at), ...events.slice(0, at)],
  (events, at) => events.slice(0, at),
  ...INSERTED.map(
    (text): Edit =>
      (events, at) => [...events.slice(0, at), text, ...events.slice(at)],
  ),
];

const edited = fc
  .tuple(
    fc.constantFrom(...FIXTURES.map(({ name }) => name)),
    fc.array(fc.tuple(fc.nat(EDITS.length - 1), fc.nat(40)), { minLength: 1, maxLength: 3 }),
    fc.boolean(),
  )
  .map(([name, edits, isUnderOtherType]) => {
    const text = FIXTURES.find((fixture) => fixture.name === name)?.text ?? '';
    const events = edits.reduce<readonly string[]>(
      (before, [edit, at]) => EDITS[edit]?.(before, at % Math.max(before.length, 1)) ?? before,
      text.split(/\r?\n\r?\n/),
    );
    const exchange = answeredBy(name, events.join('\n\n'));
    const { headers } = exchange.response;
    return isUnderOtherType
      ? { ...exchange, response: { ...exchange.response, headers: { 'content-type': 'text/plain' } } }
      : { ...exchange, response: { ...exchange.response, headers } };
  });

test('random edits of them have equal outcomes in both captures, regardless of chunk boundaries', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(edited, { minLength: 20, maxLength: 20 }),
      fc.nat(),
      async (exchanges, random) => {
        const { full, errors } = await inBoth(exchanges, ['whole', { random }]);
        const [whole = [], cut] = full;
        expect(whole.map(({ status }) => status)).toEqual(
          whole.map(() => expect.stringMatching(/^(?:completed|error)$/)),
        );
        expect(cut).toEqual(whole);
        expect(errors).toEqual([whole.map(keptOf), whole.map(keptOf)]);
      },
    ),
    { numRuns: runs(60, 4) },
  );
}, 240_000);
