import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withGenerated } from '../test/support/generated-page.js';
import type { CallsFigures, CallsRow } from './calls-case.js';
import { type Environment, environmentText } from './environment.js';
import { type Figures, figure, markdown } from './figures.js';
import { summaryTable, tables, targetsTable } from './report.js';

const DOCS = join(__dirname, '..', 'docs');
const PAGE = join(DOCS, 'benchmark.md');

/**
 * Writes the summary and the targets into docs/benchmark.md, the chart beside it, and all figures of each Node.js
 * version into a page of its own.
 */
export function writePages(environment: Environment, all: readonly Figures[]): void {
  let page = readFileSync(PAGE, 'utf8');
  page = withGenerated(page, 'summary', markdown(summaryTable(all)));
  page = withGenerated(page, 'environment', environmentText(environment));
  page = withGenerated(page, 'targets', markdown(targetsTable(all)));
  writeFileSync(PAGE, page);
  for (const figures of all) writeFileSync(join(DOCS, figuresPageName(figures)), figuresPage(figures));
  writeFileSync(join(DOCS, 'benchmark.svg'), chart(all));
}

const figuresPageName = ({ node }: Figures): string => `benchmark-node-${node.split('.')[0]}.md`;

function figuresPage(figures: Figures): string {
  const intro =
    'This page is for readers who want the complete results of the [benchmark](benchmark.md) on one version of ' +
    'Node.js. [Method](benchmark-method.md) explains the rows and columns. `npm run bench -- --write` generates this page.';
  return `${[`# Benchmark on Node ${figures.node}`, intro, ...tables(figures).map(markdown)].join('\n\n')}\n`;
}

/** The same for a terminal. */
export function pageText(environment: Environment, all: readonly Figures[]): string {
  return [
    environmentText(environment),
    ...all.flatMap((each) => [`## Node ${each.node}`, ...tables(each).map(markdown)]),
    markdown(targetsTable(all)),
  ].join('\n\n');
}

const WIDTH = 820;
const LABELS = 370;
const FIGURES = 90;
const BARS = WIDTH - LABELS - FIGURES;
const LINE = 22;
const TITLE = 44;
const MARGIN = 12;

/** Readable on light and on dark ground, also where the media query is not understood. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #6b7280 }
  .title { font-weight: 600 }
  .ours { fill: #2f81f7 }
  .other { fill: #8b949e }
  @media (prefers-color-scheme: dark) { text { fill: #adb5bd } }
`;

/**
 * Draws the CPU time that each variant adds to a call as bars, one group with its own scale per kind of call.
 *
 * @returns an SVG document
 */
function chart(all: readonly Figures[]): string {
  const parts = [
    text(MARGIN, MARGIN + 14, 'Blue: this package. Grey: alternatives, the floor and the noise.'),
  ];
  let top = 2 * MARGIN;
  for (const { title, calls } of all.flatMap(groups)) {
    const rows = calls.rows.slice(1);
    parts.push(text(MARGIN, top + 28, `${title}: added CPU, µs per call`, 'class="title"'));
    top += TITLE;
    const most = Math.max(1, ...rows.map(({ addedMicros }) => addedMicros.median));
    for (const row of rows) {
      parts.push(bar(row, top, most));
      top += LINE;
    }
    top += MARGIN;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" width="${WIDTH}" height="${top}" role="img">`,
    '<title>CPU time that each variant adds to a call</title>',
    `<style>${STYLE}</style>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** The most important figures. The tables have the rest. */
function groups({ node, json, stream }: Figures): { title: string; calls: CallsFigures }[] {
  return [json, stream].flatMap((calls) =>
    calls === undefined ? [] : [{ title: `Node ${node}, ${calls.title}`, calls }],
  );
}

function bar({ label, sends, loaded, addedMicros }: CallsRow, top: number, most: number): string {
  const added = addedMicros.median;
  const width = Math.max(1, Math.round((BARS * added) / most));
  const name = loaded === 'rival' ? `${label} (${sends})` : label;
  const kind = loaded === 'ours' ? 'ours' : 'other';
  const base = top + LINE / 2;
  return [
    text(LABELS - 8, base + 5, name, 'text-anchor="end"'),
    `<rect class="${kind}" x="${LABELS}" y="${base - 7}" width="${width}" height="14" rx="2"/>`,
    text(LABELS + width + 6, base + 5, figure(added, 0)),
  ].join('');
}

function text(x: number, y: number, words: string, attributes = ''): string {
  const escaped = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}" ${attributes}>${escaped}</text>`;
}
