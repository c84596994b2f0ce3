import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/child.js';
import { PROJECTS } from './cell.js';
import { versionOf } from './nodes.js';
import type { MatrixOptions } from './options.js';
import type { Outcome } from './outcome.js';
import { outcomesOn, page } from './page.js';
import type { Planned } from './plan.js';
import { versionsOf } from './projects.js';
import { SECTIONS } from './sections.js';

const PAGE = join(REPOSITORY, 'docs', 'compatibility.md');
const INTRO = join(REPOSITORY, 'test', 'matrix', 'intro.md');

export interface Tried extends Planned {
  readonly outcome: Outcome;
  readonly problems: readonly string[];
}

/** Prints what came of it; false where that is not what the page says. */
export function report(
  tried: readonly Tried[],
  left: readonly Planned[],
  { write, ci, only }: MatrixOptions,
  binaries: ReadonlyMap<string, string>,
): boolean {
  const outcomes = new Map<string, Map<string, string>>();
  for (const { row, column, outcome } of tried) {
    outcomes.set(row, (outcomes.get(row) ?? new Map()).set(column, outcome));
  }
  const facts = {
    outcomes,
    nodes: [...binaries.values()].map(versionOf),
    versions: PROJECTS.flatMap(versionsOf),
  };
  const text = page(SECTIONS, facts, readFileSync(INTRO, 'utf8'));
  for (const { row, column, problems } of tried) {
    for (const problem of problems) console.error(`${row}, ${column}: ${problem}`);
  }
  if (write) {
    writeFileSync(PAGE, text);
    return true;
  }
  const committed = outcomesOn(readFileSync(PAGE, 'utf8'));
  const differing = tried.filter(({ row, column, outcome }) => committed.get(row)?.get(column) !== outcome);
  if (!ci && only === undefined) console.log(text);
  for (const { row, column, outcome } of differing) {
    console.error(
      `${row}, ${column}: ${outcome}; docs/compatibility.md says ${committed.get(row)?.get(column)}`,
    );
  }
  console.log(`${tried.length} tried, ${differing.length} other than docs/compatibility.md says`);
  if (left.length > 0) console.log(`left out: ${leftOut(left)}`);
  return differing.length === 0;
}

function leftOut(left: readonly Planned[]): string {
  const byRow = new Map<string, string[]>();
  for (const { row, column } of left) byRow.set(row, [...(byRow.get(row) ?? []), column]);
  return [...byRow].map(([row, columns]) => `${row} on ${columns.join(', ')}`).join('; ');
}
