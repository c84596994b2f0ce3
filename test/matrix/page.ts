import type { Section } from './cell.js';

/** Outcomes by row, then by column. */
export type Outcomes = ReadonlyMap<string, ReadonlyMap<string, string>>;

const NOT_OFFERED = '—';

export interface PageFacts {
  readonly outcomes: Outcomes;
  /** What was tried, by name and version. */
  readonly nodes: readonly string[];
  readonly versions: readonly (readonly [name: string, version: string])[];
}

/** docs/compatibility.md; `intro` precedes the first table. */
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

/** The outcomes on a page, by row and column. The columns of outcomes are those with a name. */
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
