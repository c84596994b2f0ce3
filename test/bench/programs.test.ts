import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/child.js';

const FOLDER = join(REPOSITORY, 'bench');
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.ts'));
const sources = files.map((name) => readFileSync(join(FOLDER, name), 'utf8'));
const programs = files.filter((_, index) => /^(?:void )?main\(/m.test(sources[index] ?? ''));

test('there are programs', () => {
  expect(programs).toEqual(expect.arrayContaining(['main.ts', 'viewer.ts']));
});

test.each(programs)('%s is not imported by another program, which would start it', (program) => {
  const name = `./${program.replace(/\.ts$/, '.js')}`;
  const imported = files.filter((_, index) =>
    new RegExp(`^import (?!type )[^;]*'${name.replaceAll('.', '\\.')}';`, 'm').test(sources[index] ?? ''),
  );
  expect(imported).toEqual([]);
});
