import type { ErrorKind } from '../error/index.js';

/**
 * What is kept of the runs that are not fully captured. Pure: the process asks it about records, the sampler
 * about attributes, and both get the same answer.
 */
export interface KeepRules {
  /** The error kinds that make a run worth keeping. */
  readonly keepKinds: readonly ErrorKind[];
  /** Of a kept run: the failing steps alone, or all its steps. */
  readonly retain: Retain;
  /** Who drops the runs that are not worth keeping: this process, or a Collector that is sent all of them. */
  readonly decide: Decide;
}

/** Which steps of a kept run are written in errors mode: those that failed, or all of them. */
export type Retain = 'failing' | 'run';
/** Who drops what is not kept: the process at its source, or the tail sampling of a Collector. */
export type Decide = 'process' | 'collector';

/**
 * Whether a run or step that ended so is evidence for keeping its run: only status `error` is, never an
 * interruption, and only with a kind to keep (reference rows E1 to E3).
 */
export function isEvidence(
  rules: KeepRules,
  status: string | undefined,
  errorKind: string | undefined,
): boolean {
  return status === 'error' && rules.keepKinds.some((kind) => kind === errorKind);
}
