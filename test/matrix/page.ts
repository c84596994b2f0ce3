import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/child.js';
import { type MatrixOptions, type Planned, PROJECTS, type Section } from './cell.js';
import { versionOf, versionsOf } from './install.js';
import type { Outcome } from './judge.js';
import { SECTIONS } from './rows.js';

/** Outcomes by row, then by column. */
export type Outcomes = ReadonlyMap<string, ReadonlyMap<string, string>>;

const NOT_OFFERED = '—';

export interface PageFacts {
  readonly outcomes: Outcomes;
  /** The tested versions. */
  readonly nodes: readonly string[];
  readonly versions: readonly (readonly [name: string, version: string])[];
}

/** Returns docs/compatibility.md. `intro` precedes the first table. */
export function page(sections: readonly Section[], facts: PageFacts, intro: string): string {
  const parts = sections.flatMap((section) => [
    `## ${section.title}`,
    ...(section.text === '' ? [] : [section.text]),
    sectionTable(section, facts.outcomes),
  ]);
  return `${[intro.trim(), ...parts, '## Versions', versions(facts)].join('\n\n')}\n`;
}

function sectionTable({ columns, rows }: Section, outcomes: Outcomes): string {
  const noted = rows.some(({ note }) => note !== undefined);
  const head = ['', ...columns.map((column) => (/^\d/.test(column) ? `Node ${column}` : column))];
  return table(
    noted ? [...head, ''] : head,
    rows.map(({ name, note = '' }) => [
      name,
      ...columns.map((column) => outcomes.get(name)?.get(column) ?? NOT_OFFERED),
      ...(noted ? [note] : []),
    ]),
  );
}

function versions({ nodes, versions }: PageFacts): string {
  const byName = new Map<string, string[]>();
  for (const [name, version] of versions) {
    const all = byName.get(name) ?? [];
    if (!all.includes(version)) byName.set(name, [...all, version]);
  }
  const lines = [...byName].sort(([a], [b]) => (a < b ? -1 : 1));
  return `Node.js ${nodes.join(', ')}.\n\n${lines.map(([name, all]) => `\`${name} ${all.join(', ')}\``).join(' · ')}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((cells) => (cells[column] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** Parses the outcomes of a page, by row and column. The columns of outcomes are those with a name. */
export function outcomesOn(text: string): Outcomes {
  const outcomes = new Map<string, Map<string, string>>();
  let columns: string[] | undefined;
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) {
      columns = undefined;
      continue;
    }
    const cells = line.split('|').slice(1, -1);
    const [name = '', ...values] = cells.map((cell) => cell.trim());
    if (columns === undefined) columns = values.filter((value) => value !== '');
    else if (!/^-+$/.test(name)) outcomes.set(name, byColumn(columns, values));
  }
  return outcomes;
}

function byColumn(columns: readonly string[], values: readonly string[]): Map<string, string> {
  return new Map(columns.map((column, at) => [column.replace(/^Node /, ''), values[at] ?? '']));
}

const PAGE = join(REPOSITORY, 'docs', 'compatibility.md');
const INTRO = join(REPOSITORY, 'test', 'matrix', 'intro.md');

export interface Tried extends Planned {
  readonly outcome: Outcome;
  readonly problems: readonly string[];
}

/** Prints the outcomes. Returns false if they differ from the page. */
export function report(
  tried: readonly Tried[],
  skipped: readonly Planned[],
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
      `${row}, ${column}: ${outcome}, but docs/compatibility.md has ${committed.get(row)?.get(column)}`,
    );
  }
  console.log(`${tried.length} tested, ${differing.length} different from docs/compatibility.md`);
  if (skipped.length > 0) console.log(`Skipped: ${byRow(skipped)}`);
  return differing.length === 0;
}

function byRow(cells: readonly Planned[]): string {
  const rows = new Map<string, string[]>();
  for (const { row, column } of cells) rows.set(row, [...(rows.get(row) ?? []), column]);
  return [...rows].map(([row, columns]) => `${row} on ${columns.join(', ')}`).join('. ');
}
