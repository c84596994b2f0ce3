/** What a case found: for people, and for `--json`. */
export interface Report {
  readonly text: string;
  readonly data: object;
}

/** Says which rounds did not count, where any did not. */
export function invalidRounds(invalid: readonly string[]): string {
  const [first] = invalid;
  return first === undefined ? '' : `\n${invalid.length} rounds were invalid and do not count: ${first}.`;
}
