import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/child.js';

export const read = (path: string): string => readFileSync(join(REPOSITORY, path), 'utf8');

/** Every page for people, from the repository's root. */
export const PAGES: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(REPOSITORY, 'docs')).map((name) => `docs/${name}`),
];

/** The cells of the table behind a heading or a marker, without its head. */
export function tableBehind(place: string, page: string): string[][] {
  const [, rest = ''] = page.split(`${place}\n`);
  const [table = ''] = rest.trimStart().split('\n\n');
  const rows = table.split('\n').slice(2);
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The text between backticks; all of it where there are none. */
export const bare = (cell = ''): string => /`([^`]+)`/.exec(cell)?.[1] ?? cell;

/** What stands in the fences of one language, each block with its last line break. */
export const codeBlocks = (language: string, page: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, block = '']) => block);
