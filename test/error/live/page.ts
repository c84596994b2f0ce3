import type { ClientName } from './clients.js';
import type { Observation } from './main.js';

const BEGIN = '<!-- learned: begin -->';
const END = '<!-- learned: end -->';

/** The page with its tables made anew from what was observed. */
export function withLearned(page: string, observations: readonly Observation[]): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`the page lacks ${BEGIN} or ${END}`);
  const tables = [...groupBy(observations, ({ section }) => section)].map(([section, rows]) =>
    table(section, rows),
  );
  return `${page.slice(0, begin + BEGIN.length)}\n\n${tables.join('\n\n')}\n\n${page.slice(end)}`;
}

function table(section: string | undefined, rows: readonly Observation[]): string {
  const clients = [...new Set(rows.map(({ client }) => client))];
  const heads = section === undefined ? ['What happens'] : ['Answer', 'Status'];
  const lines = [...groupBy(rows, ({ name }) => name)].map(([name, found]) => {
    const cells = section === undefined ? [name] : [name, statusOf(found)];
    return [...cells, ...outcomes(found)];
  });
  return [
    `### ${section ?? 'On the way, and by the caller'}`,
    '',
    `Seen with ${clients.map(label).join(', ')}.`,
    '',
    ...aligned([[...heads, 'Kind', 'Except'], ...lines]),
  ].join('\n');
}

/** As the formatter of this repository has it. */
function aligned([head = [], ...lines]: readonly (readonly string[])[]): string[] {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...lines].map((line) => line[column]?.length ?? 0)),
  );
  const row = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [row(head), row(widths.map((width) => '-'.repeat(width))), ...lines.map(row)];
}

/** What most clients make of it, and who does otherwise. */
function outcomes(found: readonly Observation[]): readonly [most: string, except: string] {
  const byOutcome = [...groupBy(found, outcomeOf)].sort(([, a], [, b]) => b.length - a.length);
  const [most, ...others] = byOutcome;
  const except = others.map(
    ([outcome, rows]) => `${rows.map(({ client }) => label(client)).join(', ')}: ${outcome}`,
  );
  return [most?.[0] ?? '', except.join('; ')];
}

export function outcomeOf({ observed }: Pick<Observation, 'observed'>): string {
  if (observed === undefined) return 'no error';
  const { kind, retryable } = observed.classification;
  return retryable ? `${kind}, retry` : kind;
}

function statusOf(found: readonly Observation[]): string {
  const status = found
    .map(({ observed }) => observed?.classification.statusCode)
    .find((it) => it !== undefined);
  return status === undefined ? 'in a stream' : String(status);
}

function label(client: ClientName): string {
  return client.startsWith('fetch')
    ? client
    : client
        .split(' + ')
        .map((name) => `\`${name}\``)
        .join(' + ');
}

function groupBy<K>(rows: readonly Observation[], key: (row: Observation) => K): Map<K, Observation[]> {
  const groups = new Map<K, Observation[]>();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  return groups;
}
