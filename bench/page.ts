import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withGenerated } from '../test/support/generated-page.js';
import { chart } from './chart.js';
import { type Environment, environmentText } from './environment.js';
import type { Report } from './report.js';

const DOCS = join(__dirname, '..', 'docs');
const PAGE = join(DOCS, 'benchmark.md');

/** Puts the figures into docs/benchmark.md, between its two marks, and the chart beside it. */
export function writePage(environment: Environment, reports: readonly Report[]): void {
  const tables = reports.map(({ text }) => `\`\`\`text\n${text}\n\`\`\``);
  const figures = [environmentText(environment), ...tables].join('\n\n');
  writeFileSync(PAGE, withGenerated(readFileSync(PAGE, 'utf8'), 'figures', figures));
  writeFileSync(join(DOCS, 'benchmark.svg'), chart(reports));
}
