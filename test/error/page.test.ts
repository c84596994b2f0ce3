import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_KINDS } from '../../src/error/index.js';
import { RULES } from '../../src/error/rules.js';
import { REPOSITORY } from '../support/child.js';

const PAGE = readFileSync(join(REPOSITORY, 'docs', 'error-kinds.md'), 'utf8');

function rowsUnder(heading: string): string[][] {
  const section = PAGE.slice(PAGE.indexOf(`\n## ${heading}\n`) + 1).split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((row) =>
    row
      .split('|')
      .map((cell) => cell.trim().replaceAll('`', ''))
      .slice(1, -1),
  );
}

test('the page has every kind, and whether it is kept', () => {
  const rows = rowsUnder('The kinds');
  expect(rows.map(([kind]) => kind).sort()).toEqual([...ERROR_KINDS].sort());
  expect(rows.filter(([, , kept]) => kept === 'yes').map(([kind]) => kind)).toEqual(['generic']);
});

test('the page has the rules in their order', () => {
  const [attached, ...rows] = rowsUnder('How an error gets its kind');
  expect(attached?.[0]).toBe('attached');
  expect(rows.map(([rule, , kind, retryable]) => [rule, kind, retryable])).toEqual(
    RULES.map(({ name, kind, retryable }) => [name, kind, retryable ? 'yes' : 'no']),
  );
});
