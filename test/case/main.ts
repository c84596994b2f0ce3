import { CaseError } from '../../src/case/format.js';
import { findKeptRun } from '../../src/cli/kept-runs.js';
import { until } from '../backends/support/until.js';
import { CLIENT_NAMES, type ClientName } from '../outcomes/clients.js';
import { type Mode, roundTrips, type Store } from './round-trip.js';

process.on('unhandledRejection', () => {});

/** One for each way in which a client speaks. */
const SOME: readonly ClientName[] = [
  'openai, chat',
  '@anthropic-ai/sdk',
  '@google/genai',
  "fetch (Node's own)",
];

/** A Jaeger behind an OTLP endpoint; it takes a while until a run is found there. */
function jaeger(endpoint: string, query: string): Store {
  const source = { from: 'jaeger', url: query, service: undefined, headers: {} };
  const notYet = (error: unknown): undefined => {
    if (!(error instanceof CaseError)) throw error;
  };
  return {
    endpoint,
    find: (runId) =>
      until(() => findKeptRun(runId, undefined, source).catch(notYet), `run ${runId} in Jaeger`),
  };
}

/** Prints a line for each round trip: of this mode and this set, `all` clients or some, through files or a Jaeger. */
async function main([mode, set, clients, endpoint, query]: readonly string[]): Promise<void> {
  const store = endpoint === undefined || query === undefined ? undefined : jaeger(endpoint, query);
  const names = clients === 'all' ? CLIENT_NAMES : SOME;
  const trips = await roundTrips(mode as Mode, set as 'quick', names, store);
  const lines = trips.map((trip) => `${JSON.stringify(trip)}\n`);
  // Not before all of it is out: clients that were left in the middle keep the process alive.
  process.stdout.write(lines.join(''), () => process.exit());
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
