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
    text: 'The client alone, in an application that takes its turns in `withRun`.',
    columns: NODES,
    rows: CLIENTS,
  },
  { title: 'undici in the application', text: '', columns: NODES, rows: UNDICI },
  { title: 'How it is started', text: 'With `openai` 6.', columns: NODES, rows: STARTS },
  { title: 'How the application is built and run', text: RUNS_TEXT, columns: NODES, rows: RUNS },
  {
    title: 'OpenTelemetry in the application',
    text: "Beside it the runs are below the spans that were active; with `pipeline: 'app'` all go to its exporter. Its own spans are there once, none is of our own export. For 3.x: [own OpenTelemetry](own-opentelemetry.md#opentelemetry-3x).",
    columns: NODES,
    rows: OPENTELEMETRY,
  },
  {
    title: 'Sentry and Datadog',
    text: 'Their spans and headers are there once for each request, and none is of our own export. For dd-trace that is a request as any other, unless it is told to leave it out: [own OpenTelemetry](own-opentelemetry.md#beside-it-nothing-to-do).',
    columns: NODES,
    rows: OTHERS,
  },
  {
    title: 'Bun and Deno',
    text: 'Neither tells of its own `fetch`, and the start-up warning says so.',
    columns: ['Bun', 'Deno'],
    rows: RUNTIMES,
  },
];
