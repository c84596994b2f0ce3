import { AwsEventStreamReader } from '../../../src/wire/stream/aws-event-stream.js';
import { JsonLinesReader, MAX_EVENT_LENGTH } from '../../../src/wire/stream/framings.js';
import { awsChunk, awsEvent, awsException, awsMessage } from '../../support/aws-event-stream.js';
import fc, { runs } from '../../support/property.js';
import { cutAt } from '../cuts.js';

/** The messages in the pieces, and how they ended. */
function messagesIn(pieces: readonly Uint8Array[], limit = MAX_EVENT_LENGTH) {
  const events: unknown[] = [];
  const reader = new AwsEventStreamReader((...event) => events.push(event), limit);
  for (const piece of pieces) reader.add(piece);
  return { events, isWhole: reader.isWhole, broken: reader.broken };
}

function linesIn(pieces: readonly Uint8Array[]): string[] {
  const lines: string[] = [];
  const reader = new JsonLinesReader((_, line) => lines.push(line));
  for (const piece of pieces) reader.add(piece);
  reader.end();
  return lines;
}

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const message = fc.oneof(
  text.map((words) => [awsEvent('contentBlockDelta', { words }), ['contentBlockDelta', { words }]] as const),
  text.map((words) => [awsChunk({ words }), [undefined, { words }]] as const),
  text.map(
    (words) =>
      [
        awsException('throttlingException', words),
        ['error', { error: { type: 'throttlingException', message: words || 'throttlingException' } }],
      ] as const,
  ),
);
const messages = fc.array(message, { maxLength: 6 });
const places = fc.array(fc.nat(2_000), { maxLength: 30 });

test("AWS messages are read like AWS's codec writes them, regardless of chunk boundaries", () => {
  fc.assert(
    fc.property(messages, places, (written, cuts) => {
      const bytes = Buffer.concat(written.map(([one]) => one));
      const { events, isWhole } = messagesIn(cutAt(bytes, cuts));
      const read = (events as [string | undefined, string, boolean][]).map(([event, data, isCut]) => {
        expect(isCut).toBe(false);
        return [event, JSON.parse(data)];
      });
      expect(read).toEqual(written.map(([, expected]) => expected));
      expect(isWhole).toBe(true);
    }),
    { numRuns: runs(1_000, 200) },
  );
});

test('a wrong bit is detected, and the messages before it are read', () => {
  fc.assert(
    fc.property(messages, message, fc.nat(), fc.nat(7), (before, [damaged], at, bit) => {
      const copy = Buffer.from(damaged);
      const place = at % copy.length;
      copy.writeUInt8(copy.readUInt8(place) ^ (1 << bit), place);
      const { events, isWhole } = messagesIn([...before.map(([one]) => one), copy]);
      expect(events).toHaveLength(before.length);
      expect(isWhole).toBe(false);
    }),
    { numRuns: runs(1_000, 200) },
  );
});

test('any bytes are accepted, with the same result regardless of chunk boundaries', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), messages, places, (rest, written, cuts) => {
      const bytes = Buffer.concat([...written.map(([one]) => one), rest]);
      expect(messagesIn(cutAt(bytes, cuts))).toEqual(messagesIn([bytes]));
    }),
    { numRuns: runs(1_000, 200) },
  );
});

test('a message of 16 MB is truncated, and the next one is read', () => {
  const huge = awsMessage(
    { ':message-type': 'event', ':event-type': 'metadata' },
    Buffer.alloc(16_000_000, 'x'),
  );
  const pieces = cutAt(
    Buffer.concat([huge, awsEvent('messageStop', {})]),
    Array.from({ length: 2_000 }, (_, i) => i * 8_000),
  );
  const { events, isWhole } = messagesIn(pieces, 1_000);
  expect(events).toEqual([
    ['metadata', 'x'.repeat(1_000), true],
    ['messageStop', '{}', false],
  ]);
  expect(isWhole).toBe(true);
});

test('headers of all types are skipped, including malformed ones', () => {
  const { EventStreamCodec } =
    require('@smithy/eventstream-codec') as typeof import('@smithy/eventstream-codec');
  const codec = new EventStreamCodec(
    (bytes) => Buffer.from(bytes as Uint8Array).toString(),
    (words) => Buffer.from(words),
  );
  const bytes = codec.encode({
    headers: {
      a: { type: 'boolean', value: true },
      b: { type: 'byte', value: 1 },
      c: { type: 'short', value: 1 },
      d: { type: 'integer', value: 1 },
      e: { type: 'binary', value: new Uint8Array(300) },
      f: { type: 'timestamp', value: new Date(0) },
      g: { type: 'uuid', value: '01234567-89ab-cdef-0123-456789abcdef' },
      ':message-type': { type: 'string', value: 'error' },
      ':error-code': { type: 'string', value: 'InternalError' },
      ':error-message': { type: 'string', value: 'It broke.' },
    },
    body: new Uint8Array(),
  });
  const error = { error: { type: 'InternalError', message: 'It broke.' } };
  expect(messagesIn([bytes]).events).toEqual([['error', JSON.stringify(error), false]]);
});

test('lines do not depend on chunk boundaries, also without a final line break', () => {
  const line = fc.jsonValue().map((value) => JSON.stringify(value));
  const ending = fc.constantFrom('', '\n', '\r\n', '\n\n');
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), ending, places, (lines, end, cuts) => {
      const bytes = Buffer.from(lines.join('\n') + end);
      const read = linesIn(cutAt(bytes, cuts)).map((one) => one.trim());
      expect(read).toEqual(lines.filter((one) => one.trim() !== ''));
    }),
    { numRuns: runs(1_000, 200) },
  );
});

test('a line that is too long is skipped', () => {
  const long = Buffer.alloc(MAX_EVENT_LENGTH, 'x');
  expect(linesIn([Buffer.from('1\n"'), long, long, Buffer.from('"\n2')])).toEqual(['1', '2']);
});
