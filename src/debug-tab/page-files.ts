import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (name: string) => readFileSync(join(__dirname, '..', '..', 'dist', 'ui', name), 'utf8');

/** The files of the page by name. The build replaces this module with their texts, so that bundlers include them. */
export const PAGE_FILES: Readonly<Record<string, string>> = {
  'page.html': read('page.html'),
  'page.js': read('page.js'),
  'page.css': read('page.css'),
  'component.js': read('component.js'),
};
