import { ChunkTiming } from '../../src/attempt/chunk-timing.js';
import { type CaseChunk, chunkBytes } from '../../src/case/format.js';
import { timedChunks } from '../../src/case/recorded-response.js';
import fc from '../support/property.js';

/** The recorded timing of these chunks. */
function timingOf(chunks: readonly (readonly [millis: number, text: Buffer])[]): string {
  const timing = new ChunkTiming();
  for (const [at, bytes] of chunks) timing.add(at, bytes.length);
  return String(timing);
}

const pauseOf = (chunk: CaseChunk | undefined): number =>
  typeof chunk === 'object' ? (chunk.afterMs ?? 0) : 0;

test('up to six chunks keep their boundaries and times, also inside an event and a character', () => {
  const euro = Buffer.from('€');
  const pieces: [number, Buffer][] = [
    [120, Buffer.from('data: {"a')],
    [120, Buffer.from('":1}\n\ndata: ')],
    [160, euro.subarray(0, 1)],
    [1_160, Buffer.concat([euro.subarray(1), Buffer.from('\n\n')])],
  ];
  const body = Buffer.concat(pieces.map(([, bytes]) => bytes)).toString();
  expect(timedChunks(body, timingOf(pieces))).toEqual({
    afterMs: 120,
    chunks: [
      'data: {"a',
      '":1}\n\ndata: ',
      { base64: euro.subarray(0, 1).toString('base64'), afterMs: 40 },
      { base64: Buffer.concat([euro.subarray(1), Buffer.from('\n\n')]).toString('base64'), afterMs: 1_000 },
    ],
    lastAtMs: 1_160,
  });
});

test('more chunks keep the ends and the longest pause, and the middle is cut into events', () => {
  const pieces = Array.from({ length: 20 }, (_, index): [number, Buffer] => [
    index * 10 + (index >= 12 ? 5_000 : 0),
    Buffer.from(`data: ${index}\n\n`),
  ]);
  const body = Buffer.concat(pieces.map(([, bytes]) => bytes)).toString();
  const timed = timedChunks(body, timingOf(pieces));
  expect(timed?.chunks.map((chunk) => chunkBytes(chunk).toString())).toEqual(
    pieces.map(([, bytes]) => String(bytes)),
  );
  expect(timed?.lastAtMs).toBe(5_190);
  const pauses = timed?.chunks.map(pauseOf) ?? [];
  expect(pauses.indexOf(Math.max(...pauses))).toBe(12);
  expect(Math.max(...pauses)).toBeGreaterThanOrEqual(5_000);
  expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBe(5_190);
});

test('chunks lose the missing end of a truncated body and keep their times', () => {
  const pieces = Array.from({ length: 9 }, (_, index): [number, Buffer] => [
    index * 10,
    Buffer.from(`data: ${index}\n\n`),
  ]);
  const whole = Buffer.concat(pieces.map(([, bytes]) => bytes)).toString();
  for (const missing of [1, 3, 9, 12, 30]) {
    const body = whole.slice(0, -missing);
    const timed = timedChunks(body, timingOf(pieces), missing);
    expect(timed?.chunks.map((chunk) => chunkBytes(chunk).toString()).join('')).toBe(body);
    expect(timed?.lastAtMs).toBe(80);
  }
  expect(timedChunks('data: 0', timingOf(pieces.slice(0, 1)), 2)?.chunks).toEqual(['data: 0']);
});

test('the timing of another body is not used', () => {
  const timing = timingOf([
    [1, Buffer.from('abc')],
    [2, Buffer.from('def')],
  ]);
  expect(timedChunks('abcdefg', timing)).toBeUndefined();
  expect(timedChunks('abc', timing)).toBeUndefined();
  for (const bad of [undefined, '', '{', '{}', '{"first":[[1]],"last":[],"longest":[0,0]}', 'null'])
    expect(timedChunks('abc', bad)).toBeUndefined();
});

test('the chunks always make up the body, and no pause is negative', () => {
  const piece = fc.tuple(
    fc.nat(3_000),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    fc.boolean(),
  );
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 40 }), fc.nat(100), (given, lost) => {
      let at = 0;
      const pieces = given.map(([pause, text, isEvent]): [number, Buffer] => {
        at += pause;
        return [at, Buffer.from(isEvent ? `data: ${text}\n\n` : text)];
      });
      const sent = Buffer.concat(pieces.map(([, bytes]) => bytes));
      const body = Buffer.from(sent.toString().slice(0, Math.max(1, sent.length - lost)));
      const timed = timedChunks(body.toString(), timingOf(pieces), sent.length - body.length);
      expect(Buffer.concat(timed?.chunks.map(chunkBytes) ?? [])).toEqual(body);
      expect(timed?.chunks.every((chunk) => pauseOf(chunk) >= 0)).toBe(true);
      expect(timed?.lastAtMs).toBe(at);
      expect(
        (timed?.afterMs ?? 0) + (timed?.chunks ?? []).reduce((sum, chunk) => sum + pauseOf(chunk), 0),
      ).toBe(at);
    }),
  );
});
