import type { Section } from './cell.js';
import { CLIENTS, UNDICI } from './rows/clients.js';
import { NODES } from './rows/row.js';
import { RUNS, RUNS_TEXT, STARTS } from './rows/runs.js';
import { RUNTIMES } from './rows/runtimes.js';
import { OPENTELEMETRY, OTHERS } from './rows/tracing.js';

/** The page, from its first table to its last. */
export const SECTIONS: readonly Section[] = [
  {
    title: 'Clients',
    text: 'The client alone, in an application that uses `withRun`.',
    columns: NODES,
    rows: CLIENTS,
  },
  { title: 'undici in the application', text: '', columns: NODES, rows: UNDICI },
  { title: 'How it is started', text: 'With `openai` 6.', columns: NODES, rows: STARTS },
  { title: 'How the application is built and run', text: RUNS_TEXT, columns: NODES, rows: RUNS },
  {
    title: 'OpenTelemetry in the application',
    text: "With `pipeline: 'own'` the runs are children of the active spans. With `pipeline: 'app'` all spans go to the application's exporter. Each of its own spans is exported once, and none is of our export. For 3.x see [your own OpenTelemetry](own-opentelemetry.md#opentelemetry-3x).",
    columns: NODES,
    rows: OPENTELEMETRY,
  },
  {
    title: 'Sentry and Datadog',
    text: 'Each request has their spans and headers once. dd-trace also traces the export of this package, unless a `blocklist` [excludes it](own-opentelemetry.md#beside-your-tracing).',
    columns: NODES,
    rows: OTHERS,
  },
  {
    title: 'Bun and Deno',
    text: "Their own `fetch` is not observable, and a warning at start-up reports that. Pass `recordedFetch(fetch)` to the clients, or call `installFetch()`: [clients](clients.md#bun-and-deno). [Cloudflare Workers](edge.md#cloudflare-workers) and [Vercel's Edge Runtime](edge.md#vercels-edge-runtime) have entry points of their own, which `npm run test:runtimes` tests with `workerd` and `edge-runtime`.",
    columns: ['Bun', 'Deno'],
    rows: RUNTIMES,
  },
];
