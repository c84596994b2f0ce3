import type { Cell, Row } from '../cell.js';
import { aiSdk, openai } from '../clients.js';
import { bothOrders, OPENAI, type RowOptions, row } from './row.js';

function openTelemetry(
  line: '2.x' | '3.x',
  options: Pick<RowOptions, 'from'> & Pick<Cell, 'project'>,
): Row[] {
  const client = options.project === 'clients' ? openai(6) : OPENAI;
  const provider = line === '2.x' ? '`NodeTracerProvider`' : '`TracerProvider`';
  const inside = { order: 'before', load: 'code' } as const;
  return [
    ...bothOrders(`${line} \`NodeSDK\` beside`, { ...options, client, beside: 'opentelemetry' }),
    row(`${line} \`NodeSDK\`, \`pipeline: 'app'\``, {
      ...options,
      ...inside,
      client,
      beside: 'pipeline-app',
    }),
    row(`${line} ${provider} that samples nothing, \`pipeline: 'app'\``, {
      ...options,
      ...inside,
      client,
      beside: line === '2.x' ? 'provider-2' : 'provider-3',
    }),
    ...bothOrders(`${line} with \`auto-instrumentations-node\``, {
      ...options,
      project: options.project === 'clients' ? 'tracing' : options.project,
      client: OPENAI,
      beside: 'auto-instrumentations',
    }),
  ];
}

export const OPENTELEMETRY: Row[] = [
  ...openTelemetry('2.x', { project: 'clients' }),
  ...openTelemetry('3.x', { project: 'opentelemetry-3', from: 22 }),
  ...[5, 6, 7].map((version) =>
    row(`\`ai\` ${version} with its own telemetry, 2.x`, {
      client: aiSdk(version, 'telemetry'),
      beside: 'opentelemetry',
      order: 'before',
      from: version < 7 ? 20 : 22,
    }),
  ),
];

/** dd-trace traces the export of runs unless it is configured not to. */
const BLOCKED = 'with a `blocklist` for its `http` client';

export const OTHERS: Row[] = [
  ...bothOrders('`@sentry/node` 11', { client: OPENAI, project: 'tracing', beside: 'sentry' }),
  ...bothOrders('`dd-trace` 5', {
    client: OPENAI,
    project: 'tracing',
    beside: 'dd-trace5',
    note: BLOCKED,
  }),
  ...bothOrders('`dd-trace` 6', {
    client: OPENAI,
    project: 'tracing',
    beside: 'dd-trace',
    from: 22,
    note: BLOCKED,
  }),
];
