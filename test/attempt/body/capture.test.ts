import { BodyCapture } from '../../../src/attempt/body/capture';
import fc from '../../support/property.js';

function captureOf(limit: number, chunks: readonly (Uint8Array | string)[]): BodyCapture {
  const capture = new BodyCapture(limit);
  for (const chunk of chunks) capture.add(chunk);
  return capture;
}

test('counts all bytes and keeps the first ones, regardless of chunk boundaries', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 3_000 })), fc.nat(5_000), (chunks, limit) => {
      const whole = Buffer.concat(chunks);
      const capture = captureOf(limit, chunks);
      expect(capture.size).toBe(whole.length);
      expect(capture.bytes().equals(whole.subarray(0, limit))).toBe(true);
      expect(capture.captured).toBe(Math.min(limit, whole.length));
      expect(capture.truncated).toBe(whole.length > limit);
      expect(capture.heldBytes).toBeLessThanOrEqual(limit);
    }),
  );
});

test('a string is kept as UTF-8, cut after a whole character', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.nat(60), (chunks, limit) => {
      const whole = Buffer.from(chunks.join(''));
      const capture = captureOf(limit, chunks);
      expect(capture.size).toBe(whole.length);
      expect(whole.indexOf(capture.bytes())).toBe(0);
      expect(capture.captured).toBeGreaterThanOrEqual(Math.min(limit, whole.length) - 3);
      // Half a character would become U+FFFD, which has three other bytes.
      expect(Buffer.from(capture.bytes().toString())).toEqual(capture.bytes());
    }),
  );
});

test('keeps a copy in separate memory', () => {
  const slab = Buffer.alloc(65_536, 'a');
  const capture = captureOf(100, [slab.subarray(0, 10)]);
  slab.fill('b');
  expect(capture.bytes().toString()).toBe('aaaaaaaaaa');
  expect(capture.bytes().buffer.byteLength).toBe(capture.heldBytes);
});

test('grows by doubling: few buffers for many chunks', () => {
  const capture = new BodyCapture(50_000);
  const held = new Set<number>();
  for (let i = 0; i < 20_000; i++) {
    capture.add('data: x\n\n');
    held.add(capture.heldBytes);
  }
  expect([...held]).toEqual([1_024, 2_048, 4_096, 8_192, 16_384, 32_768, 50_000]);
  expect(capture.size).toBe(180_000);
});

test('a limit of 0 holds nothing', () => {
  const capture = captureOf(0, ['abc', new Uint8Array(5)]);
  expect([capture.size, capture.captured, capture.heldBytes, capture.truncated]).toEqual([8, 0, 0, true]);
});
