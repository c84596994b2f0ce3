import { BodyFingerprint } from '../../src/wire/request-body.js';
import fc from '../support/property.js';

const MIB = 1_048_576;

function fingerprint(...chunks: readonly (Uint8Array | string)[]): BodyFingerprint {
  const made = new BodyFingerprint();
  for (const chunk of chunks) made.add(chunk);
  return made;
}

function same(one: Uint8Array | string, other: Uint8Array | string): boolean {
  return fingerprint(one).equals(fingerprint(other));
}

/** A chat request with that many messages, one of which can be replaced. */
function request(messages: number, replaced = -1, by = ''): string {
  const content = (index: number) => (index === replaced ? by : `This is the message number ${index}.`);
  const list = Array.from({ length: messages }, (_, index) => ({ role: 'user', content: content(index) }));
  return JSON.stringify({ model: 'm', messages: list, stream: true });
}

test('the same body has the same fingerprint, regardless of chunk boundaries', () => {
  const body = Buffer.from(request(40_000));
  expect(body.length).toBeGreaterThan(2 * MIB);
  const whole = fingerprint(body);
  expect(whole.size).toBe(body.length);
  fc.assert(
    fc.property(fc.array(fc.nat(body.length), { maxLength: 20 }), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), body.length];
      const chunks = places.slice(1).map((end, index) => body.subarray(places[index], end));
      expect(fingerprint(...chunks).equals(whole)).toBe(true);
    }),
  );
});

test('byte by byte and whole are equal, and so are a string and its UTF-8', () => {
  const body = `${request(20)}é模😀`;
  expect(fingerprint(...[...body]).equals(fingerprint(body))).toBe(true);
  expect(
    fingerprint(...[...Buffer.from(body)].map((byte) => Uint8Array.of(byte))).equals(fingerprint(body)),
  ).toBe(true);
  expect(same(body, new Uint8Array(Buffer.from(body)))).toBe(true);
  expect(same(new Uint8Array(0), '')).toBe(true);
});

test.each([
  [
    'one word of the same length in the middle',
    request(500),
    request(500, 250, 'That is the message number 250.'),
  ],
  ['another letter in the first message', request(500), request(500, 0, 'this is the message number 0.')],
  ['another letter in the last message', request(500), request(500, 499, 'this is the message number 499.')],
  ['an additional message', request(500), request(501)],
  ['two bytes swapped', 'ab', 'ba'],
  ['zeros at the end', new Uint8Array(5), new Uint8Array(6)],
  ['another byte in an ignored part', new Uint8Array(2 * MIB - 1), new Uint8Array(2 * MIB)],
])('distinguishes %s', (_, one, other) => {
  expect(same(one, other)).toBe(false);
});

test('any byte of the first MiB changes it', () => {
  const body = Buffer.alloc(MIB + 10, 'x');
  const whole = fingerprint(body);
  fc.assert(
    fc.property(
      fc.oneof(fc.nat(MIB - 1), fc.constantFrom(0, MIB - 1)),
      fc.integer({ min: 1, max: 255 }),
      (at, change) => {
        const other = Buffer.from(body);
        other[at] = (other[at] ?? 0) ^ change;
        expect(fingerprint(other).equals(whole)).toBe(false);
      },
    ),
    { numRuns: 50 },
  );
});

test('after the first MiB a changed stretch of 64 KiB always changes it, a single byte may not', () => {
  const body = Buffer.alloc(4 * MIB, 'x');
  const whole = fingerprint(body);
  for (const at of [MIB, MIB + 1, 2 * MIB + 30_000, 4 * MIB - 65_536]) {
    const other = Buffer.from(body).fill('y', at, at + 65_536);
    expect(fingerprint(other).equals(whole)).toBe(false);
  }
  const outsideWindows = Buffer.from(body).fill('y', 2 * MIB + 30_000, 2 * MIB + 30_001);
  expect(fingerprint(outsideWindows).equals(whole)).toBe(true);
});
