import { Attempt } from '../../src/attempt/attempt.js';
import { Exchange } from '../../src/attempt/exchange.js';
import { ClientFrames } from '../../src/attempt/websocket/client-frames.js';
import { SocketConnection } from '../../src/attempt/websocket/connection.js';
import { recogniseSocket } from '../../src/wire/formats.js';
import fc, { runs } from '../support/property.js';
import { realtimeEvents, responseEvents } from './events.js';

/** A frame of a client (RFC 6455, 5.2). */
function frame(text: string, mask: readonly number[], opcode = 1): Buffer {
  const payload = Buffer.from(text);
  const { length } = payload;
  const head = length < 126 ? Buffer.alloc(2) : length < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, Buffer.from(mask), payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0))]);
}

const mask = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 });
const payload = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(126, 70_000).map((length) => 'ä'.repeat(length)),
);

test('frames are read regardless of chunk boundaries', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(payload, mask)), fc.array(fc.nat(90_000)), (messages, cuts) => {
      const bytes = Buffer.concat(messages.map(([text, key]) => frame(text, key)));
      const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
      const frames = new ClientFrames();
      const texts = places.flatMap((place, at) => frames.add(bytes.subarray(place, places[at + 1])));
      expect(texts).toEqual(messages.map(([text]) => text));
    }),
    { numRuns: runs(1_000) },
  );
});

test('control frames and invalid frames are skipped', () => {
  const frames = new ClientFrames();
  expect(frames.add(Buffer.from('GET /v1/responses HTTP/1.1\r\nHost: a\r\n\r\n'))).toEqual([]);
  expect(frames.add(frame('', [1, 2, 3, 4], 10))).toEqual([]);
  expect(frames.add(Buffer.concat([frame('ping', [1, 2, 3, 4], 9), frame('one', [9, 9, 9, 9])]))).toEqual([
    'one',
  ]);
});

test('any bytes are read without an error', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (chunks) => {
      const frames = new ClientFrames();
      for (const chunk of chunks) frames.add(chunk);
    }),
    { numRuns: runs(1_000) },
  );
});

const PATHS = [
  '/v1/responses',
  '/v1/realtime?model=m',
  '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent',
];
const LIVE = [
  { setup: { model: 'models/m', generation_config: {} } },
  { clientContent: { turns: 'a', turnComplete: true } },
  { toolResponse: { functionResponses: [{}] } },
  { realtimeInput: { audio: { data: 'AAAA' }, mediaChunks: 7 } },
  { serverContent: { turnComplete: true, interrupted: true } },
  { toolCall: { functionCalls: [{ name: 'f' }] } },
];
const events: readonly object[] = [
  ...responseEvents('Hello.'),
  ...realtimeEvents('Hello.'),
  ...LIVE,
  { type: 'response.create' },
  { type: 'response.create', response: null, event_id: 7 },
  { type: 'session.update', session: [] },
  { type: 'conversation.item.create', item: 'x' },
  { type: 'error', error: null },
];
const data = fc.oneof(
  fc.constantFrom(...events).map((event) => JSON.stringify(event)),
  fc.json(),
  fc.string(),
  fc.uint8Array(),
  fc.anything(),
);

test('any conversation is recorded without an error, and each response that begins ends', () => {
  const script = fc.array(fc.tuple(fc.boolean(), data));
  fc.assert(
    fc.property(fc.constantFrom(...PATHS), script, (path, messages) => {
      const line = { method: 'GET', origin: 'wss://api.example', path };
      const call = recogniseSocket(line);
      if (call === undefined) throw new Error('not recognised');
      let open = 0;
      const budget = { fits: () => true, take: () => true, release: () => {} } as never;
      const caller = { isKnown: true, context: undefined };
      const connection = new SocketConnection(
        { line, call, caller, requestHeaders: [], responseHeaders: [], startedAt: 0 },
        {
          begin: (request) => {
            open += 1;
            const attempt = new Attempt(
              request,
              0,
              'full',
              { maxBodyBytes: 1_000, stallMillis: 0, failureContentBytes: 0 },
              { budget },
            );
            const ended = () => {
              open -= 1;
            };
            return new Exchange(attempt, { active: () => {}, ended }, () => 0);
          },
        },
      );
      for (const [isSent, one] of messages) {
        if (isSent) connection.sent(one, caller);
        else connection.received(one);
      }
      connection.closed(1_006, '');
      expect(open).toBe(0);
    }),
    { numRuns: runs(2_000, 300) },
  );
});
