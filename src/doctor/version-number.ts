/** Major, minor and patch; what comes behind them, as a prerelease, is left out. Missing numbers are 0. */
export function numbersOf(version: string): readonly [major: number, minor: number, patch: number] {
  const [, major = 0, minor = 0, patch = 0] = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(version) ?? [];
  return [Number(major), Number(minor), Number(patch)];
}

export function isBelow(version: string, least: string): boolean {
  const [numbers, others] = [numbersOf(version), numbersOf(least)];
  const differs = numbers.findIndex((number, index) => number !== others[index]);
  return differs !== -1 && (numbers[differs] ?? 0) < (others[differs] ?? 0);
}
