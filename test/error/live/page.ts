import { aligned, groupBy, withGenerated } from '../../support/generated-page.js';
import type { ClientName } from './clients.js';
import type { Observation } from './main.js';

/** The page with its tables made anew from what was observed. */
export function withLearned(page: string, observations: readonly Observation[]): string {
  const tables = [...groupBy(observations, ({ section }) => section)].map(([section, rows]) =>
    table(section, rows),
  );
  return withGenerated(page, 'learned', tables.join('\n\n'));
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
