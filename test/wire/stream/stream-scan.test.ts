import type { StreamSigns } from '../../../src/wire/format';
import { SseReader } from '../../../src/wire/stream/sse.js';
import { ERROR_BYTES, StreamScan, TAIL_BYTES } from '../../../src/wire/stream/stream-scan.js';
import fc, { runs } from '../../support/property.js';
import { cutAt } from '../cuts.js';

const SIGNS: StreamSigns = {
  error: ['\nevent: error', '{"error":', '"Fehler é":'],
  terminal: ['data: [DONE]', '"type":"response.completed"'],
};

function scan(chunks: readonly (Uint8Array | string)[], signs = SIGNS): StreamScan {
  const made = new StreamScan(signs);
  for (const chunk of chunks) made.add(Buffer.from(chunk));
  return made;
}

function said(made: StreamScan) {
  return {
    terminated: made.terminated,
    failed: made.failed,
    error: made.error(),
    lastEvent: made.lastEvent(),
  };
}

const delta = (length = 150) => `event: delta\ndata: {"type":"delta","text":"${'x'.repeat(length)}"}\n\n`;
const failure = 'event: error\ndata: {"type":"error","error":{"message":"Overloaded"}}\n\n';
const failureData = '{"type":"error","error":{"message":"Overloaded"}}';

const NOTHING = { terminated: false, failed: false, error: undefined, lastEvent: undefined };

test.each<[what: string, chunks: string[], said: Partial<typeof NOTHING> | object]>([
  ['nothing at all', [], {}],
  ['an empty chunk', [''], {}],
  [
    'a healthy stream',
    [delta(), 'data: {"object":"chunk"}\n\n', 'data: [DONE]\n\n'],
    { terminated: true, lastEvent: '[DONE]' },
  ],
  [
    'a name in the data',
    [delta(), 'data: {"object":"o","type":"response.completed"}\n\n'],
    { terminated: true, lastEvent: 'response.completed' },
  ],
  ['an object in the data', ['data: {"object":"chunk","type":5}\n\n'], { lastEvent: 'chunk' }],
  ['data without a name', [delta(), 'data: {"candidates":[]}\n\n'], {}],
  ['data that are no object', [delta(), 'data: [1]\n\n'], {}],
  ['an event that is not whole', [delta(), 'event: late\ndata: {}\n'], { lastEvent: 'delta' }],
  ['an error first of all', [failure], { failed: true, error: failureData, lastEvent: 'error' }],
  [
    'an error in the middle',
    [delta(), failure, delta()],
    { failed: true, error: failureData, lastEvent: 'delta' },
  ],
  [
    'two errors',
    [failure, failure.replace('Overloaded', 'Again')],
    { failed: true, error: failureData, lastEvent: 'error' },
  ],
  [
    'an error by its data',
    [delta(), 'id: 7\ndata: {"error":{"code":1}}\n\ndata: [DONE]\n\n'],
    { failed: true, error: '{"error":{"code":1}}', terminated: true, lastEvent: '[DONE]' },
  ],
  [
    'data of several lines',
    ['event: x\ndata: {\ndata: "a":1,\ndata: "b":{"error":{}}}\n\n'],
    { failed: true, error: '{\n"a":1,\n"b":{"error":{}}}', lastEvent: 'x' },
  ],
  [
    'CRLF',
    [failure.replaceAll('\n', '\r\n'), delta().replaceAll('\n', '\r\n')],
    { failed: true, error: failureData, lastEvent: 'delta' },
  ],
  ['CR', ['data: a\r\rdata: {"error":1}\r\rdata: b\r\r'], { failed: true, error: '{"error":1}' }],
  ['an error that is not whole', ['data: {"error":{"mess'], { failed: true, error: '{"error":{"mess' }],
  ['an error without data', ['\nevent: error\n\n', delta()], { failed: true, lastEvent: 'delta' }],
  ['a sign that is not ASCII', ['data: {"Fehler é":"ü"}\n\n'], { failed: true, error: '{"Fehler é":"ü"}' }],
  [
    'signs inside JSON text',
    [`data: ${JSON.stringify({ type: 't', text: '\nevent: error {"error":' })}\n\n`],
    { lastEvent: 't' },
  ],
])('%s', (_, chunks, expected) => {
  expect(said(scan(chunks))).toEqual({ ...NOTHING, ...expected });
  expect(said(scan([...chunks.join('')]))).toEqual({ ...NOTHING, ...expected });
});

