import { CaseError } from '../../src/case/format.js';
import { findKeptRun } from '../../src/cli/kept-runs.js';
import { until } from '../backends/support/until.js';
import { CLIENT_NAMES, SOME_CLIENTS } from '../outcomes/clients.js';
import type { Play } from './played.js';
import { roundTrips, type Store } from './round-trip.js';

process.on('unhandledRejection', () => {});

/** A Jaeger behind an OTLP endpoint. A run takes a while to be found there. */
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

/** Prints a line of round trips for each play, with `all` clients or some, through files or a Jaeger. */
async function main([plays = '', clients, endpoint, query]: readonly string[]): Promise<void> {
  const store = endpoint === undefined || query === undefined ? undefined : jaeger(endpoint, query);
  const names = clients === 'all' ? CLIENT_NAMES : SOME_CLIENTS;
  const lines: string[] = [];
  for (const { mode, set } of JSON.parse(plays) as Play[])
    lines.push(`${JSON.stringify(await roundTrips(mode, set, names, store))}\n`);
  // Only when the output is written: interrupted clients keep the process alive.
  process.stdout.write(lines.join(''), () => process.exit());
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
