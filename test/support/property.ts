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

/** fast-check with the seed of this test run. Import it from here, never from the package. */
export default fc;
