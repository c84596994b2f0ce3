import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/child.js';

export const read = (path: string): string => readFileSync(join(REPOSITORY, path), 'utf8');

/** Every page of the documentation, relative to the repository root. */
export const PAGES: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(REPOSITORY, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** The cells of the table after a heading or a marker, without its head. */
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

/** The text between backticks, or the whole text if there are none. */
export const bare = (cell = ''): string => /`([^`]+)`/.exec(cell)?.[1] ?? cell;

/** The code blocks of one language, each with its last line break. */
export const codeBlocks = (language: string, page: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, block = '']) => block);
