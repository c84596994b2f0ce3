import { VERSION } from '../version.js';
import type { Surroundings } from './check.js';
import type { Checked } from './checks.js';
import { OUR_NAME } from './package-file.js';

/** For people: a line for each check, and what to do below those that need something. */
export function asText(checked: readonly Checked[], { folder }: Surroundings): string {
  const width = Math.max(...checked.map(({ name }) => name.length));
  const lines = checked.flatMap(({ state, name, says, advice }) => [
    `${state.padEnd(4)}  ${name.padEnd(width)}  ${says}`,
    ...advice.map((line) => `${' '.repeat(width + 8)}${line}`),
  ]);
  return [`${OUR_NAME} ${VERSION}, in ${folder}`, '', ...lines, '', summary(checked)].join('\n');
}

/** For programs. */
export function asJson(checked: readonly Checked[], { folder }: Surroundings): string {
  const report = { package: OUR_NAME, version: VERSION, folder, ok: !someFail(checked), checks: checked };
  return JSON.stringify(report, undefined, 2);
}

export function someFail(checked: readonly Checked[]): boolean {
  return checked.some(({ state }) => state === 'fail');
}

function summary(checked: readonly Checked[]): string {
  const failed = checked.filter(({ state }) => state === 'fail').map(({ name }) => name);
  const doubted = checked.filter(({ state }) => state === 'warn').map(({ name }) => name);
  if (failed.length > 0) return `To mend: ${[...failed, ...doubted].join(', ')}.`;
  if (doubted.length > 0) return `Nothing fails. Worth a look: ${doubted.join(', ')}.`;
  return 'All is well. Nothing arrives all the same? OTEL_LOG_LEVEL=debug tells each decision about a run.';
}
