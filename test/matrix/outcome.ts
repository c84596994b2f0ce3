import type { Cell } from './cell.js';
import { seesRequests } from './expected.js';

/** The content of a cell of the page. */
export type Outcome = 'yes' | 'not observable' | 'no';

/** The outcome of an application that behaves as far as its runtime allows. */
export function soundOutcome(cell: Cell): Outcome {
  return seesRequests(cell) ? 'yes' : 'not observable';
}
