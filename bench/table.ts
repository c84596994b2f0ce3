export type Cell = string | undefined;

/** Columns as wide as their widest cell; the first to the left, figures to the right. */
export function table(head: readonly Cell[], rows: readonly (readonly Cell[])[]): string {
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

/** With thousands separated, and as many digits as say something. */
export function figure(value: number, digits = Math.abs(value) < 10 ? 2 : 0): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
