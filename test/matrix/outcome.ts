import type { Cell } from './cell.js';
import { seesRequests } from './expected.js';

/** What stands in a cell of the page. */
export type Outcome = 'yes' | 'metadata' | 'not seen' | 'no';

/** Of an application that was tried and behaved as it should, as far as its client lets. */
export function soundOutcome(cell: Cell): Outcome {
  if (!seesRequests(cell)) return 'not seen';
  return cell.client.bodies ? 'yes' : 'metadata';
}