test('finds what a search in all bytes finds, whatever the cuts and whenever it is asked', () => {
  const part = fc.oneof(
    fc.constantFrom(...SIGNS.error, ...SIGNS.terminal),
    fc
      .tuple(fc.constantFrom(...SIGNS.error, ...SIGNS.terminal), fc.nat(12))
      .map(([sign, end]) => sign.slice(0, end)),
    fc.nat(1_500).map((length) => 'x'.repeat(length)),
    fc.nat(1_500).map((length) => delta(length)),
    fc.constantFrom('\n', '\n\n', '\r\n', 'é模', 'event: a\n'),
  );
  const body = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''));
  const cuts = fc.array(fc.nat(6_000));
  fc.assert(
    fc.property(body, cuts, fc.boolean(), (text, places, asking) => {
      const made = new StreamScan(SIGNS);
      for (const chunk of cutAt(Buffer.from(text), places)) {
        made.add(chunk);
        if (asking) said(made);
      }
      const found = (signs: readonly string[]) => signs.some((sign) => `\n${text}`.includes(sign));
      expect([made.failed, made.terminated]).toEqual([found(SIGNS.error), found(SIGNS.terminal)]);
      expect(said(made)).toEqual(said(scan([text])));
    }),
    { numRuns: runs(1_000) },
  );
});

test('names the same last event as a reader of the whole stream', () => {
  const lineBreak = fc.constantFrom('\n', '\r\n', '\r');
  const name = fc.constantFrom('', 'event: a', 'event: b');
  const data = fc.constantFrom(
    '[DONE]',
    '{"type":"t"}',
    '{"object":"o"}',
    '{}',
    `{"type":"${'x'.repeat(300)}"}`,
  );
  const events = fc.array(fc.tuple(name, data), { minLength: 1, maxLength: 15 });
  fc.assert(
    fc.property(events, lineBreak, fc.array(fc.nat(5_000)), (list, end, cuts) => {
      const lines = list.flatMap(([event, text]) => [...(event === '' ? [] : [event]), `data: ${text}`, '']);
      const bytes = Buffer.from([...lines, ''].join(end));
      const names: (string | undefined)[] = [];
      const reader = new SseReader((event, text) => {
        const members = text === '[DONE]' ? { type: text } : JSON.parse(text);
        names.push(event ?? members.type ?? members.object);
      });
      reader.add(bytes);
      reader.end();
      expect(names).toHaveLength(list.length);
      expect(scan(cutAt(bytes, cuts)).lastEvent()).toBe(names.at(-1));
    }),
  );
});

test('an error is found behind any number of bytes, and read from the beginning of its event', () => {
  for (let before = 0; before <= 3 * TAIL_BYTES; before += 61) {
    const text = delta(before) + failure + delta(before);
    expect(said(scan([text]))).toMatchObject({ failed: true, error: failureData });
    expect(said(scan(cutAt(Buffer.from(text), [before + 60, before + 61])))).toMatchObject({
      error: failureData,
    });
  }
});

test('of an error event that began before the tail what is left of it is given as it is', () => {
  const event = `data: {"output":"${'x'.repeat(9_000)}","response":{"error":{"message":"Broken é"}}}`;
  const error = scan([delta(), event, '\n\n', delta()], { error: ['"error":{'], terminal: [] }).error() ?? '';
  expect(event.endsWith(error)).toBe(true);
  expect(error).toContain('"error":{"message":"Broken é"}');
  expect(error.length).toBeLessThanOrEqual(TAIL_BYTES);
});

test('of a long error event the first bytes are kept', () => {
  const data = `{"error":{"message":"${'x'.repeat(2 * ERROR_BYTES)}"}}`;
  const made = scan([delta(), `data: ${data}\n\n`, delta()]);
  expect(made.error()).toBe(data.slice(0, ERROR_BYTES - 'data: '.length));
  expect(made.lastEvent()).toBe('delta');
});

test('an event longer than the tail has no name, and the next one has', () => {
  expect(scan([delta(), delta(9_000)]).lastEvent()).toBeUndefined();
  expect(scan([delta(), delta(9_000), 'event: ping\ndata: {}\n\n']).lastEvent()).toBe('ping');
});

test('a format without signs is never terminated and never failed', () => {
  expect(said(scan([failure, 'data: [DONE]\n\n'], { error: [], terminal: [] }))).toEqual({
    ...NOTHING,
    lastEvent: '[DONE]',
  });
});

test("keeps none of the application's memory, and survives its reuse", () => {
  const chunk = Buffer.from(failure);
  const made = new StreamScan(SIGNS);
  made.add(chunk);
  chunk.fill('x');
  expect(made.error()).toBe(failureData);
});

test('takes any bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 3_000 })), (chunks) => {
      expect(said(scan(chunks))).toEqual(said(scan([Buffer.concat(chunks)])));
    }),
  );
});
