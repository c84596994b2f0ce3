import { MAX_EVENT_LENGTH, SseReader } from '../../../src/wire/stream/framings.js';
import fc, { CODE_POINT } from '../../support/property.js';
import { cutAt } from '../cuts.js';

type Event = readonly [event: string | undefined, data: string];

function read(chunks: readonly Uint8Array[]): { readonly events: Event[]; readonly skipped: number } {
  const events: Event[] = [];
  const reader = new SseReader((event, data) => events.push([event, data]));
  for (const chunk of chunks) reader.add(chunk);
  reader.end();
  return { events, skipped: reader.skipped };
}

const eventsOf = (...texts: readonly string[]) => read(texts.map((text) => Buffer.from(text))).events;

test.each<[what: string, text: string, events: Event[]]>([
  [
    'data alone',
    'data: a\n\ndata: b\n\n',
    [
      [undefined, 'a'],
      [undefined, 'b'],
    ],
  ],
  ['a name', 'event: ping\ndata: {}\n\n', [['ping', '{}']]],
  [
    'CRLF',
    'event: ping\r\ndata: {}\r\n\r\ndata: b\r\n\r\n',
    [
      ['ping', '{}'],
      [undefined, 'b'],
    ],
  ],
  [
    'CR',
    'event: ping\rdata: {}\r\rdata: b\r\r',
    [
      ['ping', '{}'],
      [undefined, 'b'],
    ],
  ],
  ['a byte order mark', '\ufeffdata: a\n\n', [[undefined, 'a']]],
  [
    'comments, ids, retries, unknown fields',
    ': hello\nid: 1\nretry: 5\nfoo: x\nbar\ndata: a\n\n',
    [[undefined, 'a']],
  ],
  ['several lines of data', 'data: a\ndata:\ndata:  b\n\n', [[undefined, 'a\n\n b']]],
  ['no space behind the colon', 'event:x\ndata:[DONE]\n\n', [['x', '[DONE]']]],
  ['a name without data', 'event: x\n\ndata: a\n\n', [[undefined, 'a']]],
  ['empty data', 'data\n\n', [[undefined, '']]],
  ['nothing', '', []],
  ['no final blank line', 'data: a\n\ndata: b\n', [[undefined, 'a']]],
  ['no final line break', 'data: a\n\ndata: b', [[undefined, 'a']]],
  [
    'half of a CRLF at the end',
    'data: a\r\n\r\ndata: b\r\n\r',
    [
      [undefined, 'a'],
      [undefined, 'b'],
    ],
  ],
])('reads %s', (_, text, events) => {
  expect(eventsOf(text)).toEqual(events);
});

test('a split character is joined, and invalid UTF-8 becomes U+FFFD', () => {
  const [first, second] = cutAt(Buffer.from('data: 模\n\n'), [7]);
  expect(read([first ?? Buffer.of(), second ?? Buffer.of()]).events).toEqual([[undefined, '模']]);
  expect(read([Buffer.from('data: a\xff\xc3\n\ndata: b\n\n', 'latin1')]).events).toEqual([
    [undefined, 'a\ufffd\ufffd'],
    [undefined, 'b'],
  ]);
});

test('events do not depend on chunk boundaries', () => {
  const lineBreak = fc.constantFrom('\n', '\r\n', '\r');
  const text = fc.oneof(fc.string({ unit: CODE_POINT }), fc.constantFrom('[DONE]', '{"a":"é模😀"}', ' ', ''));
  const line = fc.oneof(
    fc
      .tuple(fc.constantFrom('data: ', 'data:', 'event: ', 'id: ', ': ', ':', 'retry: ', 'x: ', ''), text)
      .map((parts) => parts.join('')),
    fc.constant(''),
  );
  const body = fc
    .tuple(
      fc.constantFrom('', '\ufeff'),
      fc.array(
        fc.tuple(line, lineBreak).map((parts) => parts.join('')),
        { maxLength: 30 },
      ),
    )
    .map(([mark, lines]) => Buffer.from(mark + lines.join('')));
  fc.assert(
    fc.property(body, fc.array(fc.nat(400)), (bytes, cuts) => {
      const whole = read([bytes]);
      expect(read(cutAt(bytes, cuts))).toEqual(whole);
      expect(read([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(whole);
    }),
    { numRuns: 200 },
  );
});

test('any bytes in any chunks', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (chunks) => {
      expect(read(chunks)).toEqual(read([Buffer.concat(chunks)]));
    }),
  );
});

describe.each([
  ['LF', '\n'],
  ['CRLF', '\r\n'],
  ['CR', '\r'],
])('with lines that end in %s', (_, lineBreak) => {
  const event = (...lines: readonly string[]) => [...lines, '', ''].join(lineBreak);
  const around = (...lines: readonly string[]) =>
    Buffer.from(
      event('data: before') + event(...lines) + event('event: e', 'data: after') + event('data: last'),
    );
  const rest = [
    [undefined, 'before'],
    ['e', 'after'],
    [undefined, 'last'],
  ];

  test.each([
    ['on one line', [`data: ${'x'.repeat(5_000_000)}`]],
    ['on many', Array.from({ length: 5_000 }, () => `data: ${'x'.repeat(1_000)}`)],
  ])('an event of 5 MB %s is skipped, regardless of chunk boundaries', (_where, lines) => {
    const bytes = around(...lines);
    const pieces = Array.from({ length: 80 }, (_none, index) => index * 65_536);
    for (const cuts of [[], pieces, [bytes.length - 100]]) {
      expect(read(cutAt(bytes, cuts))).toEqual({ events: rest, skipped: 1 });
    }
  });

  test.each([1, 1_024, 1_025, 1_040])(
    'an event %i bytes too long is skipped, cut anywhere about its end',
    (excess) => {
      const bytes = around('event: long', `data: ${'x'.repeat(MAX_EVENT_LENGTH + excess)}`);
      const behind = bytes.lastIndexOf('event: e');
      const nearEnd = Array.from({ length: 12 }, (_none, index) => behind - 8 + index);
      for (const cuts of [...nearEnd.map((cut) => [cut]), nearEnd]) {
        expect(read(cutAt(bytes, cuts))).toEqual({ events: rest, skipped: 1 });
      }
    },
  );

  test('the longest allowed event is read, regardless of chunk boundaries', () => {
    const bytes = around('event: long', `data: ${'x'.repeat(MAX_EVENT_LENGTH)}`);
    const behind = bytes.lastIndexOf('event: e');
    for (const cut of [0, 500_000, behind - 3, behind - 2, behind - 1, behind, behind + 1]) {
      const { events, skipped } = read(cutAt(bytes, [cut]));
      expect([events.map(([, data]) => data.length), skipped]).toEqual([[6, MAX_EVENT_LENGTH, 5, 4], 0]);
    }
  });
});

test('a listener that throws gets each event once, and the next ones', () => {
  const seen: string[] = [];
  const reader = new SseReader((_event, data) => {
    seen.push(data);
    throw new Error('broken');
  });
  for (const chunk of ['data: a\n\nda', 'ta: b\n\n', 'data: c\n\n']) reader.add(Buffer.from(chunk));
  reader.end();
  expect(seen).toEqual(['a', 'b', 'c']);
});
