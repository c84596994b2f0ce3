import type { CallsFigures } from './calls-case.js';
import type { CallsCaseName } from './calls-cases.js';
import type { FirstFailureFigures } from './first-failure.js';
import type { InFlightFigures } from './in-flight.js';
import type { PartsFigures } from './parts.js';
import type { StartUpFigures } from './start-up.js';

/** What one run found with one version of Node; cases that were not asked for are missing. */
export interface Figures extends Readonly<Partial<Record<CallsCaseName, CallsFigures>>> {
  readonly node: string;
  readonly flight?: InFlightFigures;
  readonly startup?: StartUpFigures;
  readonly failure?: FirstFailureFigures;
  readonly parts?: PartsFigures;
}

export type CaseName = Exclude<keyof Figures, 'node'>;
