import { aligned, groupBy, withGenerated } from '../support/generated-page.js';
import type { ClientName } from './clients.js';
import type { CallSeen } from './main.js';

/** One call of one client, and its recording. */
export type Row = Omit<CallSeen, 'seen'>;

const CALLS = { generate: 'non-streaming', stream: 'streaming' } as const;

/** The page with its table generated from the recorded calls. */
export function withOutcomes(page: string, calls: readonly Row[]): string {
  const full = calls.filter(({ mode }) => mode === 'full');
  const rows = [...groupBy(full, ({ scenario }) => scenario)].map(([scenario, found]) => {
    const kept = calls.filter((one) => one.mode === 'errors' && one.scenario === scenario);
    return [scenario, ...outcomes(found), errorsMode(kept)];
  });
  return withGenerated(page, 'outcomes', aligned([HEAD, ...rows]).join('\n'));
}

const HEAD = ['Scenario', 'Call', 'Step and run', 'Attempts', 'Clients', 'Kept in errors mode'];

function outcomes(found: readonly Row[]): readonly string[] {
  const [outcome, ...others] = new Set(found.map(({ recorded }) => recorded.outcome));
  if (outcome === undefined || others.length > 0) throw new Error(`more than one outcome: ${others}`);
  const [status = '', attempts = ''] = outcome.split(': ');
  const operations = new Set(found.map(({ operation }) => CALLS[operation]));
  return [
    operations.size === 2 ? 'both' : [...operations].join(),
    status.replace(/ (\w+)$/, ' (`$1`)'),
    attempts,
    who(found),
  ];
}

const FAMILIES: readonly (readonly [name: string, prefix: string])[] = [
  ['`openai`', 'openai'],
  ['`@anthropic-ai/sdk`', '@anthropic-ai/sdk'],
  ['`@google/genai`', '@google/genai'],
  ['fetch', 'fetch'],
];

function who(found: readonly Row[]): string {
  const is = (client: ClientName, prefix: string) => client.startsWith(prefix);
  const seen = FAMILIES.filter(([, prefix]) => found.some(({ client }) => is(client, prefix)));
  return seen.length === FAMILIES.length ? 'all' : seen.map(([name]) => name).join(', ');
}

function errorsMode(found: readonly Row[]): string {
  return found.every(({ recorded }) => recorded.outcome === 'nothing') ? 'no' : 'yes';
}
