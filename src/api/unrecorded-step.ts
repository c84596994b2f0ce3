import type { Step } from '../types.js';

/** What the application holds where nothing is recorded. */
export const UNRECORDED_STEP: Step = Object.freeze({
  number: 0,
  fail() {},
  interrupt() {},
  complete() {},
  usage() {},
});
