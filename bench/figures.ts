import type { CallsFigures } from './calls-case.js';
import type { CallsCaseName } from './calls-cases.js';
import type { FirstFailureFigures } from './first-failure.js';
import type { InFlightFigures } from './in-flight.js';
import type { PartsFigures } from './parts.js';
import type { StartUpFigures } from './start-up.js';

/** A table for the terminal and for the page. Figures are right-aligned. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly note?: string;
}

/** In Markdown, with columns as wide as their widest cell. */
export function markdown({ title, head, rows, note }: Table): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(3, ...lines.map((line) => line[column]?.length ?? 0)));
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const padded = (line: readonly string[]): string =>
    row(
      widths.map((width, column) => {
        const cell = line[column] ?? '';
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      }),
    );
  const rule = row(
    widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)),
  );
  const table = [padded(head), rule, ...rows.map(padded)].join('\n');
  return [title, table, note].filter((part) => part).join('\n\n');
}

/** In plain text: the first column to the left, figures to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const text = lines.map((line) =>
    widths
      .map((width, column) => {
        const cell = line[column] ?? '';
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
  return [text[0], '─'.repeat(widths.reduce((sum, width) => sum + width + 2, -2)), ...text.slice(1)].join(
    '\n',
  );
}

/** With thousands separators and significant digits only. */
export function figure(value: number, digits = Math.abs(value) < 10 ? 2 : 0): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** The median and the quartiles. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** @param values at least one */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) };
}

function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/** The results of one run with one version of Node. Cases that were not requested are missing. */
export interface Figures extends Readonly<Partial<Record<CallsCaseName, CallsFigures>>> {
  readonly node: string;
  readonly flight?: InFlightFigures;
  readonly startup?: StartUpFigures;
  readonly failure?: FirstFailureFigures;
  readonly parts?: PartsFigures;
}

export type CaseName = Exclude<keyof Figures, 'node'>;
