import { aligned, groupBy, withGenerated } from '../../support/generated-page.js';
import type { ClientName } from './clients.js';
import type { Observation } from './main.js';

/** The pages in `docs/` with their sections. `undefined` is the section of transport errors and aborts. */
export const PAGES: ReadonlyMap<string, readonly (string | undefined)[]> = new Map([
  ['error-kinds-providers.md', [undefined, 'OpenAI', 'OpenAI, in a stream', 'Anthropic', 'Google']],
  [
    'error-kinds-gateways.md',
    [
      'Azure OpenAI',
      'AWS Bedrock',
      'OpenRouter',
      'OpenRouter, in a stream',
      'Vercel AI Gateway',
      'OpenAI-compatible servers and their proxies',
    ],
  ],
]);

/** The page with the tables of these sections generated from the observations. */
export function withLearned(
  page: string,
  sections: readonly (string | undefined)[],
  observations: readonly Observation[],
): string {
  const bySection = groupBy(observations, ({ section }) => section);
  const tables = sections.map((section) => table(section, bySection.get(section) ?? []));
  return withGenerated(page, 'learned', tables.join('\n\n'));
}

function table(section: string | undefined, rows: readonly Observation[]): string {
  const clients = [...new Set(rows.map(({ client }) => client))];
  const heads = section === undefined ? ['Event'] : ['Response', 'Status'];
  const lines = [...groupBy(rows, ({ name }) => name)].map(([name, found]) => {
    const cells = section === undefined ? [name] : [name, statusOf(found)];
    return [...cells, ...outcomes(found)];
  });
  return [
    `### ${section ?? 'Transport errors and aborts'}`,
    '',
    `Tested with ${clients.map(label).join(', ')}.`,
    '',
    ...aligned([[...heads, 'Kind', 'Except'], ...lines]),
  ].join('\n');
}

/** The outcome of most clients, and the clients that differ. */
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
