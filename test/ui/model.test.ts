import { execFileSync } from 'node:child_process';
import type { Card, Fields, Span } from '../../src/debug-tab/contract.js';
import { absentOfRun } from '../../src/ui/model/absent.js';
import { differences } from '../../src/ui/model/compare.js';
import { curlCommand, quoted } from '../../src/ui/model/curl.js';
import { laidOut } from '../../src/ui/model/json-text.js';
import { messages } from '../../src/ui/model/messages.js';
import { requestShape } from '../../src/ui/model/request-shape.js';
import { runTree } from '../../src/ui/model/run-tree.js';
import { waterfall } from '../../src/ui/model/waterfall.js';
import fc, { CODE_POINT, runs } from '../support/property.js';

describe('curl', () => {
  test('a shell reads quoted text as one word, for any text', () => {
    const words = fc.array(fc.string({ unit: CODE_POINT }), { minLength: 50, maxLength: 50 });
    fc.assert(
      fc.property(words, (texts) => {
        const ends = texts.map((text) => text.replaceAll('\0', ''));
        const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${texts.map(quoted).join(' ')}`]);
        expect(printed).toEqual(Buffer.from(`${ends.join('\0')}\0`));
      }),
      { numRuns: runs(50, 2) },
    );
  });

  const EXCHANGE: Fields = {
    'http.request.method': 'POST',
    'url.full': 'https://api.example.com/v1/chat?key=[REDACTED]',
    'http.request.header.authorization': ['[REDACTED]'],
    'http.request.header.content-length': ['12'],
    'http.request.header.@/etc/passwd': ['a'],
    'chatdebug.attempt.request_body': `{"text":"it's"}`,
  };

  test('a command has the request, and warns about redacted parts', () => {
    expect(curlCommand(EXCHANGE)).toEqual({
      command: [
        "curl --globoff --request POST --url 'https://api.example.com/v1/chat?key=[REDACTED]'",
        "--header 'authorization: [REDACTED]'",
        `--data-raw '{"text":"it'\\''s"}'`,
      ].join(' \\\n  '),
      warnings: ['Secrets are redacted: put your own in the place of [REDACTED].'],
    });
  });

  test.each<[why: string, change: Fields]>([
    ['another scheme', { 'url.full': 'file:///etc/passwd' }],
    ['no address', { 'url.full': '' }],
    ['an invalid method', { 'http.request.method': 'GET; rm' }],
  ])('no command for %s', (_, change) => {
    expect(curlCommand({ ...EXCHANGE, ...change })).toBeUndefined();
  });
});

test('a comparison transforms one list into the other', () => {
  const list = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 });
  fc.assert(
    fc.property(list, list, (before, after) => {
      const lines = differences(before, after);
      const without = (change: string) =>
        lines.filter((line) => line.change !== change).map(({ item }) => item);
      expect(without('added')).toEqual(before);
      expect(without('removed')).toEqual(after);
      if (before.join() === after.join()) expect(lines.every(({ change }) => change === 'same')).toBe(true);
    }),
    { numRuns: runs(1_000) },
  );
});

test('JSON is formatted without changes, and other text stays unchanged', () => {
  fc.assert(
    fc.property(fc.json(), (json) => expect(JSON.parse(laidOut(json))).toEqual(JSON.parse(json))),
    { numRuns: runs(1_000) },
  );
  expect(laidOut('{"id":12345678901234567890,"a":[],"a":[1,"x\\"]"]}')).toBe(
    '{\n  "id": 12345678901234567890,\n  "a": [],\n  "a": [\n    1,\n    "x\\"]"\n  ]\n}',
  );
  const cut = fc.tuple(fc.json(), fc.nat()).map(([json, length]) => json.slice(0, length % json.length));
  fc.assert(
    fc.property(cut, (text) => {
      if (laidOut(text) !== text) expect(JSON.parse(laidOut(text))).toEqual(JSON.parse(text));
    }),
    { numRuns: runs(1_000) },
  );
  expect(laidOut('data: {"a":1}')).toBe('data: {"a":1}');
});

test('messages of any form are read', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const read = messages({ name: JSON.stringify([value, { role: 'user', parts: [value] }]) }, 'name');
      expect(read).toHaveLength(2);
      for (const { role, parts } of read ?? [])
        for (const text of [role, ...parts.flatMap(({ title, content }) => [title, content])])
          expect(typeof text).toBe('string');
    }),
    { numRuns: runs(1_000) },
  );
});

