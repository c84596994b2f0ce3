/** What came of a check: all well, worth a look, or something that keeps runs from being recorded or delivered. */
export type State = 'ok' | 'warn' | 'fail';

export interface Finding {
  readonly state: State;
  /** In one line. */
  readonly says: string;
  /** What is wrong and how to mend it, in sentences. */
  readonly advice: readonly string[];
}

/** What the checks look at. */
export interface Surroundings {
  /** The application's: the nearest one with a package.json, seen from where the program was called. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How long a check may wait for an answer. */
  readonly timeoutMillis: number;
}

/** Never prints; may throw or reject, which is a finding as well. */
export type Check = (surroundings: Surroundings) => Finding | Promise<Finding>;

export function ok(says: string, ...advice: string[]): Finding {
  return { state: 'ok', says, advice };
}

export function warn(says: string, ...advice: string[]): Finding {
  return { state: 'warn', says, advice };
}

export function fail(says: string, ...advice: string[]): Finding {
  return { state: 'fail', says, advice };
}
