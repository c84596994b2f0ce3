import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/child.js';
import { PROJECTS, type Section } from './cell.js';
import { versionsOf } from './install.js';
import { outcomesOn, page } from './page.js';
import { SECTIONS } from './rows.js';

const committed = readFileSync(join(REPOSITORY, 'docs', 'compatibility.md'), 'utf8');

test('a written page is read back', () => {
  const rows = [
    { name: '`a` 1', cells: new Map() },
    { name: 'b', note: 'a note', cells: new Map() },
  ];
  const section: Section = { title: 'Title', text: 'Text.', columns: ['20', 'Bun'], rows };
  const outcomes = new Map([['`a` 1', new Map([['20', 'yes']])]]);
  const written = page([section], { outcomes, nodes: ['20.1.0'], versions: [['a', '1.0.0']] }, '# Page\n');
  expect(outcomesOn(written)).toEqual(
    new Map([
      [
        '`a` 1',
        new Map([
          ['20', 'yes'],
          ['Bun', '—'],
        ]),
      ],
      [
        'b',
        new Map([
          ['20', '—'],
          ['Bun', '—'],
        ]),
      ],
    ]),
  );
});

test('docs/compatibility.md has each application in exactly its columns', () => {
  const outcomes = outcomesOn(committed);
  const rows = SECTIONS.flatMap(({ columns, rows }) => rows.map((row) => ({ ...row, columns })));
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  for (const { name, cells, columns } of rows) {
    const tried = [...(outcomes.get(name) ?? [])].filter(([, outcome]) => outcome !== '—');
    const offered = columns.filter((column) => cells.has(column));
    expect([name, tried.map(([column]) => column)]).toEqual([name, offered]);
  }
});

test('docs/compatibility.md names the installed versions', () => {
  const [, list = ''] = committed.split('## Versions');
  for (const [name, version] of PROJECTS.flatMap(versionsOf)) {
    const named = new RegExp(`\`${name} [^\`]*${version}`).test(list);
    expect([name, version, named]).toEqual([name, version, true]);
  }
});
