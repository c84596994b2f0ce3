import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { crc32 } from 'node:zlib';
import { REPOSITORY, runNode } from '../support/child.js';

const TEXTS = [
  '',
  'a',
  'ü…€😀',
  ...[55, 56, 63, 64, 65, 1_000].map((length) => 'xyz'.repeat(length).slice(0, length)),
];

const PAIRS: readonly (readonly [unknown, unknown])[] = [
  [1, 1],
  [1, '1'],
  [null, {}],
  [
    { a: 1, b: [2, { c: null }] },
    { b: [2, { c: null }], a: 1 },
  ],
  [{ a: 1 }, { a: 1, b: 2 }],
  [{ a: 1 }, { b: 1 }],
  [
    ['x', null],
    ['x', null],
  ],
  [['x', null], ['x']],
];

/** Prints the results of the replacements in `src/edge/node.ts`. jest does not load the ES modules that it imports. */
const PROGRAM = `
import * as edge from ${JSON.stringify(join(REPOSITORY, 'src/edge/node.ts'))};
const [texts, pairs] = JSON.parse(process.argv.at(-1));
const bytes = texts.map((text) => new TextEncoder().encode(text));
let fired = '';
const never = edge.setTimeout(() => { fired += 'cleared '; }, 0).unref();
edge.clearTimeout(never);
await new Promise((resolve) => edge.setTimeout(resolve, 1));
await new Promise((resolve) => {
  const interval = edge.setInterval(() => { fired += 'interval'; edge.clearInterval(interval); resolve(); }, 1);
});
await new Promise((resolve) => edge.setImmediate(resolve));
console.log(JSON.stringify({
  hashes: texts.map((text) => edge.createHash('sha256').update(text).digest('hex')),
  checksums: bytes.map((one) => edge.crc32(one.subarray(1), edge.crc32(one.subarray(0, 1)))),
  equal: pairs.map(([a, b]) => edge.isDeepStrictEqual(a, b)),
  fired,
}));
`;

test('the replacements of Node.js return what Node.js returns', async () => {
  const { code, stdout, stderr } = await runNode(
    { source: PROGRAM, type: 'module' },
    { nodeOptions: ['--import', 'tsx'], args: [JSON.stringify([TEXTS, PAIRS])] },
  );
  expect([code, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toEqual({
    hashes: TEXTS.map((text) => createHash('sha256').update(text).digest('hex')),
    checksums: TEXTS.map((text) => crc32(text)),
    equal: PAIRS.map(([a, b]) => isDeepStrictEqual(a, b)),
    fired: 'interval',
  });
});
