import { BodyEvidence } from '../../src/verdict/body-evidence.js';
import { LINEAR, leastTime } from '../support/growth.js';

const SMALL = 262_144;
const TIMES = 16;
const CHUNK = 65_536;

/** Repeated without an end: input that a reader might hold, read again or search in vain. */
const BAIT: readonly (readonly [start: string, unit: string])[] = [
  ['data: ', 'x'],
  ['data: {"error":{"message":"', 'x'],
  ['data: ', 'error '],
  ['', 'data: error\n'],
  ['', 'data: error\n\n'],
  ['', 'data: {"choices":[{"delta":{"content":"an error"}}]}\n\n'],
  ['', 'data: {"choices":[{"delta":{},"finish_reason":"x"}]}\n\n'],
  ['', ': keep-alive\n\n'],
  ['', 'event: error\n'],
  ['data: x', '\n'],
  ['data: x', '\r'],
  ['', ' '],
  ['', '9'],
  ['', '['],
  ['', '[]'],
  ['', '{'],
  ['{"x":"', 'x'],
  ['{"x":"', '\\'],
  ['{"x":"', '\\"'],
  ['{', '"'],
  ['', '{"message":{"content":"x"},"done":false}\n'],
  ['[', '{"candidates":[{"content":{}}]},\n'],
  ['[', '{"error":1},'],
  ['', '\0'],
];

/** Reads a body of this size from chunks of network size. */
function read([start, unit]: (typeof BAIT)[number], size: number): void {
  const chunk = Buffer.from(unit.repeat(Math.ceil(CHUNK / unit.length)));
  const evidence = new BodyEvidence();
  evidence.add(Buffer.from(start));
  for (let bytes = 0; bytes < size; bytes += chunk.length) evidence.add(chunk);
  evidence.end();
}

test.each(BAIT)('%j and %j without an end: the time grows with the bytes', (start, unit) => {
  const bait = [start, unit] as const;
  read(bait, SMALL);
  const measure = () => {
    const small = leastTime(() => read(bait, SMALL), TIMES);
    return leastTime(() => read(bait, SMALL * TIMES), 2) / small;
  };
  const first = measure();
  expect(first < LINEAR ? first : Math.min(first, measure())).toBeLessThan(LINEAR);
});

test('a body of 256 MB without a line break is read in bounded memory', () => {
  const before = process.memoryUsage();
  const evidence = new BodyEvidence();
  const chunk = Buffer.alloc(CHUNK, 'x');
  evidence.add(Buffer.from('data: {"choices":[{"delta":{"content":"'));
  let most = 0;
  for (let bytes = 0; bytes < 268_435_456; bytes += CHUNK) {
    evidence.add(chunk);
    if (bytes % 16_777_216 === 0) {
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      most = Math.max(most, heapUsed - before.heapUsed + arrayBuffers - before.arrayBuffers);
    }
  }
  expect(evidence.end().framing).toBe('events');
  expect(most).toBeLessThan(64 * 1_048_576);
});
