import type { Beside, Cell, Row, Section } from './cell.js';
import {
  ANTHROPIC,
  afterInstallFetch,
  aiSdk,
  type Client,
  FETCH,
  google,
  inStep,
  NODE_HTTP,
  openai,
  throughDispatcher,
  undici,
  withRecordedFetch,
} from './clients.js';
import { type Host, type ModuleForm, REQUIRE_BANNER } from './program.js';

/** Varies with the version unless the row determines it, so that each application is tested with each. */
const BY_NODE: ReadonlyMap<string, Pick<Cell, 'form' | 'load'>> = new Map([
  ['20', { form: 'import', load: '--import' }],
  ['22', { form: 'require', load: '--require' }],
  ['24', { form: 'import', load: 'code' }],
  ['26', { form: 'require', load: '--import' }],
]);

export const NODES: readonly string[] = [...BY_NODE.keys()];

/** With the real package name, which other tracing looks for. */
const OPENAI = openai(6, 'openai');

const FORMS: readonly ModuleForm[] = ['import', 'require'];
const WRITTEN: Readonly<Record<ModuleForm, string>> = { import: 'an ES module', require: 'CommonJS' };

interface RowOptions extends Partial<Cell> {
  readonly client: Client;
  /** The lowest version of Node that the application supports. Default: 20. */
  readonly from?: number;
  readonly note?: string;
}

function row(name: string, { from = 20, note, ...differing }: RowOptions): Row {
  const usual = { project: 'clients', runner: 'node', host: 'process' } as const;
  const offered = [...BY_NODE].filter(([node]) => Number(node) >= from);
  const cells = new Map(
    offered.map(([node, { form, load }]) => {
      // Modules of `--require` are loaded before those of `--import`.
      const late = differing.order === 'before' && load === '--require' ? '--import' : load;
      return [node, { ...usual, form, load: late, ...differing }];
    }),
  );
  return { name, cells, ...(note === undefined ? {} : { note }) };
}

/** A row with `beside` started before recording and one after, which then starts by a flag. */
function bothOrders(name: string, options: RowOptions & { readonly beside: Beside }): Row[] {
  return [
    row(`${name}, started before it`, { ...options, order: 'before' }),
    row(`${name}, started after it`, { ...options, order: 'after', load: '--import' }),
  ];
}

const CLIENTS: Row[] = [
  row('`openai` 4', { client: openai(4), note: 'over `node:http`' }),
  row('`openai` 5', { client: openai(5) }),
  row('`openai` 6', { client: openai(6) }),
  row('`openai` 7', { client: openai(7), from: 22 }),
  row('`@anthropic-ai/sdk` 1', { client: ANTHROPIC }),
  row('`@google/genai` 2', { client: google(2) }),
  row('`@google/genai` 3', { client: google(3), from: 22 }),
  row('`ai` 5', { client: aiSdk(5) }),
  row('`ai` 6', { client: aiSdk(6) }),
  row('`ai` 7', { client: aiSdk(7), from: 22 }),
  row('`fetch` of Node', { client: FETCH }),
  row('`node:http`', { client: NODE_HTTP, note: 'and clients based on it, such as axios' }),
];

const UNDICI: Row[] = [6, 7, 8].flatMap((version) => {
  const from = version < 8 ? 20 : 22;
  return [
    row(`\`undici\` ${version}: its own \`fetch\` and \`request\``, { client: undici(version), from }),
    row(`\`undici\` ${version}: its \`Agent\` as global dispatcher, \`openai\` 6`, {
      client: throughDispatcher(openai(6), version),
      from,
    }),
  ];
});

const STARTS: Row[] = FORMS.flatMap((form) => [
  row(`\`--import\`, ${WRITTEN[form]}`, { client: openai(6), form, load: '--import' }),
  row(`\`--require\`, ${WRITTEN[form]}`, { client: openai(6), form, load: '--require' }),
  row(`\`startChatDebug\`, ${WRITTEN[form]}`, { client: openai(6), form, load: 'code' }),
]);

const BANNER = 'with the `--banner:js` above';

const RUNS_TEXT = `With \`openai\` 6. Next.js and other frameworks have tests of their own: [frameworks](frameworks.md).

An ES module built by esbuild has no \`require\`, which this package needs. Add it with \`${REQUIRE_BANNER}\`. A worker thread inherits \`--import\`. With \`startChatDebug\`, each thread starts the package itself.`;

const RUNS: Row[] = FORMS.flatMap((form) => {
  const client = openai(6);
  const hosted = (host: Host, load: Cell['load']) =>
    row(`a ${host}, ${WRITTEN[form]}, ${load === 'code' ? '`startChatDebug`' : `\`${load}\``}`, {
      client,
      form,
      host,
      load,
    });
  return [
    row(`\`tsx\`, ${WRITTEN[form]}`, { client, form, runner: 'tsx', load: '--import' }),
    row(`esbuild, all in one file, ${WRITTEN[form]}`, {
      client,
      form,
      runner: 'bundled',
      load: 'code',
      ...(form === 'import' ? { note: BANNER } : {}),
    }),
    row(`esbuild, \`--packages=external\`, ${WRITTEN[form]}`, {
      client,
      form,
      runner: 'bundled, packages external',
      load: '--import',
    }),
    hosted('worker thread', '--import'),
    hosted('worker thread', 'code'),
    hosted('cluster worker', '--import'),
    hosted('cluster worker', 'code'),
  ];
});

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

const OPENTELEMETRY: Row[] = [
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

/** By default dd-trace traces the export of runs. */
const BLOCKED = 'with a `blocklist` for its `http` client';

const OTHERS: Row[] = [
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

function onRuntimes(name: string, client: Client, note: string): Row {
  const cell = (runner: 'bun' | 'deno', form: ModuleForm): Cell => ({
    project: 'runtimes',
    client,
    form,
    load: 'code',
    runner,
    host: 'process',
  });
  return {
    name,
    note,
    cells: new Map([
      ['Bun', cell('bun', 'import')],
      ['Deno', cell('deno', 'require')],
    ]),
  };
}

const RUNTIMES: Row[] = [
  onRuntimes('`openai` 6 with `fetch: recordedFetch(fetch)`', withRecordedFetch(OPENAI), ''),
  onRuntimes('its own `fetch` after `installFetch()`', afterInstallFetch(FETCH), ''),
  onRuntimes(
    'its own `fetch`, and SDKs on it',
    OPENAI,
    'data passed to `withRun`, `withStep` and `wrapModel` are recorded',
  ),
  onRuntimes('its own `fetch`, in `withStep`', inStep(FETCH), 'steps without attempts'),
  onRuntimes('`node:http`, and clients on it', NODE_HTTP, ''),
];

/** The tables of the page, in order. */
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
