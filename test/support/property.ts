import fc from 'fast-check';

/** Set by `npm run test:long`, to the workers as well. */
const LONG = process.env['CHATDEBUG_TEST_LONG'] === '1';

fc.configureGlobal({ seed: Number(process.env['CHATDEBUG_TEST_SEED']) });

/**
 * Runs of a property, or repetitions of a scene. A test file that calls this is part of `npm run test:long`.
 *
 * @param long in `npm run test:long`
 * @param short in `npm test`
 */
export function runs(long: number, short = 100): number {
  return LONG ? long : short;
}

const SURROGATES = { first: 0xd800, count: 0x800 };

/**
 * Any character, for `fc.string({ unit: CODE_POINT })`. The same as `unit: 'binary'`, which first lists all of Unicode
 * in a map: that takes a second and 100 MB in each test file.
 */
export const CODE_POINT = fc.integer({ min: 0, max: 0x10ffff - SURROGATES.count }).map(characterAt, indexOf);

function characterAt(index: number): string {
  return String.fromCodePoint(index < SURROGATES.first ? index : index + SURROGATES.count);
}

/** fast-check expects an error for what it can not shrink. */
function indexOf(character: unknown): number {
  const code = typeof character === 'string' ? (character.codePointAt(0) ?? 0) : 0;
  const index = code < SURROGATES.first ? code : code - SURROGATES.count;
  if (characterAt(index) !== character) throw new Error('not a character');
  return index;
}

/** fast-check with the seed of this test run. Import it from here, never from the package. */
export default fc;
