import type { CallsFigures, CallsRow } from './calls-case.js';
import type { Figures } from './figures.js';
import { figure } from './table.js';

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
 * What each variant adds to a call, as bars: one group for each sort of call, each with a scale of its own.
 *
 * @returns an SVG document
 */
export function chart(all: readonly Figures[]): string {
  const parts = [text(MARGIN, MARGIN + 14, 'Blue: this package. Grey: others, the floor, and the noise.')];
  let top = 2 * MARGIN;
  for (const { title, calls } of all.flatMap(groups)) {
    const rows = calls.rows.slice(1);
    parts.push(text(MARGIN, top + 28, `${title}: added CPU, µs a call`, 'class="title"'));
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
    '<title>What each variant adds to a call</title>',
    `<style>${STYLE}</style>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** Those that say the most: the rest stands in the tables. */
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
