/** A table in Markdown, in the format of this repository's formatter. The first row is its head. */
export function aligned([head = [], ...lines]: readonly (readonly string[])[]): string[] {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...lines].map((line) => line[column]?.length ?? 0)),
  );
  const row = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [row(head), row(widths.map((width) => '-'.repeat(width))), ...lines.map(row)];
}

export function groupBy<R, K>(rows: readonly R[], key: (row: R) => K): Map<K, R[]> {
  const groups = new Map<K, R[]>();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  return groups;
}

/** The page with `content` between the markers `<!-- name: begin -->` and `<!-- name: end -->`. */
export function withGenerated(page: string, name: string, content: string): string {
  const [opening, closing] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const [begin, end] = [page.indexOf(opening), page.indexOf(closing)];
  if (begin < 0 || end < begin) throw new Error(`the page lacks ${opening} or ${closing}`);
  return `${page.slice(0, begin + opening.length)}\n\n${content}\n\n${page.slice(end)}`;
}
