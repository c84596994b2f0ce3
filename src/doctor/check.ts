/** `fail`: runs are not recorded or not exported. `warn`: may need attention. */
export type State = 'ok' | 'warn' | 'fail';

export interface Finding {
  readonly state: State;
  readonly message: string;
  /** What is wrong, and the command or the variable that fixes it. */
  readonly advice: readonly string[];
}

export interface CheckContext {
  /** The nearest directory with a package.json, from the current one upwards. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMillis: number;
}

/** Must not print. An error that it throws becomes a finding. */
export type Check = (context: CheckContext) => Finding | Promise<Finding>;

export function ok(message: string, ...advice: string[]): Finding {
  return { state: 'ok', message, advice };
}

export function warn(message: string, ...advice: string[]): Finding {
  return { state: 'warn', message, advice };
}

export function fail(message: string, ...advice: string[]): Finding {
  return { state: 'fail', message, advice };
}