test('messages after omitted ones keep their numbers', () => {
  const shape = { messages_left_out: 7, messages: [['system'], ['user', 'text 2'], ['tool']] };
  const read = requestShape({ 'chatdebug.request.shape': JSON.stringify(shape) });
  expect(read?.messages.map(({ index, role }) => [index, role])).toEqual([
    [0, 'system'],
    [8, 'user'],
    [9, 'tool'],
  ]);
});

const span = (spanId: string, startedAt: number, attributes: Fields, parentSpanId?: string): Span => ({
  traceId: 't',
  spanId,
  ...(parentSpanId !== undefined && { parentSpanId }),
  name: spanId,
  startedAt,
  durationMillis: 100,
  attributes,
  events: [],
  isOwn: true,
});

describe('a run in errors capture', () => {
  const absent = (capture: string) => {
    const run: Card = {
      id: 'r',
      kind: 'chat_turn',
      status: 'error',
      capture: 'errors',
      startedAt: 0,
      stepCount: 4,
      usage: {},
    };
    const ids = { 'chatdebug.run.id': 'r', 'chatdebug.capture': capture };
    const step = span('step', 1, { ...ids, 'chatdebug.step.number': 4 }, 'run');
    return absentOfRun(run, runTree({ run, spans: [span('run', 0, { 'chatdebug.run.id': 'r' }), step] }));
  };

  test('has no content, with its reason', () => {
    expect(absent('errors')).toEqual([
      expect.stringMatching(
        /^Recorded in errors capture: without headers, .* set the option failureContent\.$/,
      ),
      'Steps that did not fail and are not recorded: 3.',
    ]);
  });

  test('with failureContent has the content of its failed calls', () => {
    expect(absent('full')).toEqual([
      'Recorded in errors capture with failureContent: only calls that failed have their content.',
      'Steps that did not fail and are not recorded: 3.',
    ]);
  });
});

describe('the timeline', () => {
  const attempt = (number: number, duration: number): Fields => ({
    'chatdebug.attempt.number': number,
    'chatdebug.attempt.status': 'failed',
    'chatdebug.attempt.duration_ms': duration,
    'chatdebug.attempt.retry_after_ms': 25,
  });
  const step = span('step', 1_000, { 'chatdebug.step.number': 1, 'chatdebug.run.id': 'r' });
  const events = [
    { name: 'chatdebug.attempt', at: 1_000, attributes: attempt(1, 10) },
    { name: 'chatdebug.attempt', at: 1_040, attributes: attempt(2, 20) },
    { name: 'chatdebug.attempt', at: 1_080, attributes: attempt(9, 20) },
  ];
  const spans = events.map(({ at, attributes }) => span(`attempt-${at}`, at, attributes, 'step'));

  test.each<[form: string, spans: readonly Span[]]>([
    ['events', [{ ...step, events }]],
    ['spans', [step, ...spans]],
    ['both', [{ ...step, events }, ...spans]],
  ])('has attempts written as %s, with the pauses between consecutive ones', (_, given) => {
    const { rows, totalMillis } = waterfall(given);
    expect(totalMillis).toBe(100);
    expect(rows).toMatchObject([
      { type: 'step', depth: 0, offsetMillis: 0 },
      { type: 'attempt', depth: 1, offsetMillis: 0, durationMillis: 10 },
      { type: 'pause', depth: 1, offsetMillis: 10, durationMillis: 30, askedMillis: 25 },
      { type: 'attempt', depth: 1, offsetMillis: 40, durationMillis: 20 },
      { type: 'attempt', depth: 1, offsetMillis: 80, durationMillis: 20 },
    ]);
  });

  test('has every span once, regardless of their parents', () => {
    const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(ids, ids, fc.nat(50)), { selector: ([id]) => id }), (links) => {
        const given = links.map(([id, parent, at]) => span(id, at, {}, parent));
        const { rows } = waterfall(given);
        expect(rows.map(({ key }) => key).sort()).toEqual(given.map(({ spanId }) => spanId).sort());
      }),
      { numRuns: runs(1_000) },
    );
  });
});
