import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withGenerated } from '../test/support/generated-page.js';
import { chart } from './chart.js';
import { type Environment, environmentText } from './environment.js';
import type { Figures } from './figures.js';
import { tables, targetsTable } from './report.js';
import { markdown } from './table.js';

const DOCS = join(__dirname, '..', 'docs');
const PAGE = join(DOCS, 'benchmark.md');

/** Puts the figures into docs/benchmark.md, between its marks, and the chart beside it. */
export function writePage(environment: Environment, all: readonly Figures[]): void {
  const figures = all.map((each) => `### Node ${each.node}\n\n${tables(each).map(markdown).join('\n\n')}`);
  const targets = markdown(targetsTable(all)).trim();
  let page = readFileSync(PAGE, 'utf8');
  page = withGenerated(page, 'targets', `${environmentText(environment)}\n\n${targets}`);
  page = withGenerated(page, 'figures', figures.join('\n\n'));
  writeFileSync(PAGE, page);
  writeFileSync(join(DOCS, 'benchmark.svg'), chart(all));
}

/** The same for a terminal. */
export function pageText(environment: Environment, all: readonly Figures[]): string {
  return [
    environmentText(environment),
    ...all.flatMap((each) => [`## Node ${each.node}`, ...tables(each).map(markdown)]),
    markdown(targetsTable(all)),
  ].join('\n\n');
}
