import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/child.js';
import { read } from './pages.js';

const TABLE = /(?<=<!-- table: ([^\n]+) -->\n).*?(?=<!-- end -->)/gs;

/** Asserts that the marked tables of a page are these; with UPDATE_DOCS=1 it writes them. */
export function expectTables(path: string, tables: ReadonlyMap<string, string>): void {
  const page = read(path);
  expect([...page.matchAll(TABLE)].map(([, name]) => name)).toEqual([...tables.keys()]);
  const made = page.replaceAll(TABLE, (_, name: string) => `\n${tables.get(name)}\n`);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(join(REPOSITORY, path), made);
  else expect(page).toBe(made);
}

/** A table in Markdown. Cells must not contain a line break or a bar. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}
