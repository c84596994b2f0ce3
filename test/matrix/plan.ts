import type { Cell } from './cell.js';
import type { MatrixOptions } from './options.js';
import { SECTIONS } from './sections.js';

export interface Planned {
  readonly row: string;
  readonly column: string;
  readonly cell: Cell;
}

/** The cells that are to be tried, and those that are left out. */
export function plan({ ci, only }: MatrixOptions, binaries: ReadonlyMap<string, string>) {
  const planned: Planned[] = [];
  const left: Planned[] = [];
  const rows = SECTIONS.flatMap((section) => section.rows).filter(
    ({ name }) => only === undefined || name.includes(only),
  );
  rows.forEach(({ name, cells }, at) => {
    const offered = [...cells].filter(([column]) => !/^\d/.test(column) || binaries.has(column));
    offered.forEach(([column, cell], index) => {
      const taken = !ci || index === at % offered.length;
      (taken ? planned : left).push({ row: name, column, cell });
    });
  });
  return { planned, left };
}
